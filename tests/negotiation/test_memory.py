"""A move that is decided on a remembered negotiation comes to what it comes to on one that is read: one trip, the same outcome."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from core.database import plain
from negotiation.engine.executor import carry_out
from negotiation.engine.memory import MOST_IDS, Memory
from negotiation.engine.parsing import read_move
from negotiation.models import Negotiation, Offer
from negotiation.services import jobs
from properties.models import Property
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_property
from tests.negotiation.play import Play, code, opened
from tests.negotiation.remembering import Remembering, check_memory, remembered
from tests.negotiation.test_batches import any_move
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


def test_a_move_in_a_remembered_negotiation_is_one_trip() -> None:
    play = remembered()
    for side, amount in (("guest", 2100), ("host", 2800), ("guest", 2200)):
        assert (code(play.bid(side, amount)), play.trips) == ("ok", 1)
    assert (code(play.here("host", "message.send", text="Hm")), play.trips) == ("ok", 1)
    assert (code(play.here("guest", "offer.extend", offer=play.standing(), expires_in=90_000)), play.trips) == ("ok", 1)
    assert (code(play.here("host", "offer.decline", offer=play.standing())), play.trips) == ("ok", 1)
    assert play.id not in play.memory.records
    check_world()


def test_an_accept_after_such_moves_knows_its_home() -> None:
    """It asks everything in one trip, books in the second, and a rival's accept waits for it."""
    play = remembered()
    assert (code(play.here("guest", "offer.accept", offer=play.standing())), play.trips) == ("ok", 2)
    check_world()


def test_what_is_remembered_is_what_is_read(rounds: Callable[[int, int], int]) -> None:
    """Any moves, some of them by other processes; the memory never differs from the tables where it claims to know."""
    for seed in range(rounds(4, 200)):
        chance = random.Random(seed)
        play = remembered(home=make_property(auto_accept_percent=chance.choice([None, 95]), auto_decline_percent=30))
        for _ in range(15):
            play.later(seconds=chance.choice([1, 1, 1, 4000]))
            move = any_move(play, chance)
            if chance.random() < 0.2:
                plain.run(carry_out([move], now=play.now))
                play.memory.records.pop(play.id, None)
            else:
                play.send(move)
            check_memory(play.memory)
        check_world()


@pytest.mark.parametrize("side", ["guest", "host"])
def test_a_question_is_remembered_before_and_after_its_first_price(side: str) -> None:
    play = Remembering()
    play.memory = Memory()
    assert code(play.open_here(None)) == "ok"
    check_memory(play.memory)
    assert (code(play.here("host", "message.send", text="Yes?")), play.trips) == ("ok", 1)
    other = "host" if side == "guest" else "guest"
    assert code(play.bid(side, 2500)) == "ok"
    check_memory(play.memory)
    # The guest's own first price counts as an opening, so it is judged under the home's lock.
    assert code(play.bid(other, 2400 if side == "host" else 2600)) == "ok"
    check_memory(play.memory)
    assert (code(play.bid(side, 2450 if side == "host" else 2550)), play.trips) == ("ok", 1)
    check_world()


def test_what_changed_elsewhere_is_seen_and_not_remembered_again() -> None:
    play = remembered()
    play.offer("guest", 2100)
    assert code(play.bid("guest", 2200)) == "offer.not_your_turn"
    play = remembered()
    play.offer("guest", 2100)
    play.offer("host", 2850)
    assert code(play.bid("guest", 2200)) == "ok"
    assert play.trips == 3
    assert list(Offer.objects.filter(negotiation_id=play.id).order_by("id").values_list("amount", flat=True)) == [
        Decimal(amount) for amount in (2000, 2900, 2100, 2850, 2200)
    ]
    assert play.id not in play.memory.records
    assert (code(play.bid("host", 2800)), play.trips) == ("ok", 2)
    check_world()


def test_an_offer_told_to_end_soon_is_told_once() -> None:
    """The clock's process writes that it was told, without an entry."""
    play = remembered()
    play.later(hours=23, minutes=30)
    jobs.notify_expiring(now=play.now)
    assert play.told("guest").count("offer.expiring") == 1
    assert code(play.bid("guest", 2100)) == "ok"
    assert play.trips == 3
    check_world()


def test_a_repeat_gets_its_first_answer() -> None:
    play = remembered()
    first = play.bid("guest", 2100, key="once")
    again = play.bid("guest", 2100, key="once")
    assert (again.replayed, again.stored) == (True, first.stored)
    assert code(play.bid("guest", 2200, key="once")) == "command.id_reused"
    assert play.kinds().count("offer.made") == 3


def test_a_refusal_is_by_what_is_written_now() -> None:
    play = remembered()
    assert code(play.bid("guest", 1900)) == "offer.not_a_concession"
    assert code(play.here("guest", "offer.accept", offer=10**9)) == "not_found"
    assert code(play.bid("host", 2800)) == "offer.not_your_turn"
    assert play.kinds().count("offer.made") == 2


