"""The choices of the wizard, and which are ticked. The API's words are English; pages show them translated."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from core.money import money
from properties.models import Property
from properties.rules.terms import BOOKING_TYPES
from properties.selectors.payable import payment_bounds
from properties.serializers.fields import MOST_A_NIGHT
from properties.serializers.steps import CURRENCIES as KNOWN_CURRENCIES
from properties.serializers.steps import SUB_TYPES, TYPES

REGULAR = (
    noop("Wifi"), noop("Kitchen"), noop("Air conditioning"), noop("Fan"), noop("Hot water"), noop("Washing machine"),
    noop("TV"), noop("Free parking"), noop("Desk"), noop("Iron"), noop("Lift"), noop("Generator"),
)  # fmt: skip
STANDOUT = (
    noop("Pool"), noop("Lake view"), noop("Sea view"), noop("Hill view"), noop("Garden"), noop("Rooftop"),
    noop("Balcony"), noop("Barbecue"), noop("Boat"), noop("Campfire"), noop("Bicycles"), noop("Hammock"),
)  # fmt: skip
HIGHLIGHTS = (
    noop("Peaceful"), noop("Unique"), noop("Family-friendly"), noop("Stylish"), noop("Central"), noop("Spacious"),
    noop("Romantic"), noop("Close to nature"),
)  # fmt: skip
# The currencies that the form offers; REST takes any with two decimals.
CURRENCIES = ("BDT", "USD", "EUR", "GBP", "INR", "THB")
SAFETY = (
    noop("Smoke alarm"), noop("Fire extinguisher"), noop("First-aid kit"), noop("Night guard"),
    noop("Security camera outside"), noop("Safe"),
)  # fmt: skip


class Choice(NamedTuple):
    """`value` goes over the wire, `name` is shown."""

    value: str
    name: str
    hint: str = ""
    ticked: bool = False


def choices_of(step: int, data: dict[str, Any]) -> dict[str, Any]:
    """The choices of a step's page, as its template names them."""
    return {1: _place, 2: _offers, 3: _words, 4: _rules}.get(step, lambda data: {})(data)


def type_names() -> dict[str, str]:
    """Kinds of property."""
    names = (
        _("House"), _("Apartment"), _("Cabin"), _("Campground"), _("Tower"), _("Castle"), _("Houseboat"), _("Hotel"),
        _("Dome"),
    )  # fmt: skip
    return dict(zip(TYPES, names, strict=True))


def stay_names() -> dict[str, str]:
    """Kinds of stay."""
    return dict(zip(BOOKING_TYPES, (_("Stay"), _("Stay with meals"), _("Paying guest")), strict=True))


def _place(data: dict[str, Any]) -> dict[str, Any]:
    what = (
        _("Guests have it all to themselves."),
        _("A room of their own; the rest is shared."),
        _("A bed in a room with others."),
    )
    shares = zip(SUB_TYPES, (_("Entire place"), _("Private room"), _("Shared room")), what, strict=True)
    hints = (
        _("A bed and a key."),
        _("Dishes from your menu, ordered with the stay."),
        _("They live with you and eat at your table."),
    )
    stays = zip(stay_names().items(), hints, strict=True)
    return {
        "types": [Choice(value, name) for value, name in type_names().items()],
        "sub_types": [Choice(*share) for share in shares],
        "stays": [Choice(value, name, hint, _is_on(data.get(value))) for (value, name), hint in stays],
    }


def week() -> tuple[int, ...]:
    """The days of a week, Monday 0, in the order in which the page's language counts them."""
    return (6, 0, 1, 2, 3, 4, 5) if get_language() == "bn" else (0, 1, 2, 3, 4, 5, 6)


def _is_on(value: object) -> bool:
    return value in (True, "on", "true", "True", "1")


def _offers(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "regular": ticked(REGULAR, data.get("regular_amenities")),
        "standout": ticked(STANDOUT, data.get("standout_amenities")),
    }


def _words(data: dict[str, Any]) -> dict[str, Any]:
    return {"highlights": ticked(HIGHLIGHTS, data.get("highlights"))}


def _rules(data: dict[str, Any]) -> dict[str, Any]:
    policies = {
        Property.Policy.FLEXIBLE: (_("Flexible"), _("All back until a day before; then all but the first night.")),
        Property.Policy.MODERATE: (_("Moderate"), _("All back until five days before; then half.")),
        Property.Policy.FIRM: (_("Firm"), _("All back until 30 days before, half until seven; then nothing.")),
    }
    days = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return {
        "safety": ticked(SAFETY, data.get("security_features")),
        "policies": [Choice(str(value), *words) for value, words in policies.items()],
        "weekdays": [Choice(str(number), days[number]) for number in week()],
        "negotiable": _is_on(data.get("negotiation_availability")) or not data.get("price"),
        "people_only": _is_on((data.get("negotiation") or {}).get("people_only")),
        "instant": _is_on(data.get("instant_book")),
        "fill_gaps": _is_on(data.get("fill_gaps", True)),
        "price_limits": {code: _limits(code) for code in _currencies(data)},
    }


def _currencies(data: dict[str, Any]) -> list[str]:
    """The currencies that the form offers, and the home's own."""
    own = str(data.get("currency", ""))
    return [*CURRENCIES, own] if own in KNOWN_CURRENCIES and own not in CURRENCIES else [*CURRENCIES]


def _limits(currency: str) -> dict[str, str]:
    """The most that a night may cost, what fee and tax add to a stay in per cent, and, where something limits it,
    what a stay may come to all in."""
    limits = {"night": MOST_A_NIGHT, "on_top": str(settings.PLATFORM_FEE_PERCENT + settings.TAX_PERCENT)}
    bounds = payment_bounds(currency)
    return limits | ({"least": money(bounds.least), "most": money(bounds.most)} if bounds else {})


def ticked(usual: tuple[str, ...], chosen: Any) -> list[Choice]:
    """The usual words, then the host's own; the chosen ones are ticked."""
    words = [row.get("name", "") if isinstance(row, dict) else str(row) for row in chosen or []]
    own = [word for word in words if word and word not in usual]
    return [Choice(word, _(word), "", word in words) for word in (*usual, *dict.fromkeys(own))]
