"""The host's card on a home's page: name, rating and figures, never e-mail or phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from accounts.rules.answer_speed import speed_of
from accounts.selectors.users import picture_of, profile_of
from bookings.selectors.reviews import get_host_rating
from core.web.drawn_pictures import picture_url
from properties.models import Property


def get_host_card(host_id: int, *, now: datetime, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Name, picture, since when, what was verified, homes listed, rating, share and speed of answers. Three queries."""
    host = User.objects.select_related("profile").get(pk=host_id)
    profile = profile_of(host)
    rating, count = get_host_rating(host_id, now=now)
    return {
        "host_id": host_id,
        "name": host.name,
        "profile_pic": picture_url(picture_of(host, profile), absolute),
        "super_host": host.superhost,
        "verified": host.verified,
        "joined": host.date_joined.date(),
        "homes": Property.objects.filter(host_id=host_id, status=Property.Status.LISTED).count(),
        "rating": None if rating is None else float(rating),
        "reviews_count": count,
        "response_rate": None if profile.response_rate is None else float(profile.response_rate),
        "response_time": speed_of(profile.response_seconds),
    }
