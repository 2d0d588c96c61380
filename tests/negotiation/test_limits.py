"""Sealed limits through the engine, on the real database (rule 10)."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Notification
from bookings.models import Booking
from core.models import StoredOutcome
from negotiation.models import Offer
from negotiation.selectors.snapshots import get_negotiation, snapshot
from negotiation.services import jobs
from tests.factories.stays import make_user
from tests.negotiation import law
from tests.negotiation.play import Play, code, move, opened
from tests.negotiation.test_law import check_told

pytestmark = pytest.mark.django_db


def seal(play: Play, side: str, amount: str, **fields: Any) -> str:
    return code(play.do(side, "limit.seal", amount=amount, **fields))


def seen_by(play: Play, side: str) -> dict[str, Any]:
    record = get_negotiation(play.id)
    assert record is not None
    return snapshot(record, side="guest" if side == "guest" else "host", absolute=str)


def words(play: Play) -> tuple[str, str]:
    limits = seen_by(play, "guest")["limits"]
    return limits["guest"], limits["host"]


def all_text() -> Iterator[tuple[str, str]]:
    """Every row of every table as text: what a dump holds."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (text,) in cursor.fetchall():
                yield table, text


def where(figure: str) -> set[str]:
    return {table for table, text in all_text() if figure in text}


class TestSealing:
    def test_the_log_says_that_and_never_what(self) -> None:
        play = opened("2000")
        assert seal(play, "guest", "2345.67") == "ok"
        assert play.log()[-1]["kind"] == "limit.sealed"
        assert (play.log()[-1]["actor"], play.log()[-1]["data"]) == ("guest", {})
        assert words(play) == ("sealed", "none")
        assert play.told("host")[-1] == "limit.sealed"
        assert where("2345.67") == {"negotiation_negotiation"}

    def test_only_its_owner_sees_the_figure(self) -> None:
        play = opened("2000")
        seal(play, "guest", "2400", expires_in=600)
        mine = seen_by(play, "guest")["limit_mine"]
        assert mine["amount"] == "2400.00"
        assert mine["quote"]["stay"] == "2400.00"
        assert mine["quote"]["total"] == "2760.00"
        assert "limit_mine" not in seen_by(play, "host")
        assert "2400" not in json.dumps(seen_by(play, "host"))

    def test_it_needs_no_turn_costs_no_offer_and_moves_no_clock(self) -> None:
        play = opened("2000")
        before = seen_by(play, "host")
        seal(play, "guest", "2400")
        seal_of_host = seen_by(play, "host")
        for name in ("turn", "standing_offer", "offers_left", "status"):
            assert seal_of_host[name] == before[name]

    def test_who_seals_twice_or_takes_back_nothing(self) -> None:
        play = opened("2000")
        assert code(play.do("guest", "limit.unseal")) == "limit.spent"
        assert seal(play, "guest", "2400") == "ok"
        assert seal(play, "guest", "2500") == "limit.already_sealed"
        assert code(play.do("guest", "limit.unseal")) == "ok"
        assert words(play) == ("none", "none")
        assert where("2400.00") == set()
        assert play.kinds()[-1] == "limit.unsealed"

    def test_a_fourth_seal_of_a_side(self) -> None:
        play = opened("2000")
        for amount in ("2400", "2500", "2600"):
            assert seal(play, "guest", amount) == "ok"
            assert code(play.do("guest", "limit.unseal")) == "ok"
        assert seal(play, "guest", "2700") == "offer.limit_reached"
        assert seal(play, "host", "2900") == "ok"

    def test_strangers_find_nothing(self) -> None:
        play = opened("2000")
        stranger = make_user()
        for kind in ("limit.seal", "limit.unseal"):
            assert code(move(kind, stranger, at=play.now, negotiation=play.id, amount="2400")) == "not_found"

    @pytest.mark.parametrize("amount", ["0", "-1", "1e3", "1.234", "", None, "12345678901234"])
    def test_what_is_no_amount(self, amount: Any) -> None:
        assert seal(opened("2000"), "guest", amount) == "invalid"

    def test_a_repeat_gets_its_first_answer_and_its_mark_tells_no_figure(self) -> None:
        play = opened("2000")
        fields = {"negotiation": play.id, "amount": "2400"}
        first = move("limit.seal", play.guest, at=play.now, key="k", **fields)
        assert first.stored == {
            "type": "limit.seal", "negotiation": play.id, "seq": 3, "limits": {"guest": "sealed", "host": "none"},
        }  # fmt: skip
        again = move("limit.seal", play.guest, at=play.now, key="k", **(fields | {"amount": 2400.0}))
        assert (again.replayed, again.stored) == (True, first.stored)
        other = move("limit.seal", play.guest, at=play.now, key="k", **(fields | {"amount": "2401"}))
        assert code(other) == "command.id_reused"
        from core.api.idempotency import fingerprint

        stored = bytes(StoredOutcome.objects.get(key="k").fingerprint)
        guesses = [fingerprint("limit.seal", {"negotiation_id": play.id, "amount": Decimal("2400")})]
        assert stored not in guesses


