from collections.abc import Callable
from typing import Any

import pytest
from django.test import TestCase
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


class CommittingClient(APIClient):
    """What a request leaves for after its commit is done, though the test's own transaction stays open."""

    def request(self, **kwargs: Any) -> Any:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().request(**kwargs)


@pytest.fixture
def api() -> APIClient:
    """A client that is not signed in."""
    return CommittingClient()


@pytest.fixture
def sign_in() -> Callable[[User], APIClient]:
    """A client of the REST door that is signed in as somebody."""

    def client_of(user: User) -> APIClient:
        client = CommittingClient()
        client.force_authenticate(user)
        return client

    return client_of
