"""Lists open matters of money: refunds that are owed, payments without an answer, books that differ."""

from __future__ import annotations

from datetime import datetime

from bookings.models import Discrepancy, Payment
from bookings.selectors.refunds import OWED_AFTER, refunds_owed


def list_open(now: datetime) -> list[str]:
    """One line for each, for the operator."""
    owed = refunds_owed(now).select_related("payment").order_by("pk")
    asked = Payment.objects.filter(check_at__isnull=False, created_at__lte=now - OWED_AFTER)
    unknown = asked.exclude(status=Payment.Status.REQUIRES_ACTION)
    return [
        *(
            f"refund {r.pk} of booking {r.booking_id}: {r.amount} {r.payment.currency} owed, refused {r.tries} times"
            f"{f' ({r.failure})' if r.failure else ''}"
            for r in owed
        ),
        *(
            f"payment {p.pk} of booking {p.booking_id}: {p.amount} {p.currency}, {p.status}, the gateway's word is missing"
            for p in unknown.order_by("pk")
        ),
        *(f"{d.gateway}, {d.subject}: {d.text}" for d in Discrepancy.objects.filter(closed_at=None).order_by("pk")),
    ]
