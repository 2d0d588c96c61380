"""What other sites show of a home whose address is shared: Open Graph, and the same for X. It holds only what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.amounts import price

# Open Graph writes languages with a country.
LOCALES = {"en": "en_GB", "bn": "bn_BD"}
DESCRIPTION = 200


def social_card(home: Mapping[str, Any], absolute: Callable[[str], str]) -> dict[str, Any]:
    """Address, words, language and first picture of a home, addresses in full."""
    photo = home["photos"][0]
    return {
        "url": absolute(f"/homes/{home['property_id']}/"),
        "description": Truncator(_words(home)).chars(DESCRIPTION),
        "locale": LOCALES.get(get_language() or "en", "en_GB"),
        "picture": absolute(photo["image_data"]),
        "width": photo["width"],
        "height": photo["height"],
    }


def _words(home: Mapping[str, Any]) -> str:
    night = _("%(price)s a night") % {"price": price(Decimal(home["price"]), home["currency"])}
    return f"{night}. {' '.join(home['description'].split())}"
