"""`/auth/agents/`: mandates. The views stand in this app because they show negotiations. Machines have no access."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Mandate
from accounts.rules.mandates import status_of
from accounts.selectors.mandates import access_mandate, list_mandates, terms_of
from accounts.services.mandates import revoke_mandate
from accounts.views.base import user_of
from core import clock
from core.api.fields import YesNoField
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.api.refusals import refuses
from core.api.serializers import PlainSerializer
from core.errors import Code
from negotiation.mandate_serializers import (
    LimitsBody,
    MandateBody,
    MandateSerializer,
    NewMandateSerializer,
    mandate_body,
)
from negotiation.selectors.mandates import get_standings, list_log
from negotiation.services.mandates import give_mandate, narrow_mandate
from negotiation.views import openapi


class AgentsQuery(PlainSerializer):
    """The query; `?ended=1` includes mandates that have ended."""

    ended = YesNoField(required=False)


class AgentsView(APIView):
    """The account's mandates: what its machines may do."""

    @extend_schema(
        parameters=[OpenApiParameter("ended", bool, description="Those that have ended, too."), *PAGE],
        responses=MandateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Lists the account's live mandates, newest first; with `ended=1` those that have ended, too."""
        now, asked = clock.now(), AgentsQuery.read(request.query_params)
        user_id, ended = user_of(request).pk, asked.get("ended", False)

        def fetch(limit: int, before: int | None) -> list[dict[str, Any]]:
            return shown(list(list_mandates(user_id, now, ended=ended, before=before)[:limit]), now)

        return list_response(request, fetch, id_of=lambda one: int(one["id"]), show=lambda one: one)

    @extend_schema(request=MandateBody, responses={201: NewMandateSerializer})
    @refuses(Code.MANDATE_EXCEEDED)
    def post(self, request: Request) -> Response:
        """Lets a machine act within limits; its key is shown this once."""
        now, values = clock.now(), MandateBody.read(request.data)
        mandate, key = give_mandate(user_id=user_of(request).pk, values=values, now=now)
        return Response(shown([mandate], now)[0] | {"key": key}, status=201)


class AgentView(APIView):
    """One of the account's mandates."""

    @extend_schema(responses=MandateSerializer)
    @refuses(Code.NOT_FOUND)
    def get(self, request: Request, mandate_id: int) -> Response:
        """Reads a mandate, also one that has ended."""
        return Response(shown([access_mandate(mandate_id, user_id=user_of(request).pk)], clock.now())[0])

    @extend_schema(request=LimitsBody, responses=MandateSerializer)
    @refuses(Code.NOT_FOUND)
    def patch(self, request: Request, mandate_id: int) -> Response:
        """Lowers a mandate from its next move on; its sockets close."""
        now, changes = clock.now(), LimitsBody.read(request.data)
        mandate = narrow_mandate(mandate_id=mandate_id, user_id=user_of(request).pk, changes=changes, now=now)
        return Response(shown([mandate], now)[0])

    @extend_schema(request=None, responses={204: None})
    @refuses(Code.NOT_FOUND)
    def delete(self, request: Request, mandate_id: int) -> Response:
        """Ends a mandate from its next move on; its sockets close. What it offered stands."""
        revoke_mandate(mandate_id=mandate_id, user_id=user_of(request).pk, now=clock.now())
        return Response(status=204)


class AgentLogView(APIView):
    """What a mandate's machine did."""

    @extend_schema(**openapi.AGENT_LOG)
    @refuses(Code.NOT_FOUND)
    def get(self, request: Request, mandate_id: int) -> Response:
        """Lists what the machine did and was refused, newest first."""
        mandate = access_mandate(mandate_id, user_id=user_of(request).pk)
        return list_response(
            request,
            lambda limit, before: list_log(mandate.pk, limit, before),
            id_of=lambda line: int(line["id"]),
            show=lambda line: line,
        )


def shown(mandates: list[Mandate], now: datetime) -> list[dict[str, Any]]:
    """The mandates' objects."""
    standings = get_standings([mandate.pk for mandate in mandates], now)
    return [mandate_body(one, standings[one.pk], status_of(terms_of(one), now)) for one in mandates]
