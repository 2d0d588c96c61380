"""Bodies and answers about calendars of other sites."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.serializers import LineField, TolerantSerializer
from core.said import said

WANTED = said("Give the calendar's address (url), or upload it as a file.")


class ImportedCalendarBody(TolerantSerializer):
    """An address as JSON, or a file as multipart; without a name the address's host or the file's name is one."""

    name = LineField(max_length=100, default="")
    url = serializers.CharField(max_length=2000, default="")
    file = serializers.FileField(required=False, allow_empty_file=True, use_url=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["url"]) == ("file" in attrs):
            both = said("Give the address or the file, not both.")
            raise serializers.ValidationError({"url": both if attrs["url"] else WANTED})
        return attrs


class ConflictAnswer(serializers.Serializer[Any]):
    """A stay here and an event there on the same night; each half-open."""

    booking = serializers.IntegerField(allow_null=True)
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    event_start = serializers.DateField()
    event_end = serializers.DateField()


class ImportedCalendarAnswer(serializers.Serializer[Any]):
    """A calendar of another site. `url` and `next_read_at` are null for a file."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(choices=("waiting", "good", "failing"))
    last_read_at = serializers.DateTimeField(allow_null=True)
    next_read_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_null=True)
    events = serializers.IntegerField()
    nights = serializers.IntegerField()
    conflicts = ConflictAnswer(many=True)
