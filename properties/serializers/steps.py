"""The bodies of the seven steps. A body replaces its step whole; what is not given takes its default."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import AmountField, ChoiceWord, LineField, TolerantSerializer, several
from core.zone_names import one_spelling
from properties.rules.seasons import MOST_RULES
from properties.rules.terms import MAX_NIGHTS
from properties.selectors.timezones import is_known_timezone, timezone_at
from properties.serializers.fields import (
    CURRENCY_WANTED,
    MOST_A_NIGHT,
    CoordinateField,
    CurrencyField,
    DayField,
    HourField,
    NamedField,
    NightsSerializer,
    PercentField,
    WeekdayField,
    WordsField,
)

TYPES = ("House", "Apartment", "Cabin", "Campground", "Tower", "Castle", "Houseboat", "Hotel", "Dome")
SUB_TYPES = ("Entire place", "Private room", "Shared room")
# ISO 4217's circulating currencies with two decimals.
CURRENCIES = frozenset(
    " ".join(
        (
            "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY",
            "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS",
            "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR",
            "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD",
            "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG",
        )
    ).split()
)
POLICIES = ("flexible", "moderate", "firm")
MAX_PHOTOS = 20


class LocationSerializer(TolerantSerializer):
    latitude = CoordinateField(min_value=-90, max_value=90)
    longitude = CoordinateField(min_value=-180, max_value=180)
    selected_location = LineField(max_length=300)
    house_name = serializers.CharField(max_length=100, default="")
    holding_number = serializers.CharField(max_length=50, default="")
    flat_number = serializers.CharField(max_length=50, default="")
    road_number = serializers.CharField(max_length=100, default="")
    area_details = serializers.CharField(max_length=300, default="")


class BasicsSerializer(TolerantSerializer):
    number_of_guests = serializers.IntegerField(min_value=1, max_value=1000)
    number_of_bedrooms = serializers.IntegerField(min_value=0, max_value=1000)
    number_of_beds = serializers.IntegerField(min_value=0, max_value=1000)
    number_of_bathrooms = serializers.IntegerField(min_value=0, max_value=1000)


class Step1(TolerantSerializer):
    property_type = ChoiceWord(choices=TYPES)
    property_sub_type = ChoiceWord(choices=SUB_TYPES)
    online_type = serializers.CharField(max_length=50, default="")
    stay = serializers.BooleanField(default=False)
    stay_with_meal = serializers.BooleanField(default=False)
    paying_guest = serializers.BooleanField(default=False)
    timezone = serializers.CharField(max_length=50, default="", help_text="An IANA name; else that of the coordinates.")
    location = LocationSerializer()
    some_basics = BasicsSerializer()

    def validate_timezone(self, name: str) -> str:
        name = one_spelling(name)
        if name and not is_known_timezone(name):
            raise serializers.ValidationError("Give an IANA name such as Asia/Dhaka.")
        return name

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not (attrs["stay"] or attrs["stay_with_meal"] or attrs["paying_guest"]):
            raise serializers.ValidationError({"stay": "Offer at least one of stay, stay_with_meal, paying_guest."})
        place = attrs["location"]
        attrs["timezone"] = attrs["timezone"] or timezone_at(float(place["latitude"]), float(place["longitude"]))
        return attrs


class PhotoSerializer(TolerantSerializer):
    """`image_data` is a data-URL, or the address of a photo that the property already has."""

    image_data = serializers.CharField(trim_whitespace=False)
    description = serializers.CharField(max_length=300, default="")


class Step2(TolerantSerializer):
    """Amenities and photos; without `photos` the present ones stay."""

    regular_amenities = NamedField(default=list)
    standout_amenities = NamedField(default=list)
    photos = several(PhotoSerializer(), MAX_PHOTOS, required=False)


class Step3(TolerantSerializer):
    house_title = LineField(max_length=200)
    highlights = WordsField(default=list)
    description = serializers.CharField(max_length=10_000, default="")


class DiscountsSerializer(TolerantSerializer):
    """Discounts in per cent; null or 0 means none."""

    earlyBooking = PercentField(most=99, default=None, allow_null=True)
    weeklyStay = PercentField(most=99, default=None, allow_null=True)
    monthlyStay = PercentField(most=99, default=None, allow_null=True)


class HaggleSerializer(TolerantSerializer):
    auto_accept_percent = PercentField(least=1, default=None, allow_null=True)
    auto_decline_percent = PercentField(least=0, default=None, allow_null=True)
    offers_per_side = serializers.IntegerField(min_value=1, max_value=20, default=3)
    people_only = serializers.BooleanField(default=False, help_text="No machine haggles here for anybody.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        accept, decline = attrs["auto_accept_percent"], attrs["auto_decline_percent"]
        if accept is not None and decline is not None and decline > accept:
            raise serializers.ValidationError({"auto_decline_percent": "Must not be above auto_accept_percent."})
        return attrs


class PriceRuleSerializer(NightsSerializer):
    start_date = DayField()
    end_date = DayField()
    weekdays = serializers.ListField(child=WeekdayField(), max_length=7, default=None, allow_null=True)
    price = AmountField(least="1.00", most=MOST_A_NIGHT)
    min_nights = serializers.IntegerField(min_value=1, max_value=MAX_NIGHTS, default=None, allow_null=True)


class Step4(TolerantSerializer):
    price = AmountField(least="1.00", most=MOST_A_NIGHT)
    currency = CurrencyField(required=False)
    discounts = DiscountsSerializer(default=lambda: DiscountsSerializer.read({}))
    security_features = WordsField(default=list)
    negotiation_availability = serializers.BooleanField(default=False)
    negotiation = HaggleSerializer(default=lambda: HaggleSerializer.read({}))
    instant_book = serializers.BooleanField(default=False)
    cancellation_policy = ChoiceWord(choices=POLICIES, default="moderate")
    price_rules = several(PriceRuleSerializer(), MOST_RULES, default=list)
    cleaning_fee = AmountField(least="0.00", most=MOST_A_NIGHT, default=None, allow_null=True)
    min_nights = serializers.IntegerField(min_value=1, max_value=MAX_NIGHTS, default=1)
    max_nights = serializers.IntegerField(min_value=1, max_value=MAX_NIGHTS, default=MAX_NIGHTS)
    fill_gaps = serializers.BooleanField(default=True)
    notice_days = serializers.IntegerField(min_value=0, max_value=365, default=0)
    check_in_from = HourField(default=None, allow_null=True)
    check_out_by = HourField(default=None, allow_null=True)
    house_rules = serializers.CharField(max_length=5000, default="")

    def validate_currency(self, code: str) -> str:
        if code.upper() not in CURRENCIES:
            raise serializers.ValidationError(CURRENCY_WANTED)
        return code.upper()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["max_nights"] < attrs["min_nights"]:
            raise serializers.ValidationError({"max_nights": "Must not be below min_nights."})
        if any((rule["min_nights"] or 1) > attrs["max_nights"] for rule in attrs["price_rules"]):
            raise serializers.ValidationError({"max_nights": "Must not be below min_nights of a season."})
        return attrs


class DishSerializer(TolerantSerializer):
    """A dish; an existing one keeps its id where the id or the same name is sent.

    `photo` is a data-URL, or the address under which it was answered; any other text means none.
    """

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    name = serializers.CharField(max_length=100)
    price = AmountField(least="0.00", most="1000000.00")
    photo = serializers.CharField(default=None, allow_null=True, trim_whitespace=False)
    description = serializers.CharField(max_length=2000, default="")


class Step5(TolerantSerializer):
    breakfast = several(DishSerializer(), 50, default=list)
    lunch = several(DishSerializer(), 50, default=list)
    dinner = several(DishSerializer(), 50, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for kind, dishes in attrs.items():
            names = [dish["name"].casefold() for dish in dishes]
            if len(set(names)) < len(names):
                raise serializers.ValidationError({kind: "Two dishes of one meal can't have the same name."})
        return attrs


class Step6(TolerantSerializer):
    allow_paying_guests = serializers.BooleanField(default=False)
    description = serializers.CharField(max_length=5000, default="")
    meal_price = AmountField(least="0.00", most="1000000.00", default=None, allow_null=True)
    photo = serializers.CharField(default=None, allow_null=True, trim_whitespace=False)


class Step7(TolerantSerializer):
    """Windows. Without dates the property is always open, unless `always_open` is sent as false."""

    selected_dates = several(NightsSerializer(), 1000, default=list)
    always_open = serializers.BooleanField(default=True)
