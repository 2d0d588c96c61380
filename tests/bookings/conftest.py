from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from core import clock
from tests.factories.bookings import NOW


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Sets the time at which the doors find themselves."""

    def set_clock(moment: Any) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_clock(NOW)
    return set_clock


@pytest.fixture
def sign_in() -> Callable[[User], APIClient]:
    """A client of the REST door that is signed in as somebody."""

    def client_of(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return client_of