class TestMeeting:
    def test_limits_that_meet_are_a_booking_half_way(self) -> None:
        play = opened("2000")
        before = seen_by(play, "guest")
        play.later(seconds=1)
        rival = Play(home=play.home)
        rival.open("2100")
        assert seal(play, "guest", "2600") == "ok"
        outcome = play.do("host", "limit.seal", amount="2500.01")
        assert code(outcome) == "ok"
        booking = Booking.objects.get(negotiation_id=play.id)
        assert (booking.base_price, booking.status) == (Decimal("2550.01"), "confirmed")
        assert outcome.stored["booking"] == booking.pk
        assert outcome.stored["limits"] == {"guest": "spent", "host": "spent"}
        sealed, met, accepted = play.log()[-3:]
        assert [(e["kind"], e["actor"]) for e in (sealed, met, accepted)] == [
            ("limit.sealed", "host"), ("limit.met", "system"), ("offer.accepted", "guest"),
        ]  # fmt: skip
        offer = met["data"]["offer"]
        assert (offer["amount"], offer["by"], offer["status"]) == ("2550.01", "host", "standing")
        assert accepted["data"] == {"offer": offer["id"], "booking": booking.pk, "amount": "2550.01"}
        assert rival.negotiation.status == "superseded"
        for side in ("guest", "host"):
            note = Notification.objects.filter(negotiation_id=play.id, kind="offer.accepted", user=getattr(play, side))
            assert [n.booking_id for n in note] == [booking.pk]
        row = play.negotiation
        assert (row.status, row.guest_limit, row.host_limit) == ("accepted", None, None)
        assert Offer.objects.get(pk=offer["id"]).status == "accepted"
        assert not Offer.objects.filter(negotiation_id=play.id, status="standing").exists()
        assert words(play) == ("spent", "spent")
        after = law.after(before, play.log())
        assert law.durable(after) == law.durable(seen_by(play, "guest"))
        assert where("2600.00") == where("2500.01") == set()
        check_told(play.negotiation)

    @pytest.mark.parametrize("first", ["guest", "host"])
    def test_by_is_who_sealed_last_and_accepting_who_sealed_first(self, first: str) -> None:
        play = opened("2000")
        second = "host" if first == "guest" else "guest"
        assert seal(play, first, "2500") == "ok"
        assert seal(play, second, "2500") == "ok"
        met, accepted = play.log()[-2:]
        assert (met["data"]["offer"]["by"], accepted["actor"]) == (second, first)
        assert play.negotiation.ended_by == first

    def test_a_miss_moves_nothing_but_the_limits(self) -> None:
        play = opened("2000")
        before = seen_by(play, "guest")
        play.later(seconds=1)
        seal(play, "host", "2789.12")
        outcome = play.do("guest", "limit.seal", amount="2788.91")
        assert code(outcome) == "ok"
        assert "booking" not in outcome.stored
        assert play.kinds()[-3:] == ["limit.sealed", "limit.sealed", "limit.missed"]
        assert play.told("guest")[-1] == play.told("host")[-1] == "limit.missed"
        after = seen_by(play, "guest")
        for name in ("turn", "standing_offer", "offers_left", "status", "booking"):
            assert after[name] == before[name]
        assert words(play) == ("spent", "spent")
        assert where("2789.12") == where("2788.91") == set()
        for side in ("guest", "host"):
            assert seal(play, side, "2700") == "limit.spent"
            assert code(play.do(side, "limit.unseal")) == "limit.spent"
        assert law.durable(law.after(before, play.log())) == law.durable(after)
        assert code(play.offer("host", "2800")) == "ok"
        check_told(play.negotiation)

    def test_after_any_end_no_figure_is_left(self) -> None:
        for end in ("decline", "withdraw"):
            play = opened("2000")
            seal(play, "guest", "2345.67")
            assert code(play.answer("host" if end == "decline" else "guest", end)) == "ok"
            assert play.negotiation.guest_limit is None
            assert words(play) == ("none", "none")
        assert where("2345.67") == set()


class TestEnds:
    def test_an_open_offer_beyond_it(self) -> None:
        play = opened("2000")
        seal(play, "host", "2500")
        assert code(play.offer("host", "2500")) == "ok"
        assert words(play) == ("none", "sealed")
        play.offer("guest", "2100")
        assert code(play.offer("host", "2499.99")) == "ok"
        assert play.kinds()[-2:] == ["offer.made", "limit.unsealed"]
        assert play.log()[-1]["actor"] == "host"
        assert words(play) == ("none", "none")

    @pytest.mark.parametrize("by", ["reader", "mover", "clock"])
    def test_its_time(self, by: str) -> None:
        play = opened("2000")
        before = seen_by(play, "host")
        seal(play, "guest", "2345.67", expires_in=600)
        play.later(seconds=600)
        if by == "reader":
            play.seen_now()
        elif by == "mover":
            assert code(play.offer("host", "2800")) == "ok"
        else:
            assert jobs.expire_offers(play.now) == 1
            assert jobs.expire_offers(play.now) == 0
        assert "limit.unsealed" in play.kinds()
        assert [e["actor"] for e in play.log() if e["kind"] == "limit.unsealed"] == ["guest"]
        assert where("2345.67") == set()
        assert law.durable(law.after(before, play.log())) == law.durable(seen_by(play, "host"))

    def test_a_limit_that_is_over_is_not_compared(self) -> None:
        play = opened("2000")
        seal(play, "guest", "2900", expires_in=600)
        play.later(seconds=601)
        assert seal(play, "host", "2100") == "ok"
        assert words(play) == ("none", "sealed")
        assert play.kinds()[-2:] == ["limit.unsealed", "limit.sealed"]
