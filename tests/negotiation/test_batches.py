"""Moves that share a transaction come to what they come to one by one."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from bookings.models import Booking
from negotiation.engine.executor import execute, execute_one
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.models import Negotiation, Offer
from negotiation.moves import Move
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


def game(chance: random.Random) -> tuple[list[Move], datetime]:
    """Homes, guests and negotiations in every state, and a heap of moves of all kinds over them."""
    homes = [make_property(), make_property(negotiable=True, auto_accept_percent=chance.choice([None, 80]))]
    guests = [make_user() for _ in range(4)]
    plays = []
    for home in homes:
        for guest in guests:
            play = Play(home=home, guest=guest, start=day(chance.choice([0, 2, 6])), end=day(8))
            play.open(chance.choice(["2000", None]), message="?", expires_in=chance.choice([300, 9000]))
            if play.id and chance.random() < 0.5:
                play.later(seconds=1)
                play.offer("host", 2900 if play.start < day(6) else 1900)
            plays.append(play)
    if chance.random() < 0.3:
        make_entry(homes[0], day(7), day(9), kind="block")
    real = [play for play in plays if play.id]
    moves = [any_move(chance.choice(real), chance) for _ in range(25)]
    return moves, max(play.now for play in plays)


def any_move(play: Play, chance: random.Random) -> Move:
    side = chance.choice(["guest", "host"])
    actor = play.guest if side == "guest" else play.host
    offers = list(Offer.objects.filter(negotiation_id=play.id).order_by("id").values_list("pk", flat=True))
    offer = chance.choice(offers) if offers else 1
    within: dict[str, Any] = {"negotiation": play.id}
    fresh = {
        "property": play.home.pk, "start_date": day(10).isoformat(), "end_date": day(11 + chance.randrange(2)).isoformat(),
        "guests": chance.choice([1, 9]), "booking_type": "stay", "amount": "700",
    }  # fmt: skip
    kind, fields = chance.choice(
        [
            ("offer.make", within | {"amount": str(chance.randrange(1500, 3000)), "message": chance.choice([None, "Hm"])}),
            ("offer.make", within | {"amount": str(chance.randrange(1500, 3000))}),
            ("offer.accept", within | {"offer": offer}), ("offer.accept", within | {"offer": offer}),
            ("offer.decline", within | {"offer": offer}), ("offer.withdraw", within | {"offer": offer}),
            ("offer.extend", within | {"offer": offer, "expires_in": 40_000}), ("message.send", within | {"text": "Hi"}),
            ("negotiation.close", within), ("negotiation.open", fresh), ("offer.make", within | {"amount": "x"}),
        ]
    )  # fmt: skip
    return read_move(kind, fields, actor_id=actor.pk, key=f"k{chance.random()}")


def world() -> dict[str, Any]:
    """Everything the moves may have changed, without numbers that sequences gave."""
    return {
        "negotiations": [
            (
                n.guest_id, n.property_id, n.nights.lower, n.status, n.turn, n.last_seq, n.last_bid, n.last_ask,
                n.guest_offers_left, n.host_offers_left, n.ended_by,
                list(n.entries.order_by("seq").values_list("kind", "actor")),
                list(n.offers.order_by("id").values_list("by", "amount", "status", "expires_at")),
            )
            for n in Negotiation.objects.order_by("guest_id", "property_id", "nights")
        ],
        "bookings": sorted(Booking.objects.values_list("guest_id", "property_id", "start_date", "total")),
    }  # fmt: skip


Run = Callable[[list[Move], datetime], list[Outcome]]


def together(moves: list[Move], now: datetime) -> list[Outcome]:
    return execute(moves, now=now)


def one_by_one(moves: list[Move], now: datetime) -> list[Outcome]:
    return [execute_one(move, now=now) for move in moves]


def outcome_of(run: Run, moves: list[Move], now: datetime) -> tuple[list[str], dict[str, Any]]:
    """What the moves came to and the world after them, which is then undone."""
    before = transaction.savepoint()
    codes = [code(outcome) for outcome in run(moves, now)]
    check_world()
    after = world()
    transaction.savepoint_rollback(before)
    return codes, after


def test_a_batch_is_its_moves_one_after_the_other(rounds: Callable[[int, int], int]) -> None:
    """Moves that take no property run before those that do; one that must take it after all runs when they are done."""
    for seed in range(rounds(3, 300)):
        moves, now = game(random.Random(seed))
        deep = [move for move in moves if move.deep]
        plain = [move for move in moves if not move.deep and not _takes_property(move)]
        for some in (deep, plain):
            assert outcome_of(together, some, now) == outcome_of(one_by_one, some, now), seed
        outcome_of(together, moves, now)


def _takes_property(move: Any) -> bool:
    if move.kind != "offer.make":
        return False
    row = Negotiation.objects.filter(pk=move.negotiation_id).select_related("property").first()
    return row is not None and (not row.has_offers or row.property.auto_accept_percent is not None)


def test_who_comes_too_late_in_the_same_batch_is_told_the_booking() -> None:
    play, rival = Play(), None
    play.open()
    rival = Play(home=play.home)
    rival.open()
    offer = {"negotiation": play.id, "offer": play.standing()}
    theirs = {"negotiation": rival.id, "offer": rival.standing()}
    accept, again = (read_move("offer.accept", offer, actor_id=play.host.pk, key=key) for key in ("a", "b"))
    other = read_move("offer.accept", theirs, actor_id=play.host.pk, key="c")
    first, second, third = execute([accept, again, other], now=play.now)
    booking = Booking.objects.get().pk
    assert (code(first), first.stored["booking"]) == ("ok", booking)
    assert second.error is not None
    assert (second.error.code, second.error.params) == (
        "negotiation.closed",
        {"status": "accepted", "booking": booking},
    )
    assert third.error is not None
    assert third.error.params == {"status": "superseded"}
    assert execute_one(again, now=play.now).stored == second.stored


def test_an_offer_extended_in_the_batch_that_made_it() -> None:
    play = Play()
    play.open()
    made = read_move("offer.make", {"negotiation": play.id, "amount": "2900"}, actor_id=play.host.pk, key=None)
    guess = Offer.objects.latest("id").pk + 1
    extend = {"negotiation": play.id, "offer": guess, "expires_in": 100_000}
    execute([made, read_move("offer.extend", extend, actor_id=play.host.pk, key=None)], now=play.now)
    shown = play.seen_now()["standing_offer"]
    assert shown["expires_at"] == play.log()[-1]["data"]["offer"]["expires_at"]


def test_a_refused_neighbour_harms_nobody() -> None:
    play, other = Play(), Play()
    play.open()
    other.open()
    moves = [
        read_move("message.send", {"negotiation": play.id, "text": "1"}, actor_id=play.guest.pk, key=None),
        read_move("message.send", {"negotiation": play.id, "text": "2"}, actor_id=make_user().pk, key=None),
        read_move("offer.make", {"negotiation": other.id, "amount": "1"}, actor_id=other.host.pk, key=None),
        read_move("message.send", {"negotiation": other.id, "text": "3"}, actor_id=other.host.pk, key=None),
    ]
    assert [code(o) for o in execute(moves, now=play.now)] == ["ok", "not_found", "offer.not_a_concession", "ok"]


def test_of_two_agreements_in_a_batch_one_may_fail() -> None:
    play, other = Play(), Play()
    play.open()
    other.open()
    moves = [
        read_move("offer.accept", {"negotiation": p.id, "offer": p.standing()}, actor_id=p.host.pk, key=None)
        for p in (play, other)
    ]
    make_entry(play.home, day(1), day(2), kind="block")
    assert [code(o) for o in execute(moves, now=play.now)] == ["dates.taken", "ok"]
    check_world()