def test_nights_that_went_are_gone() -> None:
    play = remembered()
    make_entry(play.home, day(1), day(2), kind="block")
    assert code(play.bid("guest", 2100)) == "dates.taken"
    assert play.kinds().count("offer.made") == 2


@pytest.mark.parametrize("bid", [2100, 2700])
def test_a_rule_of_the_host_holds_from_the_moment_it_is_made(bid: int) -> None:
    play = remembered()
    Property.objects.filter(pk=play.home.pk).update(auto_accept_percent=80)
    outcome = play.bid("guest", bid)
    assert outcome.answer is not None
    assert outcome.answer.agreed == (bid == 2700)
    check_world()


def test_a_rule_that_declines_holds_from_the_moment_it_is_made() -> None:
    play = remembered()
    Property.objects.filter(pk=play.home.pk).update(auto_decline_percent=90)
    assert code(play.bid("guest", 2100)) == "ok"
    assert play.negotiation.auto_decline_at is not None


def test_a_bid_beside_another_open_negotiation_is_judged_under_the_homes_lock() -> None:
    """Two bids at once would be counted without each other."""
    play = remembered()
    assert code(Play(home=play.home, guest=play.guest, start=day(10), end=day(13)).open("2000")) == "ok"
    assert code(play.bid("guest", 2100)) == "ok"
    assert play.trips > 2
    check_world()


def test_a_bid_that_a_rule_accepts_has_an_id_like_any_other() -> None:
    """The next id of those drawn, whether the rule is asked or not: a gap would reveal the rule."""
    ids = []
    for percent in (None, 80):
        play = remembered(home=make_property(auto_accept_percent=percent))
        play.memory.offer_ids = [10**9 + 1, 10**9 + 2]
        outcome = play.bid("guest", 2700)
        assert outcome.answer is not None
        ids.append(outcome.answer.offer["id"] if outcome.answer.offer else None)
        Offer.objects.filter(negotiation_id=play.id).delete()
    assert ids == [10**9 + 1] * 2


def test_bids_of_a_day_are_counted() -> None:
    """From the sixth bid of a day on they are counted under the home's lock; after the twelfth there is none left."""
    plays = [remembered()]
    for start in (10, 20):
        play = Remembering(home=plays[0].home, guest=plays[0].guest, start=day(start), end=day(start + 3))
        play.memory = plays[0].memory
        plays.append(play)
    bids = []
    for play in plays:
        if not play.id:
            play.open("2000")
            play.bid("host", 2900)
        for n in range(4):
            bids.append(code(play.bid("guest", 2010 + n)))
            if bids[-1] == "ok":
                play.bid("host", 2890 - n)
    assert bids == ["ok"] * 9 + ["offer.limit_reached"] * 3
    check_world()


def test_sealed_figures_are_not_remembered() -> None:
    play = remembered()
    assert code(play.here("guest", "limit.seal", amount="2500")) == "ok"
    assert play.id not in play.memory.records
    assert "2500" not in repr(play.memory.records)


def test_an_end_that_came_meanwhile_is_told() -> None:
    play = remembered()
    play.later(days=2)
    assert code(play.bid("guest", 2100)) == "offer.expired"
    assert play.kinds()[-1] == "offer.expired"
    assert not play.memory.records
    check_world()


def test_who_is_no_party_sees_nothing() -> None:
    play, other = remembered(), opened()
    move = read_move("offer.make", {"negotiation": play.id, "amount": "2100"}, actor_id=other.guest.pk, key="k")
    assert code(play.send(move)) == "not_found"
    assert Negotiation.objects.get(pk=play.id).last_seq == 3


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("negotiation.engine.memory.MOST", 2)
    memory = Memory()
    for _ in range(3):
        play = Remembering()
        play.memory = memory
        play.open("2000")
        play.bid("host", 2900)
    assert len(memory.records) == 2
    memory.note_drawn([{"offer_id": n} for n in range(500)])
    assert len(memory.offer_ids) == MOST_IDS


def test_a_guest_who_reads_loses_nothing_by_the_memory() -> None:
    """Seen marks are written beside moves, and only grow."""
    play = remembered()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE negotiation_negotiation SET guest_seen = last_seq WHERE id = %s", [play.id])
    assert (code(play.here("host", "message.send", text="Well?")), play.trips) == ("ok", 1)
    assert (play.negotiation.guest_seen, play.negotiation.host_seen) == (3, 3)


def test_an_offer_is_made_on_time() -> None:
    """A remembered record keeps its times to the microsecond, as the table does."""
    play = remembered()
    play.now += timedelta(microseconds=123_457)
    play.bid("guest", 2100)
    check_memory(play.memory)
