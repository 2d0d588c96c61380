"""Passwords and e-mail addresses."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.serializers import PasswordBody, ResetBody, ResetConfirmBody, SignedInSerializer, TokenBody
from accounts.services.passwords import (
    ask_to_confirm_email,
    change_password,
    confirm_email,
    request_password_reset,
    reset_password,
)
from accounts.views.base import NobodyView, client_of, user_of
from accounts.views.sign_up import answer
from core import clock
from core.api.client_address import client_address
from core.api.json_schema import NOTHING
from core.api.refusals import refuses
from core.errors import Code

EMPTY = {200: NOTHING}


class PasswordView(APIView):
    """Changes the password: every sign-in ends, and the answer is a new one."""

    @extend_schema(request=PasswordBody, responses=SignedInSerializer)
    @refuses(Code.AUTH_BAD_CREDENTIALS)
    def post(self, request: Request) -> Response:
        """Changes the password: every sign-in ends, and the answer is a new one."""
        fields = PasswordBody.read(request.data)
        signed_in = change_password(user=user_of(request), **fields, client=client_of(request), now=clock.now())
        return answer(request, signed_in)


class PasswordResetView(NobodyView):
    """Mails a link; the same answer whether or not the address is known."""

    @extend_schema(request=ResetBody, responses=EMPTY, auth=[])
    def post(self, request: Request) -> Response:
        """Mails a link; the same answer whether or not the address is known."""
        email = ResetBody.read(request.data)["email"]
        request_password_reset(email=email, address=client_address(request), now=clock.now())
        return Response({})


class PasswordResetConfirmView(NobodyView):
    """Sets a new password by what stands in the link, and signs in."""

    @extend_schema(request=ResetConfirmBody, responses=SignedInSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Sets a new password by what stands in the link, and signs in."""
        fields = ResetConfirmBody.read(request.data)
        return answer(request, reset_password(**fields, client=client_of(request), now=clock.now()))


class EmailView(APIView):
    """Mails the link that confirms the account's e-mail address once more."""

    @extend_schema(request=None, responses=EMPTY)
    def post(self, request: Request) -> Response:
        """Mails the link that confirms the account's e-mail address once more."""
        ask_to_confirm_email(user=user_of(request), now=clock.now())
        return Response({})


class EmailConfirmView(NobodyView):
    """Confirms an e-mail address by what stands in the link."""

    @extend_schema(request=TokenBody, responses=EMPTY, auth=[])
    def post(self, request: Request) -> Response:
        """Confirms an e-mail address by what stands in the link."""
        confirm_email(token=TokenBody.read(request.data)["token"], now=clock.now())
        return Response({})
