"""A home's page: what it is, its reviews, and the box to book it or make an offer."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from accounts.models import User
from bookings.pages.shown import policy_words
from bookings.selectors.reviews import list_reviews
from bookings.serializers import review_body
from core import clock
from core.templatetags.page import SIGNS
from properties.models import Property
from properties.rules.terms import CHECK_IN, CHECK_OUT, PropertyTerms, local_today
from properties.selectors.availability import access_terms


@ensure_csrf_cookie
def home(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/homes/<id>/?check_in=&check_out=&guests=`."""
    actor = request.user if isinstance(request.user, User) else None
    terms = access_terms(property_id, actor)
    content = {
        "home": _shown(terms),
        "today": local_today(terms, clock.now()),
        "given": {name: request.GET.get(name, "")[:10] for name in ("check_in", "check_out")}
        | {"guests": request.GET.get("guests", "")[:3] or min(2, terms.max_guests)},
        "instant": terms.instant_book,
        "own": actor is not None and actor.pk == terms.host_id,
        "types": _types(terms),
        "menu": terms.menu if terms.stay_with_meal else (),
        "sign": SIGNS.get(terms.currency, terms.currency),
        "policy": policy_words(terms.cancellation_policy),
        "check_in": _hour(terms.check_in_from or CHECK_IN),
        "check_out": _hour(terms.check_out_by or CHECK_OUT),
    }
    return render(request, "bookings/home.html", content)


def _hour(at: time) -> str:
    return formats.time_format(at, "H:i")


def _types(terms: PropertyTerms) -> list[tuple[str, str]]:
    offered = (
        ("stay", _("Stay"), terms.stay),
        ("stay_with_meal", _("With meals"), terms.stay_with_meal),
        ("paying_guest", _("Paying guest"), terms.paying_guest),
    )
    return [(value, name) for value, name, there in offered if there]


def _shown(terms: PropertyTerms) -> dict[str, Any]:
    row = (
        Property.objects.select_related("location", "basics", "host")
        .prefetch_related("photos", "amenities")
        .get(pk=terms.id)
    )
    amenities = list(row.amenities.all())
    reviews = list_reviews(row.pk, limit=200)
    return {
        "id": row.pk,
        "name": row.title,
        "description": row.description,
        "property_type": row.property_type,
        "property_sub_type": row.property_sub_type,
        "location": row.location.selected_location,
        "price": row.price,
        "currency": row.currency,
        "highlights": row.highlights,
        "regular_amenities": [one.name for one in amenities if one.kind == "regular"],
        "standout_amenities": [one.name for one in amenities if one.kind == "standout"],
        "security_features": row.security_features,
        "house_rules": row.house_rules,
        "photos": [_photo(photo) for photo in row.photos.all()],
        "some_basics": row.basics,
        "reviews": [review_body(review) for review in reviews],
        "rating": f"{row.rating_sum / row.rating_count:.1f}" if row.rating_count else "",
        "negotiation_availability": row.negotiable,
        "paying_guest_description": row.paying_guest_description,
        "host": {"host_id": row.host_id, "name": row.host.name, "super_host": row.host.superhost},
    }


def _photo(photo: Any) -> dict[str, str]:
    return {
        "image_data": default_storage.url(photo.image.name),
        "thumbnail": default_storage.url(photo.thumbnail.name),
        "description": photo.description,
    }
