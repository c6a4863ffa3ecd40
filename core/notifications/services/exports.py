"""Telling a person that a file which was made for them can be fetched. The notice names neither file nor figure."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from core.jobs.models import ExportFile
from core.jobs.services import JobRun, handles
from core.notifications.services.telling import notify


def may_fetch(user: Any, key: uuid.UUID) -> bool:
    """Whether the file was made for this person; what they may see is asked again when they fetch it."""
    return ExportFile.objects.visible_to(user).filter(pk=key).exists()


@handles("tell_of_export", title="Tell somebody that a file is ready")
def tell_of_export(run: JobRun, *, export_id: str) -> None:
    """Tell the owner of a file that it is ready, once."""
    key = uuid.UUID(export_id)
    export = ExportFile.objects.filter(pk=key).listed().first()
    if export is None:
        return
    owner = get_user_model()._default_manager.get(pk=export.owner_id)
    with run.completing():
        notify(
            people=[owner], kind="export_ready", event=export_id, object_id=key,
            link=reverse("jobs:export", args=[key]),
        )  # fmt: skip
