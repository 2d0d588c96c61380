"""What the views here read of a request besides its body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.authentication import OptionalTokenOrSession
from accounts.models import User
from accounts.services.second_factors import Proof
from accounts.services.sign_ins import Client
from accounts.sites import site_of
from core.api.client_address import client_address


class NobodyView(APIView):
    """A view for everyone: it does not read token or cookie."""

    authentication_classes: Any = []
    permission_classes: Any = [AllowAny]


class AnybodyView(APIView):
    """A public door that knows who asks where they are signed in; a bad token is as good as none."""

    authentication_classes: Any = [OptionalTokenOrSession]
    permission_classes: Any = [AllowAny]


def user_of(request: Request) -> User:
    """Who asks, at a door that only the signed-in come through."""
    assert isinstance(request.user, User)  # noqa: S101 - the door's permission
    return request.user


def some_user(request: Request) -> User | None:
    """Who asks at a public door, where they are signed in."""
    return request.user if isinstance(request.user, User) else None


def client_of(request: Request) -> Client:
    """The address and the user agent of a request."""
    return Client(client_address(request), request.META.get("HTTP_USER_AGENT", ""))


def proof_of(request: Request, fields: Mapping[str, Any]) -> Proof:
    """What a body shows besides a password."""
    return Proof(fields.get("code", ""), fields.get("passkey"), site_of(request))
