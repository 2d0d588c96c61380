"""The user who looks at a page."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User
from core.errors import Code, DomainError


def page_actor(request: HttpRequest) -> User:
    """The signed-in user. Raises `auth.required`; pages behind `login_required` never do."""
    if not isinstance(request.user, User):
        raise DomainError(Code.AUTH_REQUIRED)
    return request.user
