"""The page of a home's calendar for its host: stays, blocks, and the price of each night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.views.decorators.http import require_safe

from bookings.selectors.calendar import Busy, list_busy
from bookings.selectors.calendars import show_calendars
from core import clock
from core.amounts import sign_of
from properties.models import Property
from properties.pages.actors import page_actor
from properties.rules.terms import MAX_DAYS_AHEAD
from properties.selectors.feeds import feed_path
from properties.selectors.imported_calendars import list_calendars
from properties.selectors.ownership import get_own_property
from properties.selectors.steps import show_4
from properties.selectors.today import today_at
from properties.services.calendar_readings import LEASE as READING
from properties.services.imported_calendars import MOST_A_HOME


@login_required
@require_safe
def calendar(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/hosting/<id>/calendar/`."""
    now = clock.now()
    row = get_own_property(property_id, page_actor(request))
    content = {
        "row": row,
        "today": today_at(row, now),
        "rules": _rules_of(row),
        "currency_sign": sign_of(row.currency).strip(),
        "feed": request.build_absolute_uri(feed_path(row)),
        "busy": _busy_of(row.pk, now, today_at(row, now)),
        **_followed(row, now),
    }
    return render(request, "bookings/calendar.html", content)


@login_required
@require_safe
def busy(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/hosting/<id>/busy/`: what takes nights, and the lists of other prices and of other sites' calendars as markup, for
    the page's script after a change."""
    now = clock.now()
    row = get_own_property(property_id, page_actor(request))
    prices = render_to_string("bookings/parts/prices.html", {"row": row, "rules": _rules_of(row)}, request)
    followed = render_to_string("bookings/parts/calendars.html", _followed(row, now), request)
    busy = _busy_of(row.pk, now, today_at(row, now))
    return JsonResponse({"busy": busy, "prices": prices, "calendars": followed})


def _followed(row: Property, now: datetime) -> dict[str, Any]:
    """The calendars of other sites, and whether one of them is about to be read."""
    calendars = list_calendars(row, limit=MOST_A_HOME, before=None)
    due = any(one.url and one.due_at <= now + READING for one in calendars)
    return {"calendars": show_calendars(row, calendars, now), "waiting": due}


def _rules_of(row: Property) -> list[dict[str, Any]]:
    """Seasons, weekends and single nights with another price; each names its weekdays where it does not cover all."""
    return [rule | {"days": _days(rule["weekdays"])} for rule in show_4(row, str)["price_rules"]]


def _days(weekdays: Sequence[int] | None) -> str:
    return ", ".join(str(WEEKDAYS_ABBR[day]) for day in weekdays or ())


def _busy_of(property_id: int, now: datetime, today: date) -> list[dict[str, Any]]:
    found = list_busy(property_id, today - timedelta(31), today + timedelta(MAX_DAYS_AHEAD), now)
    return [_shown(one) for one in found]


def _shown(one: Busy) -> dict[str, Any]:
    url = reverse("booking", args=[one.booking_id]) if one.booking_id else ""
    return {
        "kind": one.kind,
        "start": one.start.isoformat(),
        "end": one.end.isoformat(),
        "guest": one.guest,
        "source": one.source,
        "url": url,
    }
