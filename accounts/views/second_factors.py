"""The second factor, over REST: set up, shown, taken away. Each change needs the password again."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.second_factor_serializers import (
    AppBody,
    AppSerializer,
    CodesSerializer,
    ConfirmAppBody,
    FactorsSerializer,
    MadePasskeySerializer,
    PasskeyBody,
    PasswordOnlyBody,
)
from accounts.selectors.second_factors import get_factors, list_passkeys
from accounts.services.log_in import confirm_password
from accounts.services.passkeys import add_passkey, authentication_options, registration_options, remove_passkey
from accounts.services.second_factors import (
    begin_app,
    confirm_app,
    forget_codes_of_nothing,
    give_codes_if_none,
    make_recovery_codes,
    remove_app,
)
from accounts.sites import site_of
from accounts.views.base import NobodyView, user_of
from core import clock
from core.api.client_address import client_address
from core.api.rate_limits import Window, take
from core.api.refusals import refuses
from core.errors import Code

OPTIONS = OpenApiResponse(OpenApiTypes.OBJECT, description="As the browser's `PublicKeyCredential` parses it.")


def with_password(request: Request) -> User:
    """Who asks, once their password is confirmed. Raises `invalid`, `rate_limited`."""
    user, password = user_of(request), PasswordOnlyBody.read(request.data)["password"]
    address = client_address(request)
    confirm_password(user=user, password=password, address=address, now=clock.now(), field="password")
    return user


class SecondFactorView(APIView):
    """Which second factors the account has."""

    @extend_schema(responses=FactorsSerializer)
    def get(self, request: Request) -> Response:
        """Shows which second factors the account has."""
        user = user_of(request)
        factors = get_factors(user.pk)
        found: dict[str, Any] = {
            "totp": factors.app,
            "recovery_codes_left": factors.codes_left,
            "passkeys": list_passkeys(user.pk),
            "needed": user.is_staff,
        }
        return Response(FactorsSerializer(found).data)


class AppView(APIView):
    """An authenticator app."""

    @extend_schema(request=AppBody, responses=AppSerializer)
    def post(self, request: Request) -> Response:
        """Begins: the secret to be put into the app, shown once. It counts once a code of it came back."""
        secret, address = begin_app(user=with_password(request), now=clock.now())
        return Response({"secret": secret, "uri": address})

    @extend_schema(request=PasswordOnlyBody, responses={204: None})
    @refuses(Code.INVALID)
    def delete(self, request: Request) -> Response:
        """Removes the app."""
        remove_app(user=with_password(request))
        return Response(status=204)


class ConfirmAppView(APIView):
    """The first code of an app makes it count."""

    @extend_schema(request=ConfirmAppBody, responses=CodesSerializer)
    def post(self, request: Request) -> Response:
        """Confirms the app by a code of it; answers recovery codes where the account has none."""
        code = ConfirmAppBody.read(request.data)["code"]
        return Response({"recovery_codes": confirm_app(user=user_of(request), code=code, now=clock.now())})


class RecoveryCodesView(APIView):
    """New recovery codes, shown once; the old ones are void."""

    @extend_schema(request=PasswordOnlyBody, responses=CodesSerializer)
    def post(self, request: Request) -> Response:
        """Makes new recovery codes."""
        return Response({"recovery_codes": make_recovery_codes(user=with_password(request), now=clock.now())})


class PasskeyOptionsView(APIView):
    """What the browser needs to make a passkey."""

    @extend_schema(request=PasswordOnlyBody, responses=OPTIONS)
    def post(self, request: Request) -> Response:
        """Begins to add a passkey."""
        user = with_password(request)
        return Response(registration_options(user=user, site=site_of(request), now=clock.now()))


class PasskeysView(APIView):
    """A new passkey, made with the options above."""

    @extend_schema(request=PasskeyBody, responses={201: MadePasskeySerializer})
    def post(self, request: Request) -> Response:
        """Adds a passkey."""
        fields, user, now = PasskeyBody.read(request.data), user_of(request), clock.now()
        key = add_passkey(user=user, **fields, site=site_of(request), now=now)
        codes = give_codes_if_none(user=user, now=now)
        return Response(MadePasskeySerializer({"passkey": key, "recovery_codes": codes}).data, status=201)


class PasskeyView(APIView):
    """One of the account's passkeys."""

    @extend_schema(request=PasswordOnlyBody, responses={204: None})
    @refuses(Code.NOT_FOUND, Code.INVALID)
    def delete(self, request: Request, passkey_id: int) -> Response:
        """Removes a passkey."""
        user = with_password(request)
        remove_passkey(user=user, passkey_id=passkey_id)
        forget_codes_of_nothing(user_id=user.pk)
        return Response(status=204)


class PasskeySignInView(NobodyView):
    """What the browser needs to sign in with a passkey, of whichever account."""

    @extend_schema(request=None, responses=OPTIONS, auth=[])
    def post(self, request: Request) -> Response:
        """Begins a sign-in by passkey."""
        now = clock.now()
        take([Window(f"passkey:{client_address(request)}", 200, 900)], now)
        return Response(authentication_options(user_id=None, site=site_of(request), now=now))
