"""Every refusal that a move can meet, through each door; and which comes first where several would be due."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient
from websockets.sync.client import ClientConnection, connect

from accounts.models import User
from core import clock
from core.errors import STATUS
from negotiation.models import Entry, Negotiation, Offer
from properties.models import Property
from tests.factories.accounts import make_token
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code, move
from tests.servers import ServerProcess

Fields = dict[str, Any]


@dataclass
class Try:
    """A move that will be refused: who, what, and what the answer says beside the code."""

    actor: User
    kind: str
    fields: Fields
    params: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


SCENES: list[tuple[str, Callable[[Play], Try]]] = []


def scene(code: str) -> Callable[[Callable[[Play], Try]], Callable[[Play], Try]]:
    def add(setting: Callable[[Play], Try]) -> Callable[[Play], Try]:
        SCENES.append((code, setting))
        return setting

    return add


def opening(play: Play, **fields: Any) -> Fields:
    return {
        "property": play.home.pk, "start_date": play.start.isoformat(), "end_date": play.end.isoformat(), "guests": 2,
        "booking_type": "stay", "amount": "2000.00",
    } | fields  # fmt: skip


def edit(play: Play, **fields: Any) -> None:
    Property.objects.filter(pk=play.home.pk).update(**fields)


def offering(play: Play, side: str, amount: str, **told: Any) -> Try:
    actor = play.guest if side == "guest" else play.host
    return Try(actor, "offer.make", {"negotiation": play.id, "amount": amount}, **told)


def answering(play: Play, side: str, verb: str, offer: int | None = None, **told: Any) -> Try:
    actor = play.guest if side == "guest" else play.host
    fields = {"negotiation": play.id, "offer": play.standing() if offer is None else offer}
    return Try(actor, f"offer.{verb}", fields, **told)


# -- opening ---------------------------------------------------------------------------------------------------------


@scene("invalid")
def an_amount_with_three_decimals(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount="12.345"), wrong=("amount",))


@scene("invalid")
def a_question_without_words(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount=None), wrong=("message",))


@scene("not_found")
def an_unknown_home(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, property=2**62))


@scene("not_found")
def a_draft(play: Play) -> Try:
    edit(play, status="draft")
    return Try(play.guest, "negotiation.open", opening(play))


@scene("property.not_listed")
def an_unlisted_home(play: Play) -> Try:
    edit(play, status="unlisted")
    return Try(play.guest, "negotiation.open", opening(play))


@scene("not_allowed")
def ones_own_home(play: Play) -> Try:
    return Try(play.host, "negotiation.open", opening(play))


@scene("negotiation.not_offered")
def a_host_who_does_not_haggle(play: Play) -> Try:
    edit(play, negotiable=False)
    return Try(play.guest, "negotiation.open", opening(play))


@scene("dates.invalid")
def reversed_dates(play: Play) -> Try:
    turned = opening(play, start_date=play.end.isoformat(), end_date=play.start.isoformat())
    return Try(play.guest, "negotiation.open", turned, wrong=("end_date",))


@scene("stay.too_many_guests")
def a_crowd(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, guests=5), wrong=("guests",))


@scene("negotiation.already_open")
def the_same_nights_again(play: Play) -> Try:
    play.open()
    return Try(play.guest, "negotiation.open", opening(play), params=("negotiation",))


@scene("offer.limit_reached")
def a_fourth_opening_in_a_day(play: Play) -> Try:
    for n in range(3):
        Play(home=play.home, guest=play.guest, start=day(10 + n), end=day(11 + n)).open("500")
    return Try(play.guest, "negotiation.open", opening(play), params=("retry_after",))


@scene("offer.not_a_concession")
def a_first_bid_at_the_list_price(play: Play) -> Try:
    return Try(play.guest, "negotiation.open", opening(play, amount="3000"), params=("above", "below"))


@scene("dates.taken")
def nights_that_are_gone(play: Play) -> Try:
    make_entry(play.home, day(2), day(9))
    return Try(play.guest, "negotiation.open", opening(play))


# -- moves in a negotiation -------------------------------------------------------------------------------------------


@scene("not_found")
def somebody_elses_negotiation(play: Play) -> Try:
    play.open()
    return Try(make_user(), "message.send", {"negotiation": play.id, "text": "Hello?"})


@scene("not_found")
def another_negotiations_offer(play: Play) -> Try:
    other = Play()
    other.open()
    play.open()
    return answering(play, "host", "accept", other.standing())


@scene("not_allowed")
def withdrawing_the_other_sides_offer(play: Play) -> Try:
    play.open()
    return answering(play, "host", "withdraw")


@scene("negotiation.closed")
def after_the_end(play: Play) -> Try:
    play.open()
    offer = play.standing()
    play.answer("guest", "withdraw")
    return answering(play, "host", "accept", offer, params=("status",))


@scene("negotiation.closed")
def after_the_agreement(play: Play) -> Try:
    play.open()
    offer = play.standing()
    play.answer("host", "accept")
    return answering(play, "host", "accept", offer, params=("status", "booking"))


@scene("negotiation.closed")
def words_after_the_time(play: Play) -> Try:
    opened_long_ago(play)
    return Try(play.guest, "message.send", {"negotiation": play.id, "text": "Hello?"}, params=("status",))


@scene("offer.expired")
def after_the_time(play: Play) -> Try:
    return answering(opened_long_ago(play), "host", "accept")


def opened_long_ago(play: Play) -> Play:
    play.now = clock.now() - timedelta(hours=2)
    play.open(expires_in=300)
    return play


@scene("offer.stale")
def an_older_offer(play: Play) -> Try:
    play.open()
    first = play.standing()
    play.offer("host", 2900)
    return answering(play, "guest", "accept", first, params=("offer",))


@scene("offer.not_your_turn")
def twice_in_a_row(play: Play) -> Try:
    play.open()
    return offering(play, "guest", "2100")


@scene("offer.not_your_turn")
def ones_own_offer(play: Play) -> Try:
    play.open()
    return answering(play, "guest", "accept")


@scene("offer.limit_reached")
def no_offers_left(play: Play) -> Try:
    edit(play, offers_per_side=1)
    play.open()
    play.offer("host", 2900)
    return offering(play, "guest", "2100")


@scene("offer.not_a_concession")
def a_lower_bid(play: Play) -> Try:
    play.open()
    play.offer("host", 2900)
    return offering(play, "guest", "2000.00", params=("above", "below"))


@scene("booking.too_many_unpaid")
def three_stays_to_pay(play: Play) -> Try:
    owing(play.guest)
    play.open()
    return answering(play, "host", "accept")


def owing(guest: User) -> None:
    for n in range(3):
        other = Play(guest=guest, start=day(30 + n), end=day(31 + n))
        other.open("500")
        other.answer("host", "accept")


@scene("dates.taken")
def a_hosts_block_in_between(play: Play) -> Try:
    play.open()
    make_entry(play.home, day(1), day(2), kind="block")
    return answering(play, "host", "accept")


@scene("invalid")
def too_short_a_time(play: Play) -> Try:
    play.open()
    made = offering(play, "host", "2900", wrong=("expires_in",))
    made.fields["expires_in"] = 299
    return made


@scene("not_allowed")
def closing_a_haggle(play: Play) -> Try:
    play.open()
    return Try(play.host, "negotiation.close", {"negotiation": play.id})


@scene("invalid")
def extending_to_sooner(play: Play) -> Try:
    play.open()
    tried = answering(play, "guest", "extend", wrong=("expires_in",))
    tried.fields["expires_in"] = 300
    return tried


@scene("offer.not_your_turn")
def extending_the_other_sides_offer(play: Play) -> Try:
    play.open()
    tried = answering(play, "host", "extend")
    tried.fields["expires_in"] = 604_800
    return tried


# -- the doors --------------------------------------------------------------------------------------------------------


def rest(tried: Try, play: Play) -> tuple[int, Fields] | None:
    """Status and body through REST; None where REST has no such move."""
    api = APIClient()
    api.force_authenticate(tried.actor)
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
    api, play = APIClient(), Play()
    api.force_authenticate(play.host)
    answers = [api.put("/api/nego/host_proposed/0/", {"host_price": "5"}, format="json") for _ in range(12)]
    assert {answer.status_code for answer in answers[:6]} == {404}
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.json()["params"] == {"retry_after": int(refused["Retry-After"])}


# -- the order --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_opening_with_everything_wrong_and_mended_step_by_step() -> None:
    play = Play()
    play.open("1000")
    for n in range(2):
        Play(home=play.home, guest=play.guest, start=day(10 + n), end=day(11 + n)).open("500")
    edit(play, status="unlisted", negotiable=False, min_nights=3)
    make_entry(play.home, day(2), day(3))
    fields = opening(play, amount="12.345", property=2**62, guests=9, start_date=day(1).isoformat())
    actor, told = play.host, []

    def mend(**changes: Any) -> None:
        told.append(code(move("negotiation.open", actor, **fields)))
        fields.update(changes)

    mend(amount="9000")
    mend(property=play.home.pk)
    mend()
    edit(play, status="listed")
    mend()
    actor = play.guest
    mend()
    edit(play, negotiable=True)
    mend(start_date=day(0).isoformat())
    mend(guests=2)
    mend()
    play.answer("guest", "withdraw")
    mend()
    Negotiation.objects.update(created_at=clock.now() - timedelta(days=2))
    mend(amount="2000")
    mend()
    play.home.calendar.all().delete()
    mend()
    assert told == [
        "invalid", "not_found", "property.not_listed", "not_allowed", "negotiation.not_offered", "dates.invalid",
        "stay.too_many_guests", "negotiation.already_open", "offer.limit_reached", "offer.not_a_concession",
        "dates.taken", "ok",
    ]  # fmt: skip


@pytest.mark.django_db
class TestOrder:
    def test_a_reused_id_before_invalid(self) -> None:
        play = Play()
        play.open()
        assert code(play.do("host", "message.send", text="Hello", key="k")) == "ok"
        assert code(play.do("host", "message.send", text="", key="k")) == "command.id_reused"

    def test_invalid_before_not_found_before_closed(self) -> None:
        play, stranger = Play(), make_user()
        play.open()
        play.answer("guest", "withdraw")
        assert code(move("offer.make", stranger, negotiation=play.id, amount="-5")) == "invalid"
        assert code(move("offer.make", stranger, negotiation=play.id, amount="5")) == "not_found"
        api = APIClient()
        api.force_authenticate(stranger)
        for word, expected in (("perhaps", "invalid"), ("accepted", "not_found")):
            answer = api.put(f"/api/nego/update_status/{play.id}/", {"negotiation_status": word}, format="json")
            assert answer.json()["code"] == expected

    def test_not_found_before_not_allowed(self) -> None:
        play, other = Play(), Play()
        play.open()
        other.open()
        assert code(play.answer("host", "withdraw", offer=other.standing())) == "not_found"

    def test_not_allowed_before_closed(self) -> None:
        play = Play()
        play.open()
        offer = play.standing()
        play.answer("host", "decline")
        assert code(play.do("host", "offer.withdraw", offer=offer)) == "not_allowed"
        api = APIClient()
        api.force_authenticate(play.host)
        answer = api.put(f"/api/nego/guest_proposed/{play.id}/", {"guest_price": "2500"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")

    def test_closed_and_expired_before_stale(self) -> None:
        play = Play()
        play.open()
        first = play.standing()
        play.offer("host", 2900, expires_in=300)
        play.later(seconds=301)
        assert code(play.do("guest", "offer.accept", offer=first)) == "offer.expired"
        other = Play()
        other.open()
        first = other.standing()
        other.offer("host", 2900)
        other.answer("guest", "decline")
        assert code(other.do("guest", "offer.accept", offer=first)) == "negotiation.closed"

    def test_stale_before_not_your_turn(self) -> None:
        play = Play()
        play.open()
        first = play.standing()
        play.offer("host", 2900)
        play.offer("guest", 2100)
        assert code(play.do("guest", "offer.accept", offer=first)) == "offer.stale"

    def test_not_your_turn_before_limit_reached_before_not_a_concession(self) -> None:
        play = Play()
        edit(play, offers_per_side=1)
        play.open()
        assert code(play.offer("guest", 1)) == "offer.not_your_turn"
        play.offer("host", 2900)
        assert code(play.offer("guest", 1)) == "offer.limit_reached"

    def test_the_budget_of_bids_before_not_a_concession(self) -> None:
        play = Play()
        edit(play, offers_per_side=20)
        play.open("1000")
        for n in range(11):
            play.offer("host", 2900 - n)
            assert code(play.offer("guest", 1100 + n)) == "ok"
        play.offer("host", 2000)
        assert code(play.offer("guest", 1)) == "offer.limit_reached"

    def test_too_many_unpaid_before_dates(self) -> None:
        play = Play()
        owing(play.guest)
        play.open()
        make_entry(play.home, day(1), day(2), kind="block")
        assert code(play.answer("host", "accept")) == "booking.too_many_unpaid"

    def test_too_late_today_before_too_many_guests(self) -> None:
        home = make_property()
        # 20:30 in Dhaka on the check-in day.
        late = Play(home=home).now.replace(year=day(0).year, month=day(0).month, day=day(0).day, hour=14, minute=30)
        play = Play(home=home, now=late)
        assert code(play.open(guests=9)) == "dates.invalid"
        assert code(play.open(guests=9, booking_type="paying_guest", end_date=day(0).isoformat())) == "dates.invalid"
