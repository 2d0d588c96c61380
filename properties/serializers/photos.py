"""The body of uploaded photos."""

from __future__ import annotations

from rest_framework import serializers

from core.api.serializers import TolerantSerializer


class UploadBody(TolerantSerializer):
    description = serializers.CharField(max_length=300, default="")


class OrderBody(TolerantSerializer):
    order = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=100)
