"""Fields that several bodies share."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import TolerantSerializer
from core.said import said

# The calendar's edges: what lies beyond can't be booked anyway, and dates near year 9999 overflow arithmetic.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
MOST_A_NIGHT = "10000000.00"
CURRENCY_WANTED = said("Give an ISO 4217 code of a currency with two decimals, such as BDT.")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class DayField(serializers.DateField):
    """A date, YYYY-MM-DD, of the years in which anything can be booked."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["iso-8601"], **kwargs)

    def to_internal_value(self, value: Any) -> date:
        day = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise serializers.ValidationError(
                said("Give a date from %(first_day)s to %(last_day)s.", first_day=FIRST_DAY, last_day=LAST_DAY)
            )
        return day


class NightsSerializer(TolerantSerializer):
    """`{start_date, end_date}`, half-open; a start that is also the end means that one night."""

    start_date = DayField()
    end_date = DayField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end_date"] < attrs["start_date"]:
            raise serializers.ValidationError({"end_date": "The end must not be before the start."})
        if attrs["end_date"] == attrs["start_date"]:
            attrs["end_date"] += timedelta(1)
        return attrs


class CoordinateField(serializers.FloatField):
    """Degrees, kept to six decimals (about 0.1 m)."""

    def to_internal_value(self, data: Any) -> Decimal:  # type: ignore[override]  # exact where DRF has floats
        number = super().to_internal_value(data)
        if isinstance(data, bool) or not math.isfinite(number):
            self.fail("invalid")
        return Decimal(str(round(number, 6)))


class CurrencyField(serializers.RegexField):
    """Three letters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[A-Za-z]{3}\Z", error_messages={"invalid": CURRENCY_WANTED}, **kwargs)


class PercentField(serializers.DecimalField):
    """A percentage with at most two decimals; both limits included."""

    def __init__(self, *, least: int = 0, most: int = 100, **kwargs: Any) -> None:
        limits = {"min_value": Decimal(least), "max_value": Decimal(most)}
        super().__init__(max_digits=5, decimal_places=2, **limits, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"oneOf": [{"type": "integer", "minimum": 0, "maximum": 6}, {"type": "string"}]})
class WeekdayField(serializers.Field[int, Any, int, Any]):
    """0 (Monday) to 6, or the English name of the day, or its first three letters."""

    def to_internal_value(self, data: Any) -> int:
        word = str(data).strip().casefold() if isinstance(data, int | str) and not isinstance(data, bool) else ""
        for number, name in enumerate(WEEKDAYS):
            if word in (str(number), name, name[:3]):
                return number
        raise serializers.ValidationError("Give 0 (Monday) to 6 (Sunday), or the day's English name.")

    def to_representation(self, value: int) -> int:
        return value


class WordsField(serializers.ListField):
    """A list of short texts; each may also come as `{"name": …}`. Blank ones and repeats are dropped."""

    def __init__(self, *, most: int = 50, letters: int = 100, **kwargs: Any) -> None:
        super().__init__(child=serializers.CharField(max_length=letters, allow_blank=True), max_length=most, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        if isinstance(data, list):
            data = [row.get("name", "") if isinstance(row, dict) else row for row in data if row is not None]
        words = super().to_internal_value(data)
        return list(dict.fromkeys(word for word in words if word))


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
class HourField(serializers.TimeField):
    """A time of the day, "14:00"; what follows the minute may be given and is not answered."""


@extend_schema_field(
    {
        "type": "array",
        "maxItems": 50,
        "items": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 100}}, "required": ["name"]},
    }
)
class NamedField(WordsField):
    """A list of words that is answered as `{"name": …}`."""
