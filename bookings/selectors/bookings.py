"""A party's bookings: one with permission, lists, and what two parties may know of each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from bookings.models import Booking, Payment
from bookings.rules.deadlines import PROCESSING_GRACE
from bookings.rules.states import ACTIVE, UNPAID
from bookings.selectors.details import Absolute, get_booking_details
from core.errors import not_found


def access_booking(booking_id: int, *, user_id: int) -> Booking:
    """The booking, for one of its two parties. Raises `not_found` for other users."""
    found = Booking.objects.select_related("property", "guest", "host").filter(pk=booking_id).first()
    if found is None or user_id not in (found.guest_id, found.host_id):
        raise not_found()
    return found


def access_details(booking_id: int, *, user_id: int, now: datetime, absolute: Absolute = str) -> dict[str, Any]:
    """The `booking_details` object, for one of the two parties. Raises `not_found` for other users."""
    found = get_booking_details([booking_id], now=now, absolute=absolute)
    if not found or user_id not in (found[0]["guest_id"], found[0]["host_id"]):
        raise not_found()
    return found[0]


def list_booking_ids(
    *, user_id: int, side: str, now: datetime, limit: int, before: int | None = None, past: bool = False
) -> list[int]:
    """A side's bookings, newest first: pending and confirmed ones that are not over by `now`, with `past` all."""
    rows = Booking.objects.filter(**{f"{side}_id": user_id})
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if not past:
        rows = rows.alias(
            hold_ends=Greatest("hold_expires_at", F("processing_since") + PROCESSING_GRACE),
            unpaid_until=Greatest("pay_by", F("processing_since") + PROCESSING_GRACE),
        ).filter(_pending_at(now) | _confirmed_at(now))
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:limit])


def _pending_at(now: datetime) -> Q:
    return Q(status="pending", hold_ends__gt=now)


def _confirmed_at(now: datetime) -> Q:
    in_time = ~Q(payment_status__in=UNPAID) | Q(unpaid_until__gt=now)
    return Q(status="confirmed", check_out_at__gt=now) & in_time


def list_upcoming(
    *, user_id: int, side: str, now: datetime, limit: int, before: int | None, past: bool, absolute: Absolute = str
) -> list[dict[str, Any]]:
    """`upcoming_bookings`: details of a side's bookings, each with its `check_in` and `check_out` days."""
    ids = list_booking_ids(user_id=user_id, side=side, now=now, limit=limit, before=before, past=past)
    details = get_booking_details(ids, now=now, absolute=absolute)
    return [row | {"check_in": row["start_date"], "check_out": row["end_date"]} for row in details]


def access_payments(
    booking_id: int, *, user_id: int, limit: int | None = None, before: int | None = None
) -> list[Payment]:
    """A booking's payments, newest first, for its two parties; only the guest sees the address of an action."""
    booking = access_booking(booking_id, user_id=user_id)
    found = Payment.objects.filter(booking=booking).prefetch_related("refunds").order_by("-pk")
    rows = list((found if before is None else found.filter(pk__lt=before))[:limit])
    if user_id != booking.guest_id:
        for row in rows:
            row.action_url = ""
    return rows


def access_payment(booking_id: int, payment_id: int, *, user_id: int) -> Payment:
    """One payment, as `access_payments` has it. Raises `not_found`."""
    for row in access_payments(booking_id, user_id=user_id):
        if row.pk == payment_id:
            return row
    raise not_found()


def has_booked_with(*, guest_id: int, host_id: int) -> bool:
    """Whether a guest ever reserved or booked with a host."""
    return Booking.objects.filter(guest_id=guest_id, host_id=host_id).exists()


def trip_ids(user_id: int, side: str, *, past: bool, now: datetime) -> QuerySet[Booking, int]:
    """Ids of a side's stays: those to come with the next one first, with `past` all with the latest first.

    A query that is not run yet, so that a page of it can be cut out.
    """
    own = Booking.objects.filter(**{f"{side}_id": user_id})
    if past:
        return own.order_by("-start_date", "-id").values_list("id", flat=True)
    coming = own.filter(status__in=ACTIVE, check_out_at__gt=now)
    return coming.order_by("start_date", "id").values_list("id", flat=True)


def instant_among(booking_ids: Iterable[int]) -> set[int]:
    """Those of these bookings that were made by instant booking."""
    return set(Booking.objects.filter(pk__in=list(booking_ids), instant=True).values_list("pk", flat=True))
