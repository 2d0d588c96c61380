"""`/auth/…_profile…/`: paths of accounts, on this floor because of what they show."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.views.base import AnybodyView, some_user, user_of
from core import clock
from negotiation.selectors.profiles import get_guest_profile, get_host_profile


class ProfileReview(serializers.Serializer):
    """A review in a profile."""

    rating = serializers.IntegerField()
    review = serializers.CharField()
    reviewer_name = serializers.CharField()
    date = serializers.DateField()
    property_id = serializers.IntegerField()
    answer = serializers.CharField(allow_null=True)


class ProfileListing(serializers.Serializer):
    """A listed home in a profile."""

    property_id = serializers.IntegerField()
    name = serializers.CharField()
    photo = serializers.URLField(allow_null=True)
    location_name = serializers.CharField()
    price_per_night = serializers.CharField()
    currency = serializers.CharField()
    rating = serializers.FloatField(allow_null=True)
    reviews_count = serializers.IntegerField()


class Person(serializers.Serializer):
    """Who it is; `email` and `phone` only for the other party of a settled booking."""

    host_id = serializers.IntegerField()
    name = serializers.CharField()
    super_host = serializers.BooleanField()
    verified = serializers.BooleanField()
    profile_pic = serializers.URLField(allow_null=True)
    joined = serializers.DateField()
    reviews = ProfileReview(many=True)
    email = serializers.EmailField(required=False)
    phone = serializers.CharField(required=False)


class HostProfile(Person):
    """A host as everybody sees them."""

    response_rate = serializers.FloatField(allow_null=True, help_text="Per cent of first bids, over 365 days.")
    response_time = serializers.CharField(allow_null=True)
    rating = serializers.FloatField(allow_null=True)
    reviews_count = serializers.IntegerField()
    listings = ProfileListing(many=True)


class GuestProfile(Person):
    """A guest as hosts see them who deal with them."""

    guest_id = serializers.IntegerField()
    stays = serializers.IntegerField()


class HostProfileView(AnybodyView):
    """A host's profile."""

    @extend_schema(responses=HostProfile)
    def get(self, request: Request, user_id: int) -> Response:
        viewer, absolute = some_user(request), request.build_absolute_uri
        return Response(get_host_profile(user_id, viewer=viewer, now=clock.now(), absolute=absolute))


class GuestProfileView(APIView):
    """A guest's profile."""

    @extend_schema(responses=GuestProfile)
    def get(self, request: Request, user_id: int) -> Response:
        viewer, absolute = user_of(request), request.build_absolute_uri
        return Response(get_guest_profile(user_id, viewer=viewer, now=clock.now(), absolute=absolute))
