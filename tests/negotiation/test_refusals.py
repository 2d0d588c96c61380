"""Every refusal that a move can meet, through each door."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from rest_framework.test import APIClient
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from core.errors import STATUS
from negotiation.models import Entry, Negotiation, Offer
from tests.factories.accounts import client_of, make_token
from tests.negotiation.play import Play, move
from tests.negotiation.refusals import SCENES, Fields, Try
from tests.servers import ServerProcess


def rest(tried: Try, play: Play) -> tuple[int, Fields] | None:
    """Status and body through REST; None where REST has no such move."""
    api = client_of(tried.actor)
    f = dict(tried.fields)
    if tried.kind == "negotiation.open":
        body = f | {"property_id": f["property"], "number_of_guests": f["guests"], "guest_price": f["amount"]}
        answer = api.post("/api/nego/start_negotiation_by_guest/", body, format="json")
    elif tried.kind == "offer.make":
        side = "guest" if tried.actor == play.guest else "host"
        body = {f"{side}_price": f["amount"], "expires_in": f.get("expires_in")}
        answer = api.put(f"/api/nego/{side}_proposed/{f['negotiation']}/", body, format="json")
    elif tried.kind in ("offer.accept", "offer.decline", "offer.withdraw"):
        word = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}[tried.kind.split(".")[1]]
        body = {"negotiation_status": word, "offer": f["offer"]}
        answer = api.put(f"/api/nego/update_status/{f['negotiation']}/", body, format="json")
    elif tried.kind == "message.send":
        answer = api.post(f"/api/nego/{f['negotiation']}/messages/", {"text": f["text"]}, format="json")
    else:
        return None
    return answer.status_code, answer.json()


REST_NAMES = {"amount": ("guest_price", "host_price"), "guests": ("number_of_guests",)}


def rows() -> tuple[int, ...]:
    """How much there is of what moves write; that a time is over may be written down by anybody."""
    return Negotiation.objects.count(), Offer.objects.count(), Entry.objects.exclude(actor="system").count()


@pytest.mark.django_db
@pytest.mark.parametrize(("expected", "setting"), SCENES, ids=[setting.__name__ for _, setting in SCENES])
def test_through_rest_and_the_services(expected: str, setting: Callable[[Play], Try]) -> None:
    play = Play()
    tried = setting(play)
    before = rows()
    answered = rest(tried, play)
    error = move(tried.kind, tried.actor, **tried.fields).error
    assert error is not None
    assert (error.code, error.status) == (expected, STATUS[expected])
    assert set(tried.params) <= set(error.params)
    assert set(tried.wrong) <= set(error.fields)
    if answered is not None:
        status, body = answered
        assert (status, body["code"], set(body)) == (
            STATUS[expected],
            expected,
            {"code", "message", "params", "fields"},
        )
        assert set(tried.params) <= set(body["params"])
        for name in tried.wrong:
            assert set(REST_NAMES.get(name, (name,))) & set(body["fields"])
    assert rows() == before


@pytest.fixture
def server(serve: Callable[..., ServerProcess]) -> ServerProcess:
    return serve()


@pytest.fixture
def sign_in(server: ServerProcess) -> Iterator[Callable[[User], ClientConnection]]:
    """Opens a socket as a user, past its welcome."""
    with ExitStack() as open_ones:

        def enter(user: User) -> ClientConnection:
            headers = {"Authorization": f"Token {make_token(user)[1]}"}
            socket = open_ones.enter_context(connect(server.ws_url, additional_headers=headers))
            assert json.loads(socket.recv(timeout=10))["type"] == "welcome"
            return socket

        yield enter


def ask(socket: ClientConnection, id: str, kind: str, **fields: Any) -> Fields:
    """The reply to one command; what else the hub sends meanwhile is passed over."""
    socket.send(json.dumps({"id": id, "type": kind, **fields}))
    while True:
        frame = json.loads(socket.recv(timeout=10))
        if frame["type"] == "reply" and frame["id"] == id:
            return frame


def test_through_the_socket(sign_in: Callable[[User], ClientConnection]) -> None:
    for n, (expected, setting) in enumerate(SCENES):
        tried = setting(Play())
        before = rows()
        reply = ask(sign_in(tried.actor), f"c-{n}", tried.kind, **tried.fields)
        assert reply["ok"] is False, setting.__name__
        error = reply["error"]
        assert (error["code"], set(error)) == (expected, {"code", "message", "params", "fields"}), setting.__name__
        assert set(tried.params) <= set(error["params"]), setting.__name__
        assert set(tried.wrong) <= set(error["fields"]), setting.__name__
        assert rows() == before


def test_every_code_of_the_haggle_has_a_scene() -> None:
    ours = {
        "invalid", "dates.invalid", "stay.too_many_guests", "not_allowed", "not_found", "property.not_listed",
        "negotiation.closed", "negotiation.already_open", "negotiation.not_offered", "offer.not_your_turn",
        "offer.stale", "offer.expired", "offer.not_a_concession", "offer.limit_reached", "dates.taken",
        "booking.too_many_unpaid",
    }  # fmt: skip
    assert {expected for expected, _ in SCENES} == ours


@pytest.mark.django_db
def test_a_method_that_an_address_does_not_have() -> None:
    play, api = Play(), APIClient()
    play.open()
    api.force_authenticate(play.host)
    for call, path in (
        (api.get, f"update_status/{play.id}/"), (api.post, f"host_proposed/{play.id}/"),
        (api.delete, f"negotiation_details/{play.id}/"), (api.put, f"{play.id}/entries/"),
        (api.get, "start_negotiation_by_guest/"), (api.patch, f"{play.id}/messages/"),
    ):  # fmt: skip
        answer = call(f"/api/nego/{path}")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), path
        assert answer["Allow"]


@pytest.mark.django_db
def test_moving_too_fast_over_rest(settings: Any) -> None:
    """The socket's own limit: tests/hub/test_limits.py."""
    settings.RATE_LIMIT_FACTOR = 0.1  # six at once instead of sixty
    play = Play()
    api = client_of(play.host)
    answers = [api.put("/api/nego/host_proposed/0/", {"host_price": "5"}, format="json") for _ in range(12)]
    assert {answer.status_code for answer in answers[:6]} == {404}
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.json()["params"] == {"retry_after": int(refused["Retry-After"])}
