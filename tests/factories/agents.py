"""Keys of machines that act for somebody."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from tests.factories.accounts import make_mandate


def make_key(user: User, **limits: Any) -> str:
    """The key of a mandate that allows everything on the user's side, but for what `limits` say."""
    return make_mandate(user, **{"side": "host" if user.is_host else "guest", **limits})[1]
