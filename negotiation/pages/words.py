"""How the state of a haggle reads to one of its sides."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from negotiation.rules.negotiation_state import Side
from negotiation.selectors.snapshots import View

TAGS = {"accepted": "tag--success", "declined": "tag--danger"}


def state_words(view: View, side: Side) -> str:
    """In two or three words, what a room waits for or how it ended."""
    if view.status == "open":
        return _open_words(view, side)
    if view.status == "accepted":
        return _agreed_words(view)
    return {
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "expired": _("Expired"),
        "superseded": _("Overtaken"),
        "closed": _("Closed"),
    }[view.status]


def _open_words(view: View, side: Side) -> str:
    if view.turn is None:
        return _("Question")
    return _("Your turn") if view.turn == side else _("Their turn")


def _agreed_words(view: View) -> str:
    if view.booking_status == "cancelled":
        return _("Agreed, then cancelled")
    return _("Agreed, to be paid") if view.payment_status in ("due", "processing") else _("Agreed and settled")


def state_tag(view: View, side: Side) -> str:
    """The colour of those words."""
    if view.status == "open":
        return f"tag--{side}" if view.turn == side else ""
    return TAGS.get(view.status, "")


def duration_words(seconds: int) -> str:
    """`86400` -> `24 hours`."""
    if seconds >= 3600:
        return ngettext("%(n)s hour", "%(n)s hours", seconds // 3600) % {"n": seconds // 3600}
    return ngettext("%(n)s minute", "%(n)s minutes", max(1, seconds // 60)) % {"n": max(1, seconds // 60)}
