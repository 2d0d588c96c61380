"""`/auth/…_profile…/`: paths of accounts, on this floor because of what they show."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.views.base import AnybodyView, some_user, user_of
from core import clock
from core.database.replica import reads_replica
from negotiation.selectors.profiles import get_guest_profile, get_host_profile
from negotiation.views import answers


class HostProfileView(AnybodyView):
    """A host's profile."""

    alias_of = ""

    @extend_schema(responses={200: answers.HOST_PROFILE})
    @reads_replica
    def get(self, request: Request, user_id: int) -> Response:
        """Reads a host as everybody sees them."""
        viewer, absolute = some_user(request), request.build_absolute_uri
        return Response(get_host_profile(user_id, viewer=viewer, now=clock.now(), absolute=absolute))


class GuestProfileView(APIView):
    """A guest's profile."""

    @extend_schema(responses={200: answers.GUEST_PROFILE})
    @reads_replica
    def get(self, request: Request, user_id: int) -> Response:
        """Reads a guest as hosts see them who deal with them."""
        viewer, absolute = user_of(request), request.build_absolute_uri
        return Response(get_guest_profile(user_id, viewer=viewer, now=clock.now(), absolute=absolute))
