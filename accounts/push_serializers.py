"""Bodies and answers of push subscriptions."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from rest_framework import serializers

from accounts.models import PushSubscription
from accounts.models.pushes import ENDPOINT_LENGTH
from accounts.serializers import MomentField
from core.api.serializers import TolerantSerializer

SECRET_BYTES = 16


class Base64Field(serializers.CharField):
    """Bytes as base64, in either alphabet, with or without padding; kept as base64url without."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data).rstrip("=").translate(str.maketrans("+/", "-_"))
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            self.check(raw)
        except (ValueError, binascii.Error) as error:
            raise serializers.ValidationError("Send the key as the browser gave it, as base64url.") from error
        return urlsafe_b64encode(raw).rstrip(b"=").decode()

    def check(self, raw: bytes) -> None:
        raise NotImplementedError


class PointField(Base64Field):
    """A public key: an uncompressed point of P-256."""

    def check(self, raw: bytes) -> None:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        if raw[:1] != b"\x04":
            raise ValueError


class SecretField(Base64Field):
    """Sixteen bytes that browser and sender share."""

    def check(self, raw: bytes) -> None:
        if len(raw) != SECRET_BYTES:
            raise ValueError


class PushKeysBody(TolerantSerializer):
    """The keys of `PushSubscription.toJSON()`."""

    p256dh = PointField()
    auth = SecretField()


class PushBody(TolerantSerializer):
    """What `PushSubscription.toJSON()` of a browser says."""

    endpoint = serializers.CharField(max_length=ENDPOINT_LENGTH)
    keys = PushKeysBody()


class PushEndBody(TolerantSerializer):
    """Names the subscription that ends."""

    endpoint = serializers.CharField(max_length=ENDPOINT_LENGTH)


class PushSubscriptionSerializer(serializers.ModelSerializer[PushSubscription]):
    """A subscription to pushes, as its owner sees it."""

    created_at = MomentField()

    class Meta:
        model = PushSubscription
        fields = ["id", "endpoint", "user_agent", "created_at"]


class PushKeySerializer(serializers.Serializer[Any]):
    """The key that a browser subscribes with."""

    key = serializers.CharField(help_text="The public VAPID key (`applicationServerKey`), as base64url.")
