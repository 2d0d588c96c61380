"""The search page: cards, a map, and filters that say how many homes they leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from core import clock
from core.amounts import own_digits
from core.database.replica import reads_replica
from core.errors import DomainError
from properties.pages.choices import REGULAR, STANDOUT, stay_names, type_names
from properties.pages.maps import map_settings
from properties.rules.facets import Facets
from properties.rules.places import plain_text
from properties.rules.search import MOST_FLEXIBLE_DAYS, SearchQuery
from properties.rules.terms import BOOKING_TYPES
from properties.selectors.saved import saved_among
from properties.selectors.search import count_left_out, list_facets, list_pins, search_homes, seen_by, show_home
from properties.serializers.search import read_search

PAGE = 24
AMENITIES = 12
PLAIN = (
    "location",
    "check_in",
    "check_out",
    "flexible_days",
    "guests",
    "children",
    "infants",
    "min_price",
    "max_price",
    "currency",
    "bbox",
    "sort",
)
# Parameters of the search that a link to a home's page takes along.
STAY = ("check_in", "check_out", "guests", "children", "infants")


@dataclass(frozen=True, slots=True)
class Pill:
    """A filter that can be ticked; `count` None where nothing was counted."""

    value: str
    name: str
    ticked: bool
    count: int | None


@require_safe
@reads_replica
def home(request: HttpRequest) -> HttpResponse:
    """`/`: the search, every field of it in the query."""
    content = found(request.GET, request.user.pk, clock.now())
    content |= {"map": map_settings(), "sorts": _sorts(), "slacks": _slacks(), "today": timezone.localdate()}
    return render(request, "properties/search.html", content)


@require_safe
@reads_replica
def found_homes(request: HttpRequest) -> HttpResponse:
    """`/found/`: the homes and the counts alone, for the page's script to put in."""
    return render(request, "properties/parts/found.html", found(request.GET, request.user.pk, clock.now()))


@require_safe
@reads_replica
def found_home(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/found/<id>/`: the card of one home, for a pin whose card is on another page."""
    now = clock.now()
    home = show_home(property_id, read_search(_given(request.GET), now), now=now, absolute=str)
    content = {
        "home": _led(home, request.GET),
        "stay_query": _along(request.GET, STAY),
        "saved": saved_among(request.user.pk, [property_id]),
    }
    return render(request, "properties/parts/card.html", content)


def found(asked: QueryDict, user_id: int | None, now: datetime) -> dict[str, Any]:
    """What a search found, or why its query was refused."""
    shown = {name: asked.get(name, "") for name in PLAIN}
    content: dict[str, Any] = {
        "query": shown,
        "stay_query": _along(asked, STAY),
        "homes": [],
        "pins": [],
        "left_out": [],
        "problem": "",
    }
    try:
        query = seen_by(read_search(_given(asked), now), user_id, now)
        homes, cursor = search_homes(query, now=now, absolute=str)
        content["pins"] = list_pins(query, now=now)
    except DomainError as error:
        refusal = error.translated()
        texts = [text for lines in refusal.fields.values() for text in lines]
        return content | {"problem": " ".join(texts) or refusal.message, **filters_of(SearchQuery(), None)}
    rest = [(name, value) for name, values in asked.lists() if name != "cursor" for value in values if value]
    content |= {
        "homes": [_led(home, asked) for home in homes],
        "more": urlencode([*rest, ("cursor", cursor.text())]) if cursor else "",
    }
    content["saved"] = saved_among(user_id, [home["property_id"] for home in homes])
    content |= {"nights": query.nights, "is_later": query.cursor is not None, "currency": query.currency}
    content["left_out"] = [
        {"currency": currency, "homes": homes, "query": urlencode([*_without_prices(rest), ("currency", currency)])}
        for currency, homes in count_left_out(query, now).items()
    ]
    return content | filters_of(query, list_facets(query, now=now))


def _led(home: dict[str, Any], asked: QueryDict) -> dict[str, Any]:
    """The card of a home; its link takes along the stay, and of flexible dates those that were found for this home."""
    if "check_in" not in home:
        return home
    dates = {"check_in": home["check_in"], "check_out": home["check_out"]}
    return home | {"along": urlencode({name: str(asked[name]) for name in STAY if asked.get(name)} | dates)}


def _without_prices(given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The search without its limits of price, which are in one currency."""
    return [(name, value) for name, value in given if name not in ("min_price", "max_price", "currency")]


def _given(asked: QueryDict) -> QueryDict:
    """The query with this page's number of homes. A form with one of the two dates counts as one without dates."""
    given = asked.copy()
    given["limit"] = str(PAGE)
    given["category"] = asked.get("category", "")
    if not (given.get("check_in") and given.get("check_out")):
        given["check_in"] = given["check_out"] = ""
    return given


def _along(asked: QueryDict, names: tuple[str, ...]) -> str:
    return urlencode({name: str(asked[name]) for name in names if asked.get(name)})


def filters_of(query: SearchQuery, counted: Facets | None) -> dict[str, Any]:
    """The filters as pills."""

    def pill(value: str, name: str, ticked: bool, counts: Counter[str] | None) -> Pill:
        return Pill(value, name, ticked, counts[value] if counts is not None else None)

    types, stays = (counted.types, counted.stays) if counted else (None, None)
    names = stay_names()
    amenities = [pill(one, name, one in query.amenities, counted.amenities if counted else None)
                 for one, name in _amenities(query, counted).items()]  # fmt: skip
    ticks = [
        *query.property_types,
        *query.amenities,
        query.min_price,
        query.max_price,
        query.category,
        query.negotiable,
        query.superhost,
    ]
    return {
        "types": [pill(value, name, value in query.property_types, types) for value, name in type_names().items()],
        "stays": [pill(value, names[value], value == query.category, stays) for value in BOOKING_TYPES],
        "amenities": amenities,
        "negotiable": Pill("true", _("Takes offers"), query.negotiable, counted.negotiable if counted else None),
        "superhost": Pill("true", _("Superhost"), query.superhost, counted.superhost if counted else None),
        "filters": sum(1 for tick in ticks if tick),
        "priced": query.min_price is not None or query.max_price is not None,
    }


def _amenities(query: SearchQuery, counted: Facets | None) -> dict[str, str]:
    """The amenities to choose from: those asked for, then the most common, else the usual ones."""
    usual = {plain_text(name): _(name) for name in (*REGULAR, *STANDOUT)}
    common = [name for name, _count in counted.amenities.most_common(AMENITIES)] if counted else []
    order = dict.fromkeys([*sorted(common or list(usual)[:AMENITIES]), *query.amenities])
    return {name: usual.get(name, name.capitalize()) for name in order}


def _slacks() -> list[tuple[str, str]]:
    """How flexible dates can be: the value of `flexible_days`, and words."""
    days = range(1, MOST_FLEXIBLE_DAYS + 1)
    words = [ngettext("± %(n)s day", "± %(n)s days", n) % {"n": own_digits(str(n))} for n in days]
    return [("", _("Exact dates")), *zip(map(str, days), words, strict=True)]


def _sorts() -> list[tuple[str, str]]:
    return [("", _("Best match")), ("price", _("Lowest price")), ("rating", _("Best rated"))]
