"""The host's one answer to a review, reports of it, and what staff decide on them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from bookings.models import GuestReview, Review, ReviewReport
from bookings.services.rating import bring_into_rating
from core.api.fields import clean_or_invalid
from core.errors import Code, DomainError, not_found
from properties.services.calendar import lock_property


def answer_review(*, actor: User, property_id: int, review_id: int, text: str, now: datetime) -> Review:
    """The host's one answer to a review that can be read. Raises `not_found`, `booking.wrong_state` (answered)."""
    clean_or_invalid("answer", text)
    with transaction.atomic():
        review = _locked(review_id)
        theirs = (review.property.host_id, review.property_id) == (actor.pk, property_id)
        if not theirs or not Review.objects.filter(Review.shown(now), pk=review.pk).exists():
            raise not_found()
        if review.answer:
            raise DomainError(Code.BOOKING_WRONG_STATE, "This review has its answer.", params={"status": "answered"})
        review.answer, review.answered_at = text, now
        review.save(update_fields=["answer", "answered_at"])
    return review


def report_review(*, actor: User, property_id: int, review_id: int, reason: str, now: datetime) -> ReviewReport:
    """Tells staff that a review should not stand; a second report by the same person is the first. Raises `not_found`."""
    review = Review.objects.filter(Review.shown(now), pk=review_id, property_id=property_id).first()
    if review is None:
        raise not_found()
    values = {"reason": reason, "created_at": now}
    return ReviewReport.objects.get_or_create(review=review, reporter=actor, defaults=values)[0]


def hide_review(*, review_id: int, now: datetime) -> None:
    """Staff: takes a review out of sight and out of the rating, and settles its reports. A repeat is harmless."""
    _judge(review_id, ReviewReport.Outcome.HIDDEN, now)


def show_review(*, review_id: int, now: datetime) -> None:
    """Staff: a review stands (again), and its reports are settled. A repeat is harmless."""
    _judge(review_id, ReviewReport.Outcome.KEPT, now)


def hide_guest_review(*, review_id: int, now: datetime) -> None:
    """Staff: takes a host's review of a guest out of sight and out of the guest's rating, which is computed when it is read.
    A repeat is harmless. Raises `not_found`."""
    _judge_guest_review(review_id, hides=True, now=now)


def show_guest_review(*, review_id: int, now: datetime) -> None:
    """Staff: a host's review of a guest stands (again). A repeat is harmless. Raises `not_found`."""
    _judge_guest_review(review_id, hides=False, now=now)


def _judge_guest_review(review_id: int, *, hides: bool, now: datetime) -> None:
    with transaction.atomic():
        review = GuestReview.objects.select_for_update(no_key=True).filter(pk=review_id).first()
        if review is None:
            raise not_found()
        if hides != (review.hidden_at is not None):
            review.hidden_at = now if hides else None
            review.save(update_fields=["hidden_at"])


def _judge(review_id: int, outcome: ReviewReport.Outcome, now: datetime) -> None:
    hides = outcome == ReviewReport.Outcome.HIDDEN
    with transaction.atomic():
        review = _locked(review_id)
        if hides != (review.hidden_at is not None):
            review.hidden_at = now if hides else None
            review.save(update_fields=["hidden_at"])
        bring_into_rating(review, now)
        review.reports.filter(resolved_at=None).update(outcome=outcome, resolved_at=now)


def _locked(review_id: int) -> Review:
    """The review, its property locked first. Raises `not_found`."""
    known = Review.objects.filter(pk=review_id).values_list("property_id", flat=True).first()
    if known is None:
        raise not_found()
    lock_property(known)
    return Review.objects.select_for_update(no_key=True, of=("self",)).select_related("property").get(pk=review_id)
