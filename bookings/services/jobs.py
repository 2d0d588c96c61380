"""The clock's jobs of bookings. Each does a bounded amount, and any number of them may run at once: a property that another
transaction has locked is left for the next run."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from bookings.models import Booking
from bookings.rules.deadlines import PROCESSING_GRACE
from bookings.rules.states import UNPAID
from bookings.services.changing import expire_changes
from bookings.services.comparing import compare_daily
from bookings.services.locking import lock_booking
from bookings.services.rating import count_shown_reviews
from bookings.services.reconciling import reconcile_payments, reconcile_refunds
from bookings.services.transitions import catch_up
from core.errors import DomainError
from core.jobs import Job

AT_ONCE = 200
# A running payment carries a deadline further; GREATEST ignores the NULL of a booking without one.
_RUNS_UNTIL = F("processing_since") + PROCESSING_GRACE


def expire_holds(now: datetime) -> int:
    """Expires reservations whose time is over."""
    ends = Greatest("hold_expires_at", _RUNS_UNTIL)
    return _pass(
        Booking.objects.alias(ends=ends).filter(status="pending", hold_expires_at__lte=now, ends__lte=now), now
    )


def cancel_unpaid(now: datetime) -> int:
    """Cancels agreed stays that were not paid in time."""
    ends = Greatest("pay_by", _RUNS_UNTIL)
    unpaid = Q(status="confirmed", payment_status__in=UNPAID, pay_by__lte=now)
    return _pass(Booking.objects.alias(ends=ends).filter(unpaid, ends__lte=now), now)


def complete_stays(now: datetime) -> int:
    """Completes stays that are over."""
    return _pass(Booking.objects.filter(status="confirmed", check_out_at__lte=now), now)


def _pass(bookings: QuerySet[Booking], now: datetime) -> int:
    ids = list(bookings.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_catch_up(booking_id, now) for booking_id in ids)


def _catch_up(booking_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return catch_up(lock_booking(booking_id, skip_locked=True), now)
    except DomainError:
        return False


TICK_JOBS: dict[str, Job] = {
    "bookings.expire_holds": expire_holds,
    "bookings.cancel_unpaid": cancel_unpaid,
    "bookings.complete_stays": complete_stays,
    "bookings.show_reviews": count_shown_reviews,
    "bookings.expire_changes": expire_changes,
    "bookings.payments": reconcile_payments,
    "bookings.refunds": reconcile_refunds,
}
DAILY_JOBS: dict[str, Job] = {"bookings.compare_books": compare_daily}
