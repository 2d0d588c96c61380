"""The queries and bodies about nights of one property."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import AmountField, TolerantSerializer, several
from properties.rules.menu import MAX_LINES, MealOrder
from properties.rules.terms import BOOKING_TYPES
from properties.serializers.fields import MOST_A_NIGHT, DayField, NightsSerializer

KINDS = ("breakfast", "lunch", "dinner")


class AvailabilityQuery(TolerantSerializer):
    to = DayField(required=False)

    def get_fields(self) -> dict[str, Any]:
        return {"from": DayField(required=False), **super().get_fields()}


class IntervalBody(NightsSerializer):
    """Nights to block or to free."""


class PriceBody(NightsSerializer):
    """Nights, and what each of them costs."""

    price = AmountField(least="1.00", most=MOST_A_NIGHT)


class OrderSerializer(TolerantSerializer):
    id = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    quantity = serializers.IntegerField(min_value=0, max_value=100, default=1)
    date = DayField(default=None)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]})
class OrdersField(serializers.Field[Any, Any, Any, Any]):
    """`[{"id", "quantity", "date"}]`; in a query as JSON text."""

    def to_internal_value(self, data: Any) -> list[dict[str, Any]]:
        try:
            rows = json.loads(data) if isinstance(data, str) else data
        except (ValueError, RecursionError):
            raise serializers.ValidationError("Give a list of {id, quantity, date} as JSON.") from None
        orders: list[dict[str, Any]] = several(OrderSerializer(), MAX_LINES).run_validation(rows)
        return orders


class QuoteQuery(TolerantSerializer):
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    number_of_guests = serializers.IntegerField(min_value=1, max_value=100_000, default=1)
    booking_type = serializers.CharField(max_length=20, default="")
    breakfast = OrdersField(default=list)
    lunch = OrdersField(default=list)
    dinner = OrdersField(default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["booking_type"] = attrs["booking_type"] or BOOKING_TYPES[0]
        meals = [MealOrder(kind, **order) for kind in KINDS for order in attrs.pop(kind)]
        guests = attrs.pop("number_of_guests")
        return {**attrs, "guests": guests, "meals": meals}
