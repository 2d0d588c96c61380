"""Reviews as the public reads them, once both sides have written or the time is over; hidden ones are nowhere."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, Sum

from accounts.models import User
from bookings.models import Booking, GuestReview, Review
from bookings.rules.reviewing import EDIT_WITHIN, ends_at, may_change
from core.clock import stamp
from core.database.compiled_queries import ABOVE_ALL_IDS, CompiledQuery, Slot, at_least
from core.errors import not_found
from properties.models import Property
from properties.rules.ratings import mean_rating

SORTS = {"newest": ("-pk",), "best": ("-rating", "-pk"), "worst": ("rating", "-pk")}


def get_review(review_id: int) -> Review:
    """One review with its writer. Raises `not_found`, also for one that was taken back since it was written."""
    found = Review.objects.select_related("guest").filter(pk=review_id).first()
    if found is None:
        raise not_found()
    return found


def list_reviews(property_id: int, *, now: datetime, limit: int = 50, before: int | None = None) -> list[Review]:
    """A property's reviews, newest first, with their writers."""
    newest = _newest(at_least(limit))
    return newest(home=property_id, now=now, before=ABOVE_ALL_IDS if before is None else before)[:limit]


def _counted() -> Any:
    now: Any = Slot("now")
    shown = Review.objects.filter(Review.shown(now), property__host_id=Slot("host"), counts=True)
    return shown.order_by().values_list("property__host_id").annotate(Sum("rating"), Count("pk"))


_HOST_RATING = CompiledQuery(_counted)


@lru_cache(32)
def _newest(limit: int) -> CompiledQuery:
    shown: Any = Slot("now")
    rows = Review.objects.filter(Review.shown(shown), property_id=Slot("home"), pk__lt=Slot("before"))
    return CompiledQuery(lambda: rows.select_related("guest").order_by("-pk")[:limit])


def list_sorted_reviews(
    property_id: int, *, now: datetime, sort: str, first: int, limit: int
) -> tuple[list[Review], bool]:
    """`limit` of a property's reviews from the `first` (0: the beginning) on, and whether more follow.

    `sort` is one of `SORTS`; of equally many stars the newest comes first.
    """
    rows = Review.objects.filter(Review.shown(now), property_id=property_id).select_related("guest")
    found = list(rows.order_by(*SORTS[sort])[first : first + limit + 1])
    return found[:limit], len(found) > limit


def count_stars(property_id: int, *, now: datetime) -> dict[int, int]:
    """How many of a property's reviews gave five stars, four, … one; those that count for its rating."""
    shown = Review.objects.filter(Review.shown(now), property_id=property_id, counts=True)
    found = dict(shown.values_list("rating").annotate(number=Count("pk")).order_by())
    return {stars: found.get(stars, 0) for stars in range(5, 0, -1)}


def list_public_reviews(property_id: int, *, now: datetime, limit: int, before: int | None) -> list[Review]:
    """As `list_reviews`. Raises `not_found` for a draft."""
    if not Property.objects.filter(pk=property_id).exclude(status=Property.Status.DRAFT).exists():
        raise not_found()
    return list_reviews(property_id, now=now, limit=limit, before=before)


def list_host_reviews(host_id: int, *, now: datetime, limit: int = 50) -> list[Review]:
    """Reviews of all of a host's properties, newest first, with their writers."""
    rows = Review.objects.filter(Review.shown(now), property__host_id=host_id).select_related("guest")
    return list(rows.order_by("-pk")[:limit])


def list_guest_reviews(guest_id: int, *, now: datetime, limit: int = 50) -> list[GuestReview]:
    """What hosts say of a guest, newest first, with their writers."""
    rows = GuestReview.objects.filter(GuestReview.shown(now), guest_id=guest_id).select_related("host")
    return list(rows.order_by("-pk")[:limit])


def get_guest_rating(guest_id: int, *, now: datetime) -> tuple[Decimal | None, int]:
    """The mean rating that hosts gave a guest, two places (None without any), and of how many."""
    shown = GuestReview.objects.filter(GuestReview.shown(now), guest_id=guest_id)
    found = shown.aggregate(stars=Sum("rating", default=0), count=Count("pk"))
    return mean_rating(found["stars"], found["count"]), found["count"]


def get_host_rating(host_id: int, *, now: datetime) -> tuple[Decimal | None, int]:
    """The mean rating of a host's properties, two places (None without any), and of how many reviews."""
    _, stars, count = next(iter(_HOST_RATING(host=host_id, now=now)), (host_id, 0, 0))
    return mean_rating(stars, count), count


def reviews_of_stay(booking: Booking, side: str, now: datetime) -> dict[str, Any]:
    """Both reviews of a stay as this side may read them: its own, and the other's once both can be read."""
    own, other = (Review, GuestReview) if side == "guest" else (GuestReview, Review)
    mine = own.objects.filter(booking=booking).first()
    theirs = other.objects.filter(other.shown(now), booking=booking).first()
    ends = ends_at(booking.check_out_at)
    return {
        "mine": mine and _of_stay(mine, now),
        "theirs": theirs and _of_stay(theirs, now),
        "theirs_written": other.objects.filter(booking=booking).exists(),
        "ends_at": stamp(ends),
        "is_open": now < ends,
    }


def _of_stay(review: Review | GuestReview, now: datetime) -> dict[str, Any]:
    can_change = review.hidden_at is None and may_change(
        created_at=review.created_at, shows_at=review.shows_at, now=now
    )
    body: dict[str, Any] = {
        "id": review.pk,
        "rating": review.rating,
        "review": review.text,
        "written_at": stamp(review.created_at),
        "shown": review.hidden_at is None and (review.shows_at is None or review.shows_at <= now),
        "hidden": review.hidden_at is not None,
        "editable_until": stamp(review.created_at + EDIT_WITHIN) if can_change else None,
    }
    if isinstance(review, Review):
        body |= {"answer": review.answer, "counts": review.counts}
    return body


def words_of(review: Review | GuestReview, reviewer: User) -> dict[str, Any]:
    """What a review says, who wrote it and on which day (UTC)."""
    return {
        "rating": review.rating,
        "review": review.text,
        "reviewer_name": reviewer.name,
        "date": review.created_at.date().isoformat(),
    }


def review_body(review: Review) -> dict[str, Any]:
    """A review in its public form."""
    return {
        "id": review.pk,
        **words_of(review, review.guest),
        "answer": review.answer,
        "answered_at": stamp(review.answered_at) if review.answered_at else None,
    }
