"""The steps of a clock are told once: whoever looks at a clock asks here before it tells anybody."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.notifications.models import ToldStep


def tell_once(*, clock: str, object_id: uuid.UUID, step: str, due: str, tell: Callable[[], int]) -> bool:
    """Tell one step of one clock, unless it was told before. True if it was told just now.

    `clock` and `object_id` name the clock, `due` the end that it has at present: a clock that was moved tells its
    steps anew. `tell` stores the notices and returns how many; it runs in the transaction that keeps the step, so
    that two sweeps at once tell it once and a sweep that dies tells it later.
    """
    if ToldStep.objects.filter(clock=clock, object_id=object_id, step=step, due=due).exists():
        return False
    try:
        with transaction.atomic():
            row = ToldStep.objects.create(clock=clock, object_id=object_id, step=step, due=due, at=timezone.now())
            row.told = tell()
            row.save(update_fields=["told"])
    except IntegrityError:  # another sweep told it in this moment
        return False
    return True
