"""Pages of lists that may be very long."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

# To count a million rows takes longer than to show fifty. Nobody turns forty pages; whoever would should narrow.
COUNTED = 2000


class LongListPaginator(Paginator):
    """A paginator that counts no further than COUNTED rows; `goes_on` says that there are more than it counts."""

    @cached_property
    def _found(self) -> int:
        rows = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[: COUNTED + 1].count()
        return len(rows)

    @property
    def goes_on(self) -> bool:
        """Whether the list is longer than `count` says."""
        return self._found > COUNTED

    @property
    def count(self) -> int:
        """How many rows there are, COUNTED at most."""
        return min(self._found, COUNTED)


def list_as_left(address: str, carried: str) -> str:
    """The address of a list with the filters, order and page that the reader had; `carried` is its query."""
    return f"{address}?{carried}" if carried else address
