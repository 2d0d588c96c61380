"""A change of a stay in the words of its pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from bookings.pages.booking_view import Shown
from bookings.selectors.changes import change_body, get_open_change


def change_words(payment_status: str, quoted: dict[str, Any]) -> dict[str, Any]:
    """What a change means in money: `tone` is more, less or same; `sum` without a sign."""
    difference = str(quoted["difference"])
    amount = difference.lstrip("-")
    tone = "less" if difference.startswith("-") else "more" if amount.strip("0.") else "same"
    return {"tone": tone, "sum": amount, "is_paid": payment_status == "paid"}


def shown_change(shown: Shown) -> dict[str, Any] | None:
    """The open change of a booking, with what its viewer may do; None where there is none."""
    found = get_open_change(shown.booking.pk, shown.now)
    if found is None:
        return None
    body = change_body(found, shown.now)
    own = found.by == shown.side
    return body | change_words(shown.booking.payment_status, body) | {
        "own": own,
        "start": date.fromisoformat(body["start_date"]),
        "end": date.fromisoformat(body["end_date"]),
        "until": body["pay_by"] if found.status == "accepted" else body["expires_at"],
        "pays": found.status == "accepted" and shown.side == "guest",
        "key": uuid4().hex,
    }  # fmt: skip
