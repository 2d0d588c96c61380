"""The frontend's words for where a negotiation stands: shown, and taken as input."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from bookings.models import Booking
from bookings.services.status_changes import change_status
from core import clock
from tests.factories.accounts import client_of
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play, opened
from tests.negotiation.rest import get

pytestmark = pytest.mark.django_db


def label(play: Play) -> str:
    return get(play.guest, "as_guest/")[0]["negotiation_status"]


class TestLabels:
    def test_while_it_is_open(self) -> None:
        play = opened(None)
        assert label(play) == "Question"
        play.offer("host", 2900)
        assert label(play) == "Host Proposed"
        play.offer("guest", 2000)
        assert label(play) == "Guest Proposed"

    @pytest.mark.parametrize(("side", "unpaid", "paid"), [
        ("host", "Host Payment", "Accepted By Host"), ("guest", "Guest Payment", "Accepted By Guest"),
    ])  # fmt: skip
    def test_agreed(self, side: str, unpaid: str, paid: str) -> None:
        play = opened()
        if side == "guest":
            play.offer("host", 2900)
        play.answer(side, "accept")
        assert label(play) == unpaid
        play.do("guest", "message.send", text="Thanks")
        Booking.objects.update(payment_status="processing", processing_since=play.now)
        assert label(play) == unpaid
        for status in ("paid", "partly_refunded", "on_arrival"):
            Booking.objects.update(payment_status=status, processing_since=None)
            assert label(play) == paid
        change_status(actor=play.host, booking_id=Booking.objects.get().pk, status="cancelled", now=clock.now())
        assert label(play) == "Cancelled"

    def test_with_payment_at_the_door_it_is_accepted_at_once(self) -> None:
        play = opened()
        with override_settings(PAYMENT="on_arrival"):
            play.answer("host", "accept")
        assert label(play) == "Accepted By Host"

    def test_by_a_rule_it_is_the_host(self) -> None:
        play = Play(home=make_property(auto_accept_percent=Decimal(60)))
        play.open("2500")
        assert label(play) == "Host Payment"

    @pytest.mark.parametrize(("side", "expected"), [("host", "Rejected By Host"), ("guest", "Rejected By Guest")])
    def test_declined(self, side: str, expected: str) -> None:
        play = opened()
        if side == "guest":
            play.offer("host", 2900)
        play.answer(side, "decline")
        assert label(play) == expected

    def test_the_other_ends(self) -> None:
        play = opened()
        play.answer("guest", "withdraw")
        assert label(play) == "Withdrawn"
        question = opened(None)
        question.do("host", "negotiation.close")
        assert label(question) == "Closed"
        late = Play(now=clock.now() - timedelta(hours=1))
        late.open(expires_in=300)
        assert label(late) == "Expired"
        rival = opened()
        opened(home=rival.home).answer("host", "accept")
        assert label(rival) == "Superseded"


class TestSaying:
    """Labels and words as input."""

    def say(self, play: Play, side: str, word: Any, **fields: Any) -> tuple[int, dict]:
        user = play.guest if side == "guest" else play.host
        body = {"negotiation_status": word} | fields
        answer = client_of(user).put(f"/api/nego/update_status/{play.id}/", body, format="json")
        return answer.status_code, answer.json()

    @pytest.mark.parametrize("word", ["accepted", "Guest Payment", "Accepted By Guest", "Accepted By Host"])
    def test_a_guest_accepts(self, word: str) -> None:
        play = opened()
        play.offer("host", 2900)
        status, body = self.say(play, "guest", word, offer=str(play.standing()))
        assert (status, body["status"], body["booking"]) == (200, "accepted", Booking.objects.get().pk)

    @pytest.mark.parametrize("word", ["Guest Payment", "Accepted By Guest", "Accepted By Host"])
    def test_a_guest_says_so_again(self, word: str) -> None:
        play = opened()
        play.answer("host", "accept")
        status, body = self.say(play, "guest", word)
        assert (status, body["last_seq"]) == (200, 3)

    @pytest.mark.parametrize(
        ("side", "word"), [("host", "accepted"), ("host", "Accepted By Host"), ("guest", "accepted")]
    )
    def test_but_the_word_itself_is_refused_again(self, side: str, word: str) -> None:
        play = opened()
        play.answer("host", "accept")
        status, body = self.say(play, side, word)
        assert (status, body["code"], body["params"]["status"]) == (409, "negotiation.closed", "accepted")
        assert body["params"]["booking"] == Booking.objects.get().pk

    @pytest.mark.parametrize(("side", "word"), [("host", "Accepted By Guest"), ("host", "Guest Payment"),
        ("guest", "Rejected By Host"), ("host", "Rejected By Guest"), ("host", "Withdrawn"), ("host", "open"),
        ("host", ""), ("host", None), ("host", 7), ("host", ["accepted"]), ("guest", "accepted\0")])  # fmt: skip
    def test_what_is_not_ones_own_word(self, side: str, word: Any) -> None:
        play = opened()
        status, body = self.say(play, side, word)
        assert (status, body["code"], list(body["fields"])) == (400, "invalid", ["negotiation_status"])
        assert play.kinds()[-1] == "offer.made"

    @pytest.mark.parametrize(("side", "word"), [("host", "declined"), ("host", "Rejected By Host")])
    def test_declining_with_a_reason(self, side: str, word: str) -> None:
        play = opened()
        status, body = self.say(play, side, word, reason="Too low")
        assert (status, body["negotiation_status"]) == (200, "Rejected By Host")
        assert play.log()[-1]["data"]["reason"] == "Too low"

    def test_withdrawing(self) -> None:
        play = opened()
        assert self.say(play, "host", "withdrawn")[1]["code"] == "not_allowed"
        assert self.say(play, "guest", "withdrawn")[1]["status"] == "withdrawn"

    def test_the_standing_offer_is_meant_where_none_is_named(self) -> None:
        play = opened()
        first = play.standing()
        play.offer("host", 2900)
        status, body = self.say(play, "guest", "accepted", offer=first)
        assert (status, body["code"], body["params"]["offer"]["amount"]) == (409, "offer.stale", "2900.00")
        assert self.say(play, "guest", "accepted", offer="")[0] == 200


def test_reserving_with_an_echo_books_nothing_twice() -> None:
    play = opened()
    play.answer("host", "accept")
    row = get(play.guest, "as_guest/")[0]
    body = {
        "id": row["id"], "negotiation_status": row["negotiation_status"], "property_id": play.home.pk,
        "booking_type": "stay", "start_date": row["check_in_date"], "end_date": row["check_out_date"], "number_of_guests": 2,
    }  # fmt: skip
    answer = client_of(play.guest).post("/api/reserve/", body, format="json")
    assert (answer.status_code, answer.json()["reservation_id"]) == (201, row["booking"])
    assert Booking.objects.count() == 1
    assert client_of(make_user()).post("/api/reserve/", body, format="json").status_code == 404
