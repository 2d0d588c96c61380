from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.test import TestCase
from rest_framework.test import APIClient

from accounts.models import User
from core import clock, lanes
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user
from tests.stripe import KEY, SECRET, running_stripe


@pytest.fixture(autouse=True)
def _wide_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at once is what these tests are about; what a lane refuses has tests of its own."""
    monkeypatch.setattr(lanes.payments, "size", lambda: 100)


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


@pytest.fixture(scope="session")
def stripe_url() -> Iterator[str]:
    """A Stripe that keeps its own state; one for all tests of a worker."""
    yield from running_stripe()


@pytest.fixture(scope="session")
def stripes_owner(stripe_url: str) -> Iterator[httpx.Client]:
    """One for all tests of a worker: each new client reads a list of authorities."""
    with httpx.Client(base_url=stripe_url, auth=(KEY, ""), timeout=10) as client:
        yield client


@pytest.fixture
def stripe(stripe_url: str, stripes_owner: httpx.Client, settings: Any) -> Callable[..., Any]:
    """Has new payments go to Stripe, which knows of nothing yet.

    `stripe(method, path, **data)` is its API, and `_config/…` what its owner does there.
    """
    settings.PAYMENT_GATEWAY = "stripe"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_WEBHOOK_SECRET = KEY, stripe_url, SECRET

    def call(method: str, path: str, **data: Any) -> Any:
        place = path if path.startswith("_config/") else f"v1/{path}"
        return stripes_owner.request(method, place, data=data).json()

    call("POST", "_config/forget")
    return call


@pytest.fixture
def paid(stripe, sign_in):
    """A stay that was paid at Stripe."""
    booking = make_booking(make_property(), make_user())
    answer = sign_in(booking.guest).post(f"/api/booking/{booking.pk}/payment/", {"token": "pm_card_visa"})
    assert answer.status_code == 201
    return booking.payments.get()


@pytest.fixture
def staff():
    return make_user(is_staff=True, is_superuser=True)
