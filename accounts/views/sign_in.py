"""Signing in and out, and what is signed in."""

from __future__ import annotations

from django.contrib.auth import logout
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import credential_of
from accounts.models import AuthToken, User
from accounts.selectors.users import list_sign_ins
from accounts.serializers import LogInBody, SignedInSerializer, SignInSerializer, TicketSerializer
from accounts.services.log_in import log_in, log_in_by_passkey
from accounts.services.sign_ins import draw_own_ticket, end_own_sign_in, end_sign_ins, end_token, publish_credentials
from accounts.sites import site_of
from accounts.views.base import AnybodyView, NobodyView, client_of, proof_of, user_of
from accounts.views.sign_up import answer
from core import clock
from core.api.openapi import PAGE
from core.api.paging import list_response
from core.api.refusals import refuses
from core.errors import Code


class LogInView(NobodyView):
    """Signs a client in by token."""

    @extend_schema(request=LogInBody, responses=SignedInSerializer, auth=[])
    @refuses(Code.AUTH_BAD_CREDENTIALS, Code.AUTH_SECOND_FACTOR)
    def post(self, request: Request) -> Response:
        """Signs a client in: a token."""
        fields, client, now = LogInBody.read(request.data), client_of(request), clock.now()
        if "password" not in fields:
            site, passkey = site_of(request), fields["passkey"]
            return answer(request, log_in_by_passkey(credential=passkey, site=site, client=client, now=now))
        name, work = fields.get("username") or fields["email"], fields.get("work", "")
        signed_in = log_in(
            name=name, password=fields["password"], client=client, now=now, proof=proof_of(request, fields), work=work
        )
        return answer(request, signed_in)


class LogOutView(AnybodyView):
    """Ends the sign-in that asks; its live sockets close."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Ends the sign-in that asks; its live sockets close."""
        if isinstance(request.auth, AuthToken):
            end_token(request.auth)
        elif isinstance(request.user, User):
            user_id = request.user.pk
            logout(request._request)
            publish_credentials([user_id])
        return Response(status=204)


class LogOutEverywhereView(AnybodyView):
    """Ends every sign-in of the account."""

    no_agents = True

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Ends every sign-in of the account; live sockets close."""
        if isinstance(request.user, User):
            user_id = request.user.pk
            if request.auth is None:
                logout(request._request)
            end_sign_ins(user_id=user_id)
        return Response(status=204)


class SessionsView(APIView):
    """Where the account is signed in."""

    @extend_schema(parameters=PAGE, responses=SignInSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Lists where the account is signed in."""
        sign_ins = list_sign_ins(user_of(request).pk, credential_of(request), clock.now())
        # Of two tables, so a page begins at a place and not at an id.
        places = list(enumerate(sign_ins, 1))
        return list_response(
            request,
            lambda limit, after: places[after or 0 :][:limit],
            id_of=lambda place: place[0],
            show=lambda place: SignInSerializer(place[1]).data,
        )


class SessionView(APIView):
    """One of the account's sign-ins."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, sign_in_id: str) -> Response:
        """Ends one of the sign-ins."""
        end_own_sign_in(user_id=user_of(request).pk, sign_in_id=sign_in_id)
        return Response(status=204)


class WsTicketView(APIView):
    """A ticket that opens one socket as the caller."""

    @extend_schema(request=None, responses=TicketSerializer)
    def post(self, request: Request) -> Response:
        """Draws a ticket that opens one socket, once, within 30 seconds."""
        ticket, expires_in = draw_own_ticket(
            user_id=user_of(request).pk, credential=credential_of(request), now=clock.now()
        )
        return Response({"ticket": ticket, "expires_in": expires_in})
