"""Reviews as the public reads them; hidden ones are nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from bookings.models import Review
from core.clock import stamp
from core.errors import not_found
from properties.models import Property
from properties.rules.ratings import mean_rating


def list_reviews(property_id: int, *, limit: int = 50, before: int | None = None) -> list[Review]:
    """A property's reviews, newest first, with their writers."""
    rows = Review.objects.filter(property_id=property_id, hidden_at=None).select_related("guest")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def list_public_reviews(property_id: int, *, limit: int, before: int | None) -> list[Review]:
    """As `list_reviews`. Raises `not_found` for a property that the public can't know of."""
    if not Property.objects.filter(pk=property_id).exclude(status=Property.Status.DRAFT).exists():
        raise not_found()
    return list_reviews(property_id, limit=limit, before=before)


def list_host_reviews(host_id: int, *, limit: int = 50) -> list[Review]:
    """Reviews of all of a host's properties, newest first, with their writers."""
    rows = Review.objects.filter(property__host_id=host_id, hidden_at=None).select_related("guest")
    return list(rows.order_by("-pk")[:limit])


def get_host_rating(host_id: int) -> tuple[Decimal | None, int]:
    """The mean rating of a host's properties, two places (None without any), and of how many reviews."""
    shown = Review.objects.filter(property__host_id=host_id, hidden_at=None)
    found = shown.aggregate(stars=Sum("rating", default=0), count=Count("pk"))
    return mean_rating(found["stars"], found["count"]), found["count"]


def get_review_of(booking_ids: Iterable[int]) -> dict[int, Review]:
    """booking → its review, hidden ones left out."""
    found = Review.objects.filter(booking_id__in=list(booking_ids), hidden_at=None).select_related("guest")
    return {review.booking_id: review for review in found}


def review_body(review: Review) -> dict[str, Any]:
    """A review as everybody sees it."""
    return {
        "id": review.pk,
        "rating": review.rating,
        "review": review.text,
        "reviewer_name": review.guest.name,
        "date": review.created_at.date().isoformat(),
        "answer": review.answer,
        "answered_at": stamp(review.answered_at) if review.answered_at else None,
    }
