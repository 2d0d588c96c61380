"""What users are told outside of any negotiation: the name of their topic and the frames pushed into it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.clock import stamp

# Every kind of notification, in the order of the preferences page.
NOTIFICATION_KINDS = (
    "negotiation.opened",
    "offer.made",
    "offer.accepted",
    "offer.declined",
    "offer.withdrawn",
    "offer.extended",
    "offer.expiring",
    "offer.expired",
    "negotiation.closed",
    "negotiation.superseded",
    "message.sent",
    "limit.sealed",
    "limit.unsealed",
    "limit.missed",
    "list.lowered",
    "dates.free",
    "booking.requested",
    "booking.confirmed",
    "booking.rejected",
    "booking.cancelled",
    "booking.expired",
    "booking.change_proposed",
    "booking.change_accepted",
    "booking.change_ended",
    "booking.changed",
    "booking.paid",
    "booking.refunded",
    "booking.refund_failed",
    "booking.disputed",
    "payment.failed",
    "calendar.conflict",
    "calendar.failed",
    "review.written",
    "document.approved",
    "document.rejected",
    "export.ready",
    "report.decided",
    "report.warned",
)


def user_topic(user_id: int) -> str:
    """The topic of every live socket of one user."""
    return f"user:{user_id}"


def notification_frame(
    *,
    id: int,
    kind: str,
    title: str,
    at: datetime,
    negotiation_id: int | None = None,
    booking_id: int | None = None,
    property_id: int | None = None,
    read: bool = False,
) -> dict[str, Any]:
    """The pushed form of a notification; the REST list shows the same object without `type`."""
    return {
        "type": "notification",
        "id": id,
        "kind": kind,
        "title": title,
        "negotiation": negotiation_id,
        "booking": booking_id,
        "property": property_id,
        "at": stamp(at),
        "read": read,
    }


def target_of(*, kind: str, negotiation_id: int | None, booking_id: int | None, property_id: int | None) -> str:
    """The path of the page that a notification leads to. Those of floors above are named here; docs/web.md lists the pages."""
    if kind.startswith("calendar.") and property_id:
        return f"/hosting/{property_id}/calendar/"
    if booking_id and not property_id:
        # Only staff are told of a booking without its property: it is not theirs.
        return f"/admin/bookings/booking/{booking_id}/change/"
    pages = (("inbox", negotiation_id), ("bookings", booking_id), ("homes", property_id))
    return next((f"/{page}/{id}/" for page, id in pages if id), "/notifications/")


def unread_frame(unread: int) -> dict[str, Any]:
    """Tells a user's other tabs how many notifications are unread."""
    return {"type": "unread", "unread": unread}
