"""Keys of machines that act for somebody."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from tests.factories.accounts import make_token


def make_key(user: User, **limits: Any) -> str:
    return make_token(user)[1]
