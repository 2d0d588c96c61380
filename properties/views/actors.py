"""The user who makes a request."""

from __future__ import annotations

from rest_framework.request import Request

from accounts.models import User
from core.errors import Code, DomainError


def actor_of(request: Request) -> User:
    """The signed-in user. Raises `auth.required`."""
    if not isinstance(request.user, User):
        raise DomainError(Code.AUTH_REQUIRED)
    return request.user


def some_actor(request: Request) -> User | None:
    """The signed-in user of a public address, if there is one."""
    return request.user if isinstance(request.user, User) else None
