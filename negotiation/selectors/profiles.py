"""Reads the profiles of hosts and guests.

They stand in this app because a host's profile shows reviews, and a guest's is for hosts who haggle with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import User, UserProfile
from accounts.rules.answer_speed import speed_of
from accounts.selectors.users import picture_of, profile_of
from bookings.models import Booking, GuestReview, Review
from bookings.selectors.bookings import has_booked_with
from bookings.selectors.contact import may_see_contact
from bookings.selectors.reviews import (
    get_guest_rating,
    get_host_rating,
    list_guest_reviews,
    list_host_reviews,
    words_of,
)
from core.errors import not_found
from core.web.drawn_pictures import picture_url
from negotiation.models import Negotiation
from negotiation.selectors.bidders import get_answering
from properties.models import Property
from properties.rules.ratings import shown_rating
from properties.selectors.steps import cover_of

Absolute = Callable[[str], str]
REVIEWS, LISTINGS = 50, 200


def get_host_profile(user_id: int, *, viewer: User | None, now: datetime, absolute: Absolute) -> dict[str, Any]:
    """A host's public profile; e-mail and phone only for the other party of a settled booking. Raises `not_found`."""
    host = User.objects.select_related("profile").filter(pk=user_id, is_host=True).first()
    if host is None:
        raise not_found()
    profile = profile_of(host)
    contact = _contact(host, profile, viewer, now)
    # A host with a closed account has no profile, except for guests whose stay is agreed.
    if not host.is_active and not contact:
        raise not_found()
    rating, count = get_host_rating(host.pk, now=now)
    return {
        **_person(host, profile, absolute),
        "response_rate": None if profile.response_rate is None else float(profile.response_rate),
        "response_time": speed_of(profile.response_seconds),
        "reviews": [_review(review) for review in list_host_reviews(host.pk, now=now, limit=REVIEWS)],
        "rating": None if rating is None else float(rating),
        "reviews_count": count,
        "listings": _listings(host.pk, absolute),
        **contact,
    }


def get_guest_profile(user_id: int, *, viewer: User, now: datetime, absolute: Absolute) -> dict[str, Any]:
    """A guest's profile, for a host with whom they have a negotiation or a booking. Raises `not_found` for others."""
    guest = User.objects.select_related("profile").filter(pk=user_id).first()
    if guest is None or not deals_with(guest_id=user_id, host_id=viewer.pk):
        raise not_found()
    profile = profile_of(guest)
    rating, count = get_guest_rating(guest.pk, now=now)
    stays = Booking.objects.filter(guest_id=guest.pk).aggregate(done=Count("pk", filter=Q(status="completed")))
    answering = get_answering(guest.pk, now=now)
    return {
        "guest_id": guest.pk,
        **_person(guest, profile, absolute),
        "reviews": [_guest_review(review) for review in list_guest_reviews(guest.pk, now=now, limit=REVIEWS)],
        "rating": None if rating is None else float(rating),
        "reviews_count": count,
        "stays": stays["done"],
        "response_rate": None if answering.rate is None else float(answering.rate),
        "response_time": speed_of(answering.seconds),
        **_contact(guest, profile, viewer, now),
    }


def deals_with(*, guest_id: int, host_id: int) -> bool:
    """Whether a guest ever haggled with a host, or booked there."""
    haggled = Negotiation.objects.filter(guest_id=guest_id, host_id=host_id).exists()
    return haggled or has_booked_with(guest_id=guest_id, host_id=host_id)


def _person(user: User, profile: UserProfile, absolute: Absolute) -> dict[str, Any]:
    return {
        "host_id": user.pk,
        "name": user.name,
        "super_host": user.superhost,
        "verified": user.verified,
        "profile_pic": picture_url(picture_of(user, profile), absolute),
        "joined": user.date_joined.date().isoformat(),
    }


def _contact(user: User, profile: UserProfile, viewer: User | None, now: datetime) -> dict[str, str]:
    if viewer is None or not may_see_contact(viewer_id=viewer.pk, other_id=user.pk, now=now):
        return {}
    return {"email": user.email, "phone": profile.phone}


def _review(review: Review) -> dict[str, Any]:
    return {
        "id": review.pk,
        **words_of(review, review.guest),
        "property_id": review.property_id,
        "answer": review.answer or None,
    }


def _guest_review(review: GuestReview) -> dict[str, Any]:
    return {"id": review.pk, **words_of(review, review.host)}


def _listings(host_id: int, absolute: Absolute) -> list[dict[str, Any]]:
    listed = Property.objects.filter(host_id=host_id, status=Property.Status.LISTED)
    rows = listed.select_related("location").prefetch_related("photos").order_by("-pk")[:LISTINGS]
    return [_listing(row, absolute) for row in rows]


def _listing(row: Property, absolute: Absolute) -> dict[str, Any]:
    return {
        "property_id": row.pk,
        "name": row.title,
        "photo": picture_url(cover_of(row), absolute),
        "location_name": row.location.selected_location,
        "price_per_night": f"{row.price:.2f}",
        "currency": row.currency,
        "rating": shown_rating(row.rating_sum, row.rating_count),
        "reviews_count": row.rating_count,
    }
