"""The host's card on a home's page: name, rating and figures, never e-mail or phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from accounts.models import User
from accounts.rules.answer_speed import speed_of
from accounts.selectors.users import picture_of, profile_of
from bookings.selectors.reviews import get_host_rating
from core.database.compiled_queries import CompiledQuery, Slot
from core.web.drawn_pictures import picture_url
from properties.models import Property


def _listed() -> Subquery:
    """How many homes of the outer query's user are listed; null for none."""
    homes = Property.objects.filter(host_id=OuterRef("pk"), status=Property.Status.LISTED)
    return Subquery(homes.order_by().values_list("host_id").annotate(homes=Count("pk")).values_list("homes"))


_HOST = CompiledQuery(lambda: User.objects.select_related("profile").filter(pk=Slot("host")).annotate(homes=_listed()))


def get_host_card(host_id: int, *, now: datetime, absolute: Callable[[str], str]) -> dict[str, Any]:
    """Name, picture, since when, what was verified, homes listed, rating, share and speed of answers. Two queries."""
    [host] = _HOST(host=host_id)
    profile = profile_of(host)
    rating, count = get_host_rating(host_id, now=now)
    return {
        "host_id": host_id,
        "name": host.name,
        "profile_pic": picture_url(picture_of(host, profile), absolute),
        "super_host": host.superhost,
        "verified": host.verified,
        "joined": host.date_joined.date(),
        "homes": host.homes or 0,
        "rating": None if rating is None else float(rating),
        "reviews_count": count,
        "response_rate": None if profile.response_rate is None else float(profile.response_rate),
        "response_time": speed_of(profile.response_seconds),
    }
