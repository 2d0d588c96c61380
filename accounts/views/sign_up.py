"""New accounts, and guests who become hosts."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import token_key_of
from accounts.models import AuthToken, User
from accounts.serializers import SignedInSerializer, SignUpBody
from accounts.services.accounts import sign_up, turn_into_host
from accounts.services.log_in import SignedIn
from accounts.views.base import AnybodyView, NobodyView, client_of
from core import clock


def answer(request: Request, signed_in: SignedIn, status: int = 200) -> Response:
    """`{token, expiry, user}`."""
    return Response(SignedInSerializer(signed_in, context={"request": request}).data, status=status)


class SignUpView(NobodyView):
    """A new guest."""

    @extend_schema(request=SignUpBody, responses={201: SignedInSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Makes a new account, a guest."""
        form = SignUpBody.read(request.data)
        return answer(request, sign_up(form=form, client=client_of(request), now=clock.now()), 201)


class HostSignUpView(AnybodyView):
    """A new host; or, signed in and without a body, the account becomes a host's."""

    no_agents = True

    @extend_schema(request=SignUpBody, responses={200: SignedInSerializer, 201: SignedInSerializer})
    def post(self, request: Request) -> Response:
        """Makes a new host; or, signed in and without a body, turns the account into a host."""
        if isinstance(request.user, User) and not request.data:
            return self.turn(request, request.user)
        form = SignUpBody.read(request.data)
        return answer(request, sign_up(form=form, client=client_of(request), is_host=True, now=clock.now()), 201)

    def turn(self, request: Request, user: User) -> Response:
        key = token_key_of(request.META.get("HTTP_AUTHORIZATION", "")) or ""
        token = request.auth if isinstance(request.auth, AuthToken) else None
        return answer(
            request, turn_into_host(user=user, token=token, key=key, client=client_of(request), now=clock.now())
        )
