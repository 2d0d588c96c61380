"""Reviews: one a stay, one answer of the host; the property's aggregates change in the same transaction, under its lock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from bookings.models import Booking, Review, ReviewReport
from bookings.rules.states import status_at, wrong_state
from bookings.services import notifications
from bookings.services.locking import lock_booking, side_of, state_of
from core.api.fields import clean_or_invalid
from core.api.idempotency import run_once
from core.errors import Code, DomainError, not_found
from properties.services.calendar import lock_property
from properties.services.search import change_rating

PAID_FOR = ("paid", "partly_refunded", "on_arrival")


def write_review(
    *, actor: User, property_id: int, booking_id: int, rating: int, text: str, key: str | None = None, now: datetime
) -> int:
    """A guest's review of a stay that is over; the review's id. `rating` 1–5.

    Raises `not_found` (not that guest's, or another property), `booking.wrong_state` (not over, not paid, reviewed).
    """
    clean_or_invalid("review", text)
    fields = {"property": property_id, "booking": booking_id, "rating": rating, "review": text}
    done = run_once(
        account_id=actor.pk, key=key, kind="review.write", fields=fields, now=now,
        do=lambda: {"review": _write(actor, property_id, booking_id, rating, text, now).pk},
    )  # fmt: skip
    return int(done.outcome["review"])


def _write(actor: User, property_id: int, booking_id: int, rating: int, text: str, now: datetime) -> Review:
    booking = lock_booking(booking_id)
    if side_of(booking, actor.pk) != "guest" or booking.property_id != property_id:
        raise not_found()
    _check_reviewable(booking, now)
    review = Review.objects.create(
        booking=booking, property_id=property_id, guest=actor, rating=rating, text=text, created_at=now
    )
    _count(review, 1)
    notifications.notify_parties(booking, "host", kind="review.written", now=now)
    return review


def _check_reviewable(booking: Booking, now: datetime) -> None:
    status = status_at(state_of(booking), now)
    if status != Booking.Status.COMPLETED or booking.payment_status not in PAID_FOR:
        raise wrong_state(status, booking.payment_status)
    if Review.objects.filter(booking=booking).exists():
        raise DomainError(Code.BOOKING_WRONG_STATE, "This stay has its review.", params={"status": status})


def _count(review: Review, sign: int) -> None:
    """The property's row is locked by the caller."""
    change_rating(review.property_id, stars=sign * review.rating, reviews=sign)


def answer_review(*, actor: User, property_id: int, review_id: int, text: str, now: datetime) -> Review:
    """The host's one answer. Raises `not_found`, `booking.wrong_state` (answered)."""
    clean_or_invalid("answer", text)
    with transaction.atomic():
        review = _locked(review_id)
        theirs = (review.property.host_id, review.property_id) == (actor.pk, property_id)
        if not theirs or review.hidden_at is not None:
            raise not_found()
        if review.answer:
            raise DomainError(Code.BOOKING_WRONG_STATE, "This review has its answer.", params={"status": "answered"})
        review.answer, review.answered_at = text, now
        review.save(update_fields=["answer", "answered_at"])
    return review


def report_review(*, actor: User, property_id: int, review_id: int, reason: str, now: datetime) -> ReviewReport:
    """Tells staff that a review should not stand; a second report by the same person is the first. Raises `not_found`."""
    review = Review.objects.filter(pk=review_id, property_id=property_id, hidden_at=None).first()
    if review is None:
        raise not_found()
    values = {"reason": reason, "created_at": now}
    return ReviewReport.objects.get_or_create(review=review, reporter=actor, defaults=values)[0]


def hide_review(*, review_id: int, now: datetime) -> None:
    """Staff: takes a review out of sight and out of the rating, and settles its reports. Harmless twice."""
    with transaction.atomic():
        review = _locked(review_id)
        if review.hidden_at is None:
            review.hidden_at = now
            review.save(update_fields=["hidden_at"])
            _count(review, -1)
        _resolve(review, ReviewReport.Outcome.HIDDEN, now)


def show_review(*, review_id: int, now: datetime) -> None:
    """Staff: a review stands (again), and its reports are settled. Harmless twice."""
    with transaction.atomic():
        review = _locked(review_id)
        if review.hidden_at is not None:
            review.hidden_at = None
            review.save(update_fields=["hidden_at"])
            _count(review, 1)
        _resolve(review, ReviewReport.Outcome.KEPT, now)


def _resolve(review: Review, outcome: str, now: datetime) -> None:
    review.reports.filter(resolved_at=None).update(outcome=outcome, resolved_at=now)


def _locked(review_id: int) -> Review:
    """The review, its property locked first. Raises `not_found`."""
    known = Review.objects.filter(pk=review_id).values_list("property_id", flat=True).first()
    if known is None:
        raise not_found()
    lock_property(known)
    return Review.objects.select_for_update(no_key=True, of=("self",)).select_related("property").get(pk=review_id)
