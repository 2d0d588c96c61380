"""Passwords and e-mail addresses."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.account_serializers import UndoneSerializer
from accounts.authentication import is_second_factor
from accounts.serializers import PasswordBody, ResetBody, ResetConfirmBody, SignedInSerializer, TokenBody
from accounts.services.email_changes import ask_to_confirm_email, confirm_email, undo_change
from accounts.services.passwords import change_password, request_password_reset, reset_password
from accounts.views.base import NobodyView, client_of, proof_of, user_of
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
        signed_in = change_password(
            user=user_of(request), **fields, client=client_of(request), now=clock.now(),
            second_factor=is_second_factor(request),
        )  # fmt: skip
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
    @refuses(Code.AUTH_SECOND_FACTOR, Code.AUTH_BAD_CREDENTIALS)
    def post(self, request: Request) -> Response:
        """Sets a new password by what stands in the link, and signs in."""
        fields = ResetConfirmBody.read(request.data)
        link = {name: fields[name] for name in ("uid", "token", "new_password")}
        proof = proof_of(request, fields)
        return answer(request, reset_password(**link, client=client_of(request), now=clock.now(), proof=proof))


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


class UndoView(NobodyView):
    """Gives the account back to the mailbox that the link was sent to: another address or password is undone."""

    @extend_schema(request=TokenBody, responses=UndoneSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Gives the account back; the answer goes to `password/reset/confirm/`."""
        uid, token = undo_change(token=TokenBody.read(request.data)["token"], now=clock.now())
        return Response({"uid": uid, "token": token})
