"""Web Push: the key to subscribe with, and the account's subscriptions."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import credential_of
from accounts.push_serializers import PushBody, PushEndBody, PushKeySerializer, PushSubscriptionSerializer
from accounts.pushing.vapid import is_set_up, public_key
from accounts.selectors.push_subscriptions import list_subscriptions
from accounts.services import push_subscriptions as subscriptions
from accounts.views.base import NobodyView, client_of, user_of
from core import clock
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.api.refusals import refuses
from core.errors import Code


class PushView(APIView):
    """Where the account is told of things while no page of it is open."""

    @extend_schema(parameters=PAGE, responses=PushSubscriptionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Lists where notifications are pushed to, newest first."""
        user_id = user_of(request).pk
        return list_response(
            request,
            lambda limit, before: list_subscriptions(user_id, limit, before),
            id_of=lambda row: row.pk,
            show=lambda row: PushSubscriptionSerializer(row).data,
        )

    @extend_schema(request=PushBody, responses={201: PushSubscriptionSerializer})
    @refuses(Code.NOT_FOUND)
    def post(self, request: Request) -> Response:
        """Has notifications pushed to a browser, as long as this sign-in lasts. A repeat is harmless."""
        fields = PushBody.read(request.data)
        row = subscriptions.put_subscription(
            user_id=user_of(request).pk, endpoint=fields["endpoint"], **fields["keys"],
            credential=credential_of(request), user_agent=client_of(request).user_agent, now=clock.now(),
        )  # fmt: skip
        return Response(PushSubscriptionSerializer(row).data, status=201)

    @extend_schema(request=PushEndBody, responses={204: None})
    @refuses(Code.INVALID)
    def delete(self, request: Request) -> Response:
        """Ends the pushes to a browser, by its endpoint. Harmless where there are none."""
        fields = PushEndBody.read(request.data or request.query_params)
        subscriptions.remove_subscription(user_id=user_of(request).pk, endpoint=fields["endpoint"])
        return Response(status=204)


class PushSubscriptionView(APIView):
    """One of the account's subscriptions."""

    @extend_schema(operation_id="auth_push_remove", request=None, responses={204: None})
    @refuses(Code.NOT_FOUND)
    def delete(self, request: Request, subscription_id: int) -> Response:
        """Ends the pushes to one browser, by its number."""
        subscriptions.remove_subscription_by_id(user_id=user_of(request).pk, subscription_id=subscription_id)
        return Response(status=204)


class PushKeyView(NobodyView):
    """The server's side of a subscription."""

    @extend_schema(request=None, responses=PushKeySerializer, auth=[])
    @refuses(Code.NOT_FOUND)
    def get(self, request: Request) -> Response:
        """Answers the public VAPID key; 404 where push is not set up."""
        if not is_set_up():
            raise subscriptions.not_offered()
        return Response({"key": public_key()})
