"""A haggle in the terminal, against a running server: two people, two sockets, line by line."""

from __future__ import annotations

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from websockets.asyncio.client import ClientConnection, connect

WAIT_S = 10
SIDES = {"guest": "\x1b[36mguest\x1b[0m", "host": "\x1b[33mhost \x1b[0m"}
LISTING: dict[int, dict[str, Any]] = {
    1: {
        "property_type": "House", "property_sub_type": "Entire place", "stay": True,
        "location": {"latitude": 21.4272, "longitude": 92.0058, "selected_location": "Kolatoli, Cox's Bazar"},
        "some_basics": {
            "number_of_guests": 4, "number_of_bedrooms": 2, "number_of_beds": 3, "number_of_bathrooms": 1,
        },
    },
    2: {"regular_amenities": [{"name": "Wifi"}], "standout_amenities": [{"name": "Sea view"}], "photos": []},
    3: {"house_title": "House by the sea", "highlights": ["Quiet"], "description": "Two rooms and a veranda."},
    4: {"price": "2000.00", "discounts": {}, "security_features": [], "negotiation_availability": True},
    7: {"selected_dates": []},
}  # fmt: skip


class Command(BaseCommand):
    help = "Signs two people up on a running server, lists a home, and haggles it to a confirmed booking over /ws/."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000", help="where the server answers")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"].rstrip("/")
        try:
            asyncio.run(asyncio.wait_for(haggle(url, self.stdout.write), 60))
        except (OSError, TimeoutError) as error:
            raise CommandError(f"{url} does not answer ({error}); start it with bin/run") from error


async def haggle(url: str, say: Any) -> None:
    """The whole story, from two sign-ups to a confirmed booking."""
    guest, host = sign_up(url, "guest"), sign_up(url, "hostsignup")
    home = list_home(url, host)
    start = date.today() + timedelta(days=45)
    say(f"A home at 2,000.00 a night is listed: {url}/homes/{home}/ - three nights from {start} are 6,000.00\n")
    async with person(url, "guest", guest, say) as rahim, person(url, "host", host, say) as hasan:
        opened = await rahim.do(
            "negotiation.open", property=home, start_date=str(start), end_date=str(start + timedelta(days=3)),
            guests=2, booking_type="stay", amount="4400.00", message="We are quiet people.",
        )  # fmt: skip
        room = opened["id"]
        await hasan.do("negotiation.join", negotiation=room)
        await hasan.do("offer.make", negotiation=room, amount="5600.00")
        await rahim.do("offer.make", negotiation=room, amount="4900.00")
        ask = await hasan.do("offer.make", negotiation=room, amount="5200.00", message="The sea is included.")
        agreed = await rahim.do("offer.accept", negotiation=room, offer=ask["offer"]["id"])
        await hasan.until("offer.accepted")
    booking = agreed["booking"]
    say(f"\nBooking {booking['id']} is {booking['status']}: {booking['total']} {booking['currency']} all in,")
    say(f"{booking['base_price']} for the nights. Its payment is {booking['payment_status']}.")


@dataclass
class Person:
    """One side with a socket; what it receives is printed as it comes."""

    side: str
    socket: ClientConnection
    say: Any
    replies: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    seen: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def do(self, type: str, **fields: Any) -> Any:
        """Sends a command. Returns its reply's data."""
        id = str(uuid4())
        future = self.replies[id] = asyncio.get_running_loop().create_future()
        shown = ", ".join(f"{name}={value}" for name, value in fields.items())
        self.say(f"{SIDES[self.side]} → {type}  {shown}")
        await self.socket.send(json.dumps({"id": id, "type": type, **fields}))
        return await asyncio.wait_for(future, WAIT_S)

    async def until(self, kind: str) -> None:
        """Waits for an entry of that kind."""
        while await asyncio.wait_for(self.seen.get(), WAIT_S) != kind:
            pass

    async def listen(self) -> None:
        """Reads until the socket closes."""
        async for text in self.socket:
            frame = json.loads(text)
            if frame["type"] == "reply":
                self._reply(frame)
            elif frame["type"] == "entry":
                self.say(f"{SIDES[self.side]} ←   #{frame['seq']} {frame['kind']} by {frame['actor']}{_gist(frame)}")
                self.seen.put_nowait(frame["kind"])
            elif frame["type"] == "notification":
                self.say(f"{SIDES[self.side]} ←   told: {frame['title']}")

    def _reply(self, frame: dict[str, Any]) -> None:
        future = self.replies.pop(frame["id"])
        if frame["ok"]:
            future.set_result(frame["data"])
        else:
            error = frame["error"]
            future.set_exception(CommandError(f"{error['code']}: {error['message']}"))


@asynccontextmanager
async def person(url: str, side: str, token: str, say: Any) -> AsyncIterator[Person]:
    """A signed-in socket for as long as the block runs."""
    headers = {"Authorization": f"Token {token}"}
    async with connect(f"ws{url.removeprefix('http')}/ws/", additional_headers=headers) as socket:
        welcome = json.loads(await asyncio.wait_for(socket.recv(), WAIT_S))
        say(f"{SIDES[side]} ← welcome, {welcome['user']['name']}")
        one = Person(side, socket, say)
        ears = asyncio.create_task(one.listen())
        try:
            yield one
        finally:
            ears.cancel()


def sign_up(url: str, path: str) -> str:
    """Signs up. Returns the token."""
    name = f"haggler-{secrets.token_hex(4)}"
    first = "Rahim" if path == "guest" else "Hasan"
    body = {
        "username": name,
        "email": f"{name}@example.com",
        "password": secrets.token_urlsafe(12),
        "first_name": first,
    }
    return str(call("POST", f"{url}/auth/{'signup' if path == 'guest' else path}/", body)["token"])


def list_home(url: str, token: str) -> int:
    """Lists a home by its steps. Returns its id."""
    root = f"{url}/api/property_registration"
    made = int(call("POST", f"{root}/step1/", LISTING[1], token)["registration_id"])
    for step in (2, 3, 4, 7):
        call("PUT", f"{root}/step{step}/{made}/", LISTING[step], token)
    return made


def call(method: str, url: str, body: Any, token: str = "") -> Any:
    """Makes a REST call. Raises CommandError with the server's error."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Token {token}"} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)  # noqa: S310 - http only
    try:
        with urllib.request.urlopen(request, timeout=WAIT_S) as response:  # noqa: S310 - as above
            return json.load(response)
    except urllib.error.HTTPError as error:
        raise CommandError(f"{method} {url}: {error.read().decode()[:500]}") from error


def _gist(frame: dict[str, Any]) -> str:
    data = frame["data"]
    if "text" in data:
        return f": “{data['text']}”"
    offer = data.get("offer")
    if isinstance(offer, dict):
        return f": {offer['amount']} ({offer['quote']['total']} all in)"
    return f": booking {data['booking']} at {data['amount']}" if "booking" in data else ""
