"""Bodies and answers of the second factor."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Passkey
from accounts.serializers import MomentField, PasswordField
from core.api.serializers import TolerantSerializer


class PasswordOnlyBody(TolerantSerializer):
    """The password that proves who asks."""

    password = PasswordField()


class AppBody(PasswordOnlyBody):
    """The password that proves who sets up an app."""


class ConfirmAppBody(TolerantSerializer):
    """The code that the app shows."""

    code = serializers.CharField(max_length=20, help_text="Six digits.")


class PasskeyBody(TolerantSerializer):
    """The passkey that the browser made."""

    name = serializers.CharField(max_length=60, help_text="How its owner knows it.")
    credential = serializers.DictField(help_text="`PublicKeyCredential.toJSON()`.")


class PasskeySerializer(serializers.ModelSerializer[Passkey]):
    """One of the account's passkeys."""

    created_at = MomentField()
    last_used_at = MomentField(allow_null=True)

    class Meta:
        model = Passkey
        fields = ["id", "name", "created_at", "last_used_at"]


class FactorsSerializer(serializers.Serializer[Any]):
    """An account's second factors. `needed`: it is of the staff, whose pages ask for one."""

    totp = serializers.BooleanField()
    recovery_codes_left = serializers.IntegerField()
    passkeys = PasskeySerializer(many=True)
    needed = serializers.BooleanField()


class AppSerializer(serializers.Serializer[Any]):
    """What goes into the app: typed in, or as a QR code of `uri`."""

    secret = serializers.CharField()
    uri = serializers.CharField()


class CodesSerializer(serializers.Serializer[Any]):
    """Recovery codes, shown this once; empty where the account has some."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class MadePasskeySerializer(CodesSerializer):
    """The new passkey, and recovery codes where it is the first factor."""

    passkey = PasskeySerializer()
