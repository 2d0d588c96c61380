"""`/api/property/<id>/`: on this floor, since the page shows reviews."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession, agent_of
from bookings.selectors.property_page import get_property_page
from bookings.views import answers
from core import clock
from core.api.refusals import refuses
from core.database.replica import reads_replica
from core.errors import Code
from properties.services.view_counts import count_view
from properties.views.actors import some_actor


class PropertyView(APIView):
    """A listed property as everybody may read it; its host reads it whatever its state."""

    agents_need: ClassVar[dict[str, str]] = {"GET": ""}
    authentication_classes = (OptionalTokenOrSession,)
    permission_classes = (AllowAny,)

    @extend_schema(responses={200: answers.PAGE})
    @refuses(Code.PROPERTY_NOT_LISTED)
    @reads_replica
    def get(self, request: Request, property_id: int) -> Response:
        """Reads a home; its host reads it whatever its state."""
        # A machine reads the public page only; the exact address is for its user.
        now, agent = clock.now(), agent_of(request)
        actor = some_actor(request) if agent is None else None
        page = get_property_page(property_id=property_id, actor=actor, now=now, absolute=request.build_absolute_uri)
        if agent is None and (actor is None or actor.pk != page["host"]["host_id"]):
            count_view(property_id, now)
        return Response(page)
