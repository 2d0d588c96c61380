"""A home's description for machines that read pages: schema.org as JSON-LD, only of what the page shows anyway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

# Characters that would end the element, or begin another, as JSON escapes.
ESCAPES = {"<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
MOST_PICTURES = 8


def structured_data(home: Mapping[str, Any], absolute: Callable[[str], str]) -> SafeString:
    """The JSON text for a `<script type="application/ld+json">` of the home's page.

    `home` is the object of the page; `absolute` makes a full URL of a path.
    """
    text = orjson.dumps(description(home, absolute)).decode()
    for char, written in ESCAPES.items():
        text = text.replace(char, written)
    return mark_safe(text)  # noqa: S308 # nosec B308, B703 - nothing that ends or begins an element is left in it


def description(home: Mapping[str, Any], absolute: Callable[[str], str]) -> dict[str, Any]:
    """A `VacationRental`. Whether its price can be talked over is said in words and as a property of its own."""
    address = absolute(f"/homes/{home['property_id']}/")
    about = {
        "@context": "https://schema.org",
        "@type": "VacationRental",
        "@id": address,
        "url": address,
        "identifier": str(home["property_id"]),
        "name": home["name"],
        "description": home["description"],
        "image": [absolute(photo["image_data"]) for photo in home["photos"][:MOST_PICTURES]],
        "address": {"@type": "PostalAddress", "addressLocality": home["location"]},
        "geo": {"@type": "GeoCoordinates", "latitude": home["latitude"], "longitude": home["longitude"]},
        "containsPlace": rooms(home),
        "makesOffer": offer(home, address),
        "additionalProperty": negotiable(home),
    }
    if home["reviews_count"]:
        about["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": home["rating"],
            "reviewCount": home["reviews_count"],
        }
    return about


def rooms(home: Mapping[str, Any]) -> dict[str, Any]:
    """The accommodation: rooms, beds and guests."""
    basics = home["some_basics"]
    return {
        "@type": "Accommodation",
        "additionalType": home["property_sub_type"],
        "occupancy": {"@type": "QuantitativeValue", "maxValue": basics["number_of_guests"]},
        "numberOfBedrooms": basics["number_of_bedrooms"],
        "numberOfBathroomsTotal": basics["number_of_bathrooms"],
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": name, "value": True}
            for name in [*home["regular_amenities"], *home["standout_amenities"]]
        ],
    }


def offer(home: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The list price of a night."""
    price = {
        "@type": "UnitPriceSpecification",
        "price": home["price"],
        "priceCurrency": home["currency"],
        "unitText": "night",
        "valueAddedTaxIncluded": False,
    }
    return {"@type": "Offer", "url": address, "priceSpecification": price, "description": words(home)}


def negotiable(home: Mapping[str, Any]) -> dict[str, Any]:
    """The statement, as machines read it."""
    return {
        "@type": "PropertyValue",
        "name": "priceNegotiable",
        "value": bool(home["negotiation_availability"]),
        "description": words(home),
    }


def words(home: Mapping[str, Any]) -> str:
    """The statement, as people read it."""
    if home["negotiation_availability"]:
        return _("The price is negotiable: a guest may offer less than the list price, and the host answers live.")
    return _("The price is fixed.")
