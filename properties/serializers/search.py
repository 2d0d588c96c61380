"""Reads a search from a query string or a JSON body."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import AmountField, ChoiceWord, TolerantSerializer, given
from core.said import said
from properties.rules.places import plain_text
from properties.rules.search import (
    DEFAULT_RADIUS_KM,
    MAX_RADIUS_KM,
    MOST_FLEXIBLE_DAYS,
    SORTS,
    Near,
    SearchQuery,
    boxes_between,
    check_search_dates,
    read_cursor,
)
from properties.rules.terms import BOOKING_TYPE_ALIASES
from properties.serializers.fields import CoordinateField, CurrencyField
from properties.serializers.steps import TYPES

MAX_WORDS = 8
NO_FILTER = "any"


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "number"}}]})
class Numbers(serializers.Field[list[float], Any, list[float], Any]):
    """`count` numbers as a list or with commas between: longitudes and latitudes."""

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def to_internal_value(self, data: Any) -> list[float]:
        parts = data.split(",") if isinstance(data, str) else data
        if not isinstance(parts, list) or len(parts) != self.count:
            raise serializers.ValidationError(said("Give %(count)s numbers with commas between.", count=self.count))
        degrees = CoordinateField(min_value=-540, max_value=540)
        return [float(degrees.run_validation(part)) for part in parts]


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
class Words(serializers.Field[list[str], Any, list[str], Any]):
    """A list, or texts with commas between."""

    def to_internal_value(self, data: Any) -> list[str]:
        parts = data.split(",") if isinstance(data, str) else data
        texts = serializers.ListField(child=serializers.CharField(max_length=100, allow_blank=True), max_length=50)
        return [text for text in texts.run_validation(parts) if text and text.casefold() != NO_FILTER]


class Kinds(Words):
    """Property types, whatever their case."""

    def to_internal_value(self, data: Any) -> list[str]:
        return [ChoiceWord(choices=TYPES).run_validation(text) for text in super().to_internal_value(data)]


class Filters(TolerantSerializer):
    """`"any"`, `""` and null are no filter."""

    takes_any = True

    def to_internal_value(self, data: Any) -> Any:
        data = given(data)
        if isinstance(data, Mapping):
            data = {name: value for name, value in data.items() if not is_any(value)}
        return super().to_internal_value(data)


class PriceRange(Filters):
    min = AmountField(least="0.00", required=False)
    max = AmountField(least="0.00", required=False)


class SearchBody(Filters):
    """A search as asked for."""

    location = serializers.CharField(max_length=200, required=False)
    check_in = serializers.DateField(required=False)
    check_out = serializers.DateField(required=False)
    flexible_days = serializers.IntegerField(
        min_value=0, max_value=MOST_FLEXIBLE_DAYS, required=False,
        help_text="A stay of as many nights may begin so many days sooner or later; `check_in` and `check_out` of a home say when.",
    )  # fmt: skip
    guests = serializers.IntegerField(min_value=1, max_value=30_000, required=False)
    min_price = AmountField(least="0.00", required=False)
    max_price = AmountField(least="0.00", required=False)
    price_range = PriceRange(required=False)
    currency = CurrencyField(required=False)
    property_type = Kinds(required=False)
    category = ChoiceWord(choices=list(BOOKING_TYPE_ALIASES), required=False)
    amenities = Words(required=False)
    bbox = Numbers(4, required=False, help_text="west,south,east,north")
    near = Numbers(2, required=False, help_text="latitude,longitude")
    radius_km = serializers.FloatField(min_value=0.001, max_value=MAX_RADIUS_KM, required=False)
    negotiable = serializers.BooleanField(required=False)
    superhost = serializers.BooleanField(required=False)
    sort = ChoiceWord(choices=SORTS, required=False)
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)
    cursor = serializers.CharField(max_length=4000, required=False)

    def validate_bbox(self, box: list[float]) -> list[float]:
        _, south, _, north = box
        if south > north or south < -90 or north > 90:
            raise serializers.ValidationError("Give west,south,east,north in degrees.")
        return box

    def validate_near(self, point: list[float]) -> list[float]:
        if abs(point[0]) > 90 or abs(point[1]) > 180:
            raise serializers.ValidationError("Give latitude,longitude in degrees.")
        return point

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("sort") == "distance" and "near" not in attrs:
            raise serializers.ValidationError({"near": "Sorting by distance needs a point: near=latitude,longitude."})
        return attrs


class SearchQueryFields(SearchBody):
    """The search as parameters of a query, which hold no objects."""

    price_range = None  # type: ignore[assignment]  # the framework's way to leave a field out


class PlacesBody(TolerantSerializer):
    """The beginning of a place's name."""

    q = serializers.CharField(max_length=100, default="", allow_blank=True)


def is_any(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in (NO_FILTER, "")


def _near(asked: dict[str, Any]) -> Near | None:
    if "near" not in asked:
        return None
    latitude, longitude = asked["near"]
    return Near(latitude, longitude, asked.get("radius_km") or DEFAULT_RADIUS_KM)


def read_search(data: Any, now: datetime) -> SearchQuery:
    """The search in a query or body. Raises `invalid` and `dates.invalid`."""
    asked = SearchBody.read(data)
    prices = asked.get("price_range", {})
    check_search_dates(asked.get("check_in"), asked.get("check_out"), now)
    near = _near(asked)
    sort = asked.get("sort") or ("distance" if near else "relevance")
    return SearchQuery(
        words=tuple(dict.fromkeys(plain_text(asked.get("location", "")).split()[:MAX_WORDS])),
        check_in=asked.get("check_in"),
        check_out=asked.get("check_out"),
        flexible_days=asked.get("flexible_days", 0),
        guests=asked.get("guests"),
        min_price=asked.get("min_price", prices.get("min")),
        max_price=asked.get("max_price", prices.get("max")),
        currency=asked.get("currency", "BDT").upper(),
        property_types=tuple(asked.get("property_type", ())),
        category=BOOKING_TYPE_ALIASES.get(asked.get("category", ""), ""),
        amenities=tuple(filter(None, map(plain_text, asked.get("amenities", ())))),
        boxes=tuple(boxes_between(*asked["bbox"])) if "bbox" in asked else (),
        near=near,
        negotiable=asked.get("negotiable", False),
        superhost=asked.get("superhost", False),
        sort=sort,
        limit=asked["limit"],
        cursor=read_cursor(asked["cursor"], sort) if "cursor" in asked else None,
    )
