"""A payment gateway that takes connections and says nothing, in front of a real server process."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from bookings.models import Payment
from core import clock
from tests.factories.accounts import make_token
from tests.factories.bookings import make_booking
from tests.factories.stays import make_host, make_property, make_user
from tests.servers import ServerProcess

pytestmark = pytest.mark.django_db(transaction=True)
# By the hub's own end of a request; and what is refused at once is.
END_S, AT_ONCE_S = 9.5, 3.0


@pytest.fixture(scope="module")
def silent_gateway() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_nine_payments_hold_their_lane_and_nothing_else(
    silent_gateway: str, serve: Callable[..., ServerProcess]
) -> None:
    keys = dict.fromkeys(("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET"), "x" * 30)
    server, bookings = prepare(serve, silent_gateway, keys)
    asyncio.run(paid_at_once(server, bookings))
    assert Payment.objects.count() == 3, "what was refused wrote nothing"


async def paid_at_once(server: ServerProcess, bookings: list[tuple[int, str]]) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
        started = time.monotonic()
        paying = [asyncio.create_task(pay(client, booking, token)) for booking, token in bookings]
        refused, _ = await asyncio.wait(paying, timeout=AT_ONCE_S, return_when=asyncio.ALL_COMPLETED)
        answers = [await task for task in refused]
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"unavailable"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        assert len(answers) == 6, "three of eight threads may wait for the gateway"
        assert (await client.get("/healthz/")).status_code == 200
        assert (await client.get("/api/properties/search/")).status_code == 200
        waited = [await task for task in paying if task not in refused]
        assert time.monotonic() - started < END_S
    assert [(answer.status_code, answer.json()["status"]) for answer in waited] == [(202, "processing")] * 3


def prepare(
    serve: Callable[..., ServerProcess], gateway: str, keys: dict[str, str]
) -> tuple[ServerProcess, list[tuple[int, str]]]:
    home, bookings = make_property(make_host()), []
    for number in range(9):
        guest = make_user()
        booking = make_booking(home, guest, first=4 * number, now=clock.now())
        bookings.append((booking.pk, make_token(guest)[1]))
    server = serve(PAYMENT_GATEWAY="stripe", STRIPE_API_BASE=gateway, HTTP_THREADS="8", **keys)
    httpx.get(f"{server.url}/api/properties/search/", timeout=20)  # all is loaded
    return server, bookings


async def pay(client: httpx.AsyncClient, booking: int, token: str) -> httpx.Response:
    headers = {"Authorization": f"Token {token}"}
    return await client.post(
        f"/api/booking/{booking}/payment/", json={"method": "card", "token": "pm_card"}, headers=headers
    )
