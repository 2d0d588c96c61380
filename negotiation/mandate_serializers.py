"""Bodies of `/auth/agents/`, and the mandate as its person sees it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Mandate
from accounts.rules.mandates import MAY, MOST_OPEN, MOST_PROPERTIES, NAME_LENGTH, SIDES
from accounts.serializers import MomentField
from core.api.fields import MAX_ID
from core.api.serializers import AmountField, ChoiceWord, TolerantSerializer
from core.money import money
from negotiation.selectors.mandates import Standing
from properties.serializers.fields import CURRENCY_WANTED, CurrencyField, PercentField
from properties.serializers.steps import CURRENCIES

WHEN = "Give a time such as 2026-12-31T18:00:00Z."


class WhenField(serializers.DateTimeField):
    """A moment, ISO 8601; without a zone UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error_messages |= dict.fromkeys(("invalid", "date", "make_aware", "overflow"), WHEN)


class LimitsBody(TolerantSerializer):
    """A mandate's limits; what is not given is no limit."""

    name = serializers.CharField(max_length=NAME_LENGTH, required=False, help_text="What its person calls the machine.")
    expires_at = WhenField(required=False, help_text="At most 90 days ahead.")
    may = serializers.ListField(child=ChoiceWord(choices=MAY), allow_empty=False, max_length=20, required=False)
    max_total = AmountField(
        required=False, help_text="A guest's: the most, all in, of what stands, is unpaid or ahead, in all."
    )
    min_percent = PercentField(required=False, help_text="A host's: the least, in per cent of the list amount.")
    properties = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=MAX_ID),
        allow_empty=False,
        max_length=MOST_PROPERTIES,
        required=False,
        source="property_ids",
        help_text="The homes that it is for; not given: all.",
    )
    max_open = serializers.IntegerField(
        min_value=0, max_value=MOST_OPEN, required=False, help_text="Open negotiations that the machine opened."
    )
    check_in_from = serializers.DateField(required=False)
    check_out_by = serializers.DateField(required=False)


class MandateBody(LimitsBody):
    """A new mandate."""

    name = serializers.CharField(max_length=NAME_LENGTH, help_text="What its person calls the machine.")
    expires_at = WhenField(help_text="At most 90 days ahead.")
    side = ChoiceWord(choices=SIDES)
    may = serializers.ListField(child=ChoiceWord(choices=MAY), allow_empty=False, max_length=20)
    currency = CurrencyField(help_text="Of max_total, and of every home whose price it haggles over.")

    def validate_currency(self, code: str) -> str:
        if code.upper() not in CURRENCIES:
            raise serializers.ValidationError(CURRENCY_WANTED)
        return code.upper()


class MandateSerializer(serializers.Serializer[Any]):
    """A mandate as its person sees it; never its key."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=("live", "expired", "revoked"))
    side = serializers.ChoiceField(choices=SIDES)
    may = serializers.ListField(child=serializers.ChoiceField(choices=MAY))
    currency = serializers.CharField()
    max_total = serializers.CharField(allow_null=True)
    min_percent = serializers.CharField(allow_null=True)
    properties = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    max_open = serializers.IntegerField(allow_null=True)
    check_in_from = serializers.DateField(allow_null=True)
    check_out_by = serializers.DateField(allow_null=True)
    created_at = MomentField()
    expires_at = MomentField()
    last_used_at = MomentField(allow_null=True)
    revoked_at = MomentField(allow_null=True)
    total = serializers.CharField(help_text="What it has at stake now, all in: what max_total bounds.")
    open = serializers.IntegerField(help_text="Open negotiations that it opened: what max_open bounds.")


# Fields that the object takes from the row unchanged.
OWN = (
    "id", "name", "side", "may", "currency", "max_open", "check_in_from", "check_out_by", "created_at", "expires_at",
    "last_used_at", "revoked_at",
)  # fmt: skip


class NewMandateSerializer(MandateSerializer):
    """A new mandate with its key, which is never shown again."""

    key = serializers.CharField()


def mandate_body(mandate: Mandate, standing: Standing, status: str) -> dict[str, Any]:
    """The object of `MandateSerializer`."""
    named = {name: getattr(mandate, name) for name in OWN}
    figures = {
        "max_total": None if mandate.max_total is None else money(mandate.max_total),
        "min_percent": None if mandate.min_percent is None else money(mandate.min_percent),
        "properties": mandate.property_ids,
        "status": status,
        "total": money(standing.total),
        "open": len(standing.opened),
    }
    return dict(MandateSerializer({**named, **figures}).data)
