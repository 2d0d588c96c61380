"""Bodies and answers of undoing a change of an account, and of exporting its data."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ExportSerializer(serializers.Serializer[Any]):
    """The state of an export. `url` opens for its owner alone, until `expires_at`."""

    status = serializers.ChoiceField(["preparing", "ready"])
    url = serializers.URLField(required=False)
    expires_at = serializers.DateTimeField(required=False)


class UndoneSerializer(serializers.Serializer[Any]):
    """What sets a new password; a client sends it to `password/reset/confirm/`."""

    uid = serializers.CharField()
    token = serializers.CharField()
