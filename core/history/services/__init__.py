"""The trail: writing it inside the transaction of the change itself, signing its end, and checking it."""

from core.history.services.chain import access_values, digest, event_values, link_hash
from core.history.services.signing import SignedLine, kept_outside, sign_heads
from core.history.services.verifying import TRAILS, Fault, Report, check_trail, verify
from core.history.services.writing import Entry, actor_id, record, record_access, record_many

__all__ = [
    "TRAILS",
    "Entry",
    "Fault",
    "Report",
    "SignedLine",
    "access_values",
    "actor_id",
    "check_trail",
    "digest",
    "event_values",
    "kept_outside",
    "link_hash",
    "record",
    "record_access",
    "record_many",
    "sign_heads",
    "verify",
]
