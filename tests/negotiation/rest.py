"""The doors of REST, for tests of what they show and take."""

from typing import Any

from accounts.models import User
from tests.factories.accounts import client_of


def get(user: User, path: str) -> Any:
    answer = client_of(user).get(f"/api/nego/{path}")
    assert answer.status_code == 200, answer.json()
    return answer.json()
