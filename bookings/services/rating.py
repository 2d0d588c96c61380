"""Keeps a property's rating in step with its reviews as they become visible or hidden."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.models import Review
from bookings.services.locking import lock_booking
from core.errors import DomainError
from properties.services.search import change_rating

AT_ONCE = 200


def bring_into_rating(review: Review, now: datetime) -> bool:
    """Counts a review that can be read now, or takes out one that can't. Returns whether that changed anything. The caller has
    locked the property's row."""
    due = review.counts and Review.objects.filter(Review.shown(now), pk=review.pk).exists()
    if due == review.counted:
        return False
    sign = 1 if due else -1
    change_rating(review.property_id, stars=sign * review.rating, reviews=sign)
    review.counted = due
    review.save(update_fields=["counted"])
    return True


def count_shown_reviews(now: datetime) -> int:
    """A clock job: counts reviews for the rating that can be read since their time is over."""
    due = Review.objects.filter(Review.shown(now), counts=True, counted=False)
    ids = due.order_by("pk").values_list("pk", "booking_id")[:AT_ONCE]
    return sum(_count(review_id, booking_id, now) for review_id, booking_id in ids)


def _count(review_id: int, booking_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            lock_booking(booking_id, skip_locked=True)
            return bring_into_rating(Review.objects.select_for_update(no_key=True).get(pk=review_id), now)
    except (DomainError, Review.DoesNotExist):
        # Another transaction has locked it: the next run takes it.
        return False
