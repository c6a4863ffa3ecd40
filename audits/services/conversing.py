"""Conversations held for an audit, or why there was none."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audits.choices import ConversationMode, ConversationOutcome, ConversationWith
from audits.models import Audit, Conversation
from audits.services.saving import hold_for_filling, one_line_end
from core.history.services import record


def save_conversation(
    *,
    audit: Audit,
    by: Any,
    with_whom: str,
    outcome: str,
    mode: str,
    held_on: date | None,
    reason: str,
    what_they_said: str,
    conversation: Conversation | None = None,
) -> Conversation:
    """Write down a conversation, or why there was none; `conversation` is one to change.

    Raises ValidationError by field: one that was held needs its date, one that was not its reason.
    """
    wrong = {}
    if with_whom not in ConversationWith.values:
        wrong["with_whom"] = "Choose with whom the conversation was"
    if outcome not in ConversationOutcome.values:
        wrong["outcome"] = "Choose whether the conversation took place"
    if mode and mode not in ConversationMode.values:
        wrong["mode"] = "Choose how the conversation took place"
    if outcome == ConversationOutcome.DONE:
        if held_on is None:
            wrong["held_on"] = "Enter the date of the conversation"
        elif held_on > timezone.localdate():
            wrong["held_on"] = "The date of the conversation must be today or earlier"
    elif not reason.strip():
        wrong["reason"] = "Say why the conversation did not take place"
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        held = hold_for_filling(audit=audit, by=by)
        if conversation is None:
            row, verb = Conversation(audit=held), "recorded a conversation"
        else:
            row, verb = held.conversations.get(pk=conversation.pk), "changed a conversation"
        row.with_whom, row.outcome, row.mode, row.held_on = with_whom, outcome, mode, held_on
        row.reason, row.what_they_said = one_line_end(text=reason), one_line_end(text=what_they_said)
        row.save()
        record(by=by, verb=verb, record=row, values={"with_whom": with_whom, "outcome": outcome})
    return row


def remove_conversation(*, conversation: Conversation, by: Any) -> None:
    """Take a conversation off the audit again. Raises NotAllowed and IllegalMove as every save does."""
    with transaction.atomic():
        held = hold_for_filling(audit=conversation.audit, by=by)
        row = held.conversations.filter(pk=conversation.pk).first()
        if row is None:
            return
        record(by=by, verb="removed a conversation", record=row, values={"with_whom": row.with_whom})
        row.delete()
