"""Bodies and answers of the way back and of taking one's data along."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ExportSerializer(serializers.Serializer[Any]):
    """Where an export stands; `url` opens for its owner alone, until `expires_at`."""

    status = serializers.ChoiceField(["preparing", "ready"])
    url = serializers.URLField(required=False)
    expires_at = serializers.DateTimeField(required=False)


class UndoneSerializer(serializers.Serializer[Any]):
    """What sets a new password: goes to `password/reset/confirm/`."""

    uid = serializers.CharField()
    token = serializers.CharField()
