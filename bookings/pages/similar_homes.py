"""Homes like one, free on the same nights where some are chosen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.models import User
from core import clock
from core.database.replica import reads_replica
from core.errors import DomainError
from properties.rules.search import check_search_dates
from properties.rules.similar import Stay
from properties.selectors.availability import access_terms
from properties.selectors.saved import saved_among
from properties.selectors.similar import list_similar

MOST_GUESTS = 1000


@require_safe
@reads_replica
def similar_homes(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/homes/<id>/similar/?check_in=&check_out=&guests=`: the cards alone, for the page's script to put in."""
    actor = request.user if isinstance(request.user, User) else None
    access_terms(property_id, actor)
    return render(request, "bookings/parts/similar.html", similar_content(request, property_id, clock.now()))


def similar_content(request: HttpRequest, property_id: int, now: datetime) -> dict[str, Any]:
    """What the cards need. Dates that make no stay are ignored."""
    stay, user_id = stay_in(request.GET, now), request.user.pk
    homes = list_similar(property_id, stay=stay, user_id=user_id, now=now, absolute=str)
    asked = {"check_in": stay.check_in, "check_out": stay.check_out, "guests": stay.guests}
    return {
        "similar": homes,
        "same_nights": stay.check_in is not None,
        "stay_query": urlencode({name: str(value) for name, value in asked.items() if value is not None}),
        "saved": saved_among(user_id, [property_id, *(home["property_id"] for home in homes)]),
    }


def stay_in(query: QueryDict, now: datetime) -> Stay:
    """The nights and the number of guests in a query; invalid values are left out."""
    guests = query.get("guests", "")
    number = int(guests) if guests.isascii() and guests.isdigit() and len(guests) < 5 else None
    people = number if number and number <= MOST_GUESTS else None
    try:
        first, last = (date.fromisoformat(query.get(name, "")) for name in ("check_in", "check_out"))
        check_search_dates(first, last, now)
    except (ValueError, DomainError):
        return Stay(guests=people)
    return Stay(first, last, people)
