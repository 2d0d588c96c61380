"""Words for the state of a negotiation, for one of its sides."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from negotiation.records import NegotiationRecord
from negotiation.rules.negotiation_state import Side

TAGS = {"accepted": "tag--success", "declined": "tag--danger"}


def state_words(record: NegotiationRecord, side: Side) -> str:
    """Says in two or three words what a negotiation waits for, or how it ended."""
    if record.status == "open":
        return _open_words(record, side)
    if record.status == "accepted":
        return _agreed_words(record)
    return {
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Expired"),
        "superseded": _("Overtaken"),
        "closed": _("Closed"),
    }[record.status]


def _open_words(record: NegotiationRecord, side: Side) -> str:
    if record.haggle.turn is None:
        return _("Question")
    return _("Your turn") if record.haggle.turn == side else _("Their turn")


def _agreed_words(record: NegotiationRecord) -> str:
    if record.shown.booking_status == "cancelled":
        return _("Agreed, then cancelled")
    return _("Agreed, to be paid") if record.shown.payment_status in ("due", "processing") else _("Agreed and settled")


def state_tag(record: NegotiationRecord, side: Side) -> str:
    """The colour of those words."""
    if record.status == "open":
        return f"tag--{side}" if record.haggle.turn == side else ""
    return TAGS.get(record.status, "")


def duration_words(seconds: int) -> str:
    """`86400` -> `24 hours`."""
    if seconds >= 3600:
        return ngettext("%(n)s hour", "%(n)s hours", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)s minute", "%(n)s minutes", max(1, seconds // 60)) % {"n": max(1, seconds // 60)}
