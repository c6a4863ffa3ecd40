"""What the pages and files of the panel print, as frozen objects."""

from learning.selectors.summaries import PanelSummaryContent, content_of, what_changed

__all__ = ["PanelSummaryContent", "content_of", "what_changed"]
