"""A home's page: the home, its reviews, and the box to book it or make an offer."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages.speed_words import speed_words
from bookings.pages.booking_view import policy_words
from bookings.pages.home_reviews import star_bars
from bookings.pages.offer_durations import offer_lives
from bookings.pages.similar_homes import similar_content
from bookings.pages.social import social_card
from bookings.pages.structured_data import structured_data
from bookings.selectors.host_card import get_host_card
from bookings.selectors.property_page import get_page_and_terms
from bookings.selectors.reviews import count_stars
from core import clock
from core.amounts import sign_of
from core.database.replica import reads_replica
from properties.pages.maps import map_settings
from properties.rules.terms import CHECK_IN, CHECK_OUT, PropertyTerms, local_today
from properties.rules.trial import arm_of, seals_first
from properties.selectors.availability import check_listed
from properties.services.view_counts import count_view


@require_safe
@ensure_csrf_cookie
@reads_replica
def home(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/homes/<id>/?check_in=&check_out=&guests=`."""
    actor = request.user if isinstance(request.user, User) else None
    now = clock.now()
    shown, terms = get_page_and_terms(property_id=property_id, actor=actor, now=now, absolute=str)
    own = actor is not None and actor.pk == terms.host_id
    if not own:
        check_listed(terms)
        count_view(property_id, now)
    content = {
        "home": shown,
        "today": local_today(terms, now),
        "given": {name: request.GET.get(name, "")[:10] for name in ("check_in", "check_out")}
        | {"guests": request.GET.get("guests", "")[:3] or min(2, terms.max_guests)}
        | {name: request.GET.get(name, "")[:2] for name in ("children", "infants")},
        "instant": terms.instant_book,
        "own": own,
        "types": _types(terms),
        "menu": terms.menu if terms.stay_with_meal else (),
        "sign": sign_of(terms.currency).strip(),
        "seals_first": seals_first(arm_of(settings.RULES_TRIAL, terms)),
        "lives": offer_lives(),
        "policy": policy_words(terms.cancellation_policy),
        "check_in": _hour(terms.check_in_from or CHECK_IN),
        "check_out": _hour(terms.check_out_by or CHECK_OUT),
        "structured": structured_data(shown, request.build_absolute_uri),
        "social": social_card(shown, request.build_absolute_uri),
        "map": map_settings(),
        **_beside(request, shown, now),
    }
    return render(request, "bookings/home.html", content)


def _beside(request: HttpRequest, shown: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What the page shows beside the home: its host, its stars, similar homes."""
    host = get_host_card(shown["host"]["host_id"], now=now, absolute=str)
    stars = count_stars(shown["property_id"], now=now) if shown["reviews_count"] else {}
    return {
        "host": host,
        "speed": speed_words(host["response_time"]),
        "stars": star_bars(stars),
        **similar_content(request, shown["property_id"], now),
    }


def _hour(at: time) -> str:
    return formats.time_format(at, "H:i")


def _types(terms: PropertyTerms) -> list[tuple[str, str]]:
    offered = (
        ("stay", _("Stay"), terms.stay),
        ("stay_with_meal", _("With meals"), terms.stay_with_meal),
        ("paying_guest", _("Paying guest"), terms.paying_guest),
    )
    return [(value, name) for value, name, there in offered if there]
