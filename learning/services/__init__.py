"""What happens: the month's summary is built; panels meet, decide and look back."""

from learning.services.summaries import build_summary, live_content, request_summary

__all__ = ["build_summary", "live_content", "request_summary"]
