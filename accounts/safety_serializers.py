"""Bodies and answers of blocking and reporting."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Block, Report
from accounts.serializers import MomentField
from core.api.serializers import ChoiceWord, TolerantSerializer


class BlockSerializer(serializers.ModelSerializer[Block]):
    """A user whom the account blocked."""

    id = serializers.IntegerField(source="blocked_id")
    name = serializers.CharField(source="blocked.name")
    at = MomentField(source="created_at")

    class Meta:
        model = Block
        fields = ["id", "name", "at"]


class SubjectId(serializers.CharField):
    """A number, as a number or as text; for a message `negotiation:seq`."""

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(str(data) if type(data) is int else data))


class ThingReportBody(TolerantSerializer):
    """What is reported, and what is wrong with it."""

    kind = ChoiceWord(Report.Kind.choices)
    id = SubjectId(max_length=40, help_text="A number; of a message `negotiation:seq`.")
    reason = ChoiceWord(Report.Reason.choices)
    text = serializers.CharField(max_length=2000, required=False)


class ThingReportSerializer(serializers.ModelSerializer[Report]):
    """A report that was taken."""

    class Meta:
        model = Report
        fields = ["id"]
