"""Accepts at the same moment as anything else, on the real database: the second mover is told so."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accounts.services.closing import close_account
from bookings.models import Booking
from bookings.services.reserving import StayOrder, reserve_stay
from core import clock
from negotiation.engine.executor import execute_one
from negotiation.engine.outcomes import Outcome
from negotiation.models import Negotiation
from properties.services.blocks import block_nights
from properties.services.listings import unlist_property
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code
from tests.negotiation.racing import accepting, attempt, doing, rivals, run
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]
Rounds = Callable[[int, int], int]


def test_forty_rivals_accepted_at_once(rounds: Rounds) -> None:
    for _ in range(rounds(1, 25)):
        plays = rivals(make_property(), 40)
        moves = [accepting(play) for play in plays]
        told = Counter(at_once(*[partial(run, move) for move in moves]))
        assert told == {"ok": 1, "negotiation.closed": 39}
        assert Booking.objects.filter(property=plays[0].home).count() == 1
        winner = next(play for play in plays if play.negotiation.status == "accepted")
        for play in plays:
            last = "offer.accepted" if play is winner else "negotiation.superseded"
            assert play.told("guest") == [last]
        check_world()


def test_forty_rivals_on_nights_that_overlap_like_tiles(rounds: Rounds) -> None:
    """A chain of stays, each over two nights of the next: the accepted ones are free of each other, no night is lost."""
    for _ in range(rounds(1, 25)):
        plays = rivals(make_property(), 24, lambda n: (day(n), day(n + 3)))
        told = Counter(at_once(*[partial(run, accepting(play)) for play in plays]))
        assert set(told) <= {"ok", "negotiation.closed"}
        assert not Negotiation.objects.filter(status="open").exists()
        assert told["ok"] == Booking.objects.filter(property=plays[0].home).count() >= 5
        check_world()


def test_guests_and_homes_crosswise(rounds: Rounds) -> None:
    """Everybody haggles with everybody: each accept ends rivals at home and elsewhere, and none waits for the other."""
    for _ in range(rounds(2, 40)):
        homes, guests = [make_property() for _ in range(5)], [make_user() for _ in range(5)]
        plays = [Play(home=home, guest=guest) for home in homes for guest in guests]
        for play in plays:
            assert code(play.open()) == "ok"
        moves = [accepting(play) for play in plays]
        random.shuffle(moves)
        told = Counter(at_once(*[partial(run, move) for move in moves]))
        assert told == {"ok": 5, "negotiation.closed": 20}
        check_world()


@pytest.mark.parametrize("second", ["same key", "other key", "no key"])
def test_two_accepts(second: str, rounds: Rounds) -> None:
    for n in range(rounds(3, 30)):
        play = Play()
        play.open()
        keys = {"same key": ("a", "a"), "other key": ("a", "b"), "no key": (None, None)}[second]
        moves = [accepting(play, key=key and f"{key}{n}") for key in keys]
        outcomes: list[Outcome] = at_once(*[partial(execute_one, move, now=clock.now()) for move in moves])
        check_world()
        booking = Booking.objects.get(negotiation_id=play.id).pk
        if second == "same key":
            # The later one may have been asked to wait; asked again it gets the very same answer.
            outcomes = [
                execute_one(move, now=clock.now()) if o.busy else o for o, move in zip(outcomes, moves, strict=True)
            ]
            assert [o.stored["booking"] for o in outcomes] == [booking, booking]
        else:
            refused = next(o.error for o in outcomes if o.error)
            assert sorted(map(code, outcomes)) == ["negotiation.closed", "ok"]
            assert refused.params == {"status": "accepted", "booking": booking}


@pytest.mark.parametrize("kind", ["offer.withdraw", "offer.make", "offer.decline", "message.send", "offer.extend"])
def test_accept_against_another_move(kind: str, rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play = Play()
        play.open()
        offer = {"offer": play.standing()}
        fields: dict[str, dict[str, Any]] = {
            "offer.withdraw": offer, "offer.decline": offer, "offer.make": {"amount": "2900"},
            "message.send": {"text": "Hm."}, "offer.extend": {**offer, "expires_in": 200_000},
        }  # fmt: skip
        side = "guest" if kind in ("offer.withdraw", "offer.extend") else "host"
        first, second = at_once(partial(run, accepting(play)), partial(run, doing(play, side, kind, **fields[kind])))
        allowed = {
            "offer.withdraw": {("ok", "negotiation.closed"), ("negotiation.closed", "ok")},
            "offer.decline": {("ok", "negotiation.closed"), ("negotiation.closed", "ok")},
            "offer.make": {("ok", "negotiation.closed"), ("offer.stale", "ok")},
            "message.send": {("ok", "ok")},
            "offer.extend": {("ok", "negotiation.closed"), ("ok", "ok")},
        }[kind]
        assert (first, second) in allowed
        check_world()


def test_accept_against_a_block(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play = Play()
        play.open()
        block = partial(
            block_nights, property_id=play.home.pk, start_date=day(1), end_date=day(2), actor=play.host, now=clock.now()
        )
        pair = tuple(at_once(partial(run, accepting(play)), partial(attempt, block)))
        assert pair in {("ok", "dates.taken"), ("dates.taken", "ok")}
        assert play.negotiation.status == ("accepted" if pair[0] == "ok" else "open")
        check_world()


def test_accept_against_somebody_who_reserves(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play, other = Play(), make_user()
        play.open()
        order = StayOrder(play.home.pk, "stay", day(2), day(4), 1)
        reserve = partial(reserve_stay, actor=other, order=order, now=clock.now())
        pair = tuple(at_once(partial(run, accepting(play)), partial(attempt, reserve)))
        assert pair in {("ok", "dates.taken"), ("dates.taken", "ok")}
        check_world()


def test_accept_against_the_guests_own_reserve(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play = Play()
        play.open()
        order = StayOrder(play.home.pk, "stay", day(2), day(4), 1)
        reserve = partial(reserve_stay, actor=play.guest, order=order, now=clock.now())
        first, second = at_once(partial(run, accepting(play)), partial(attempt, reserve))
        # Reserved first, the hold gives way to the agreement; agreed first, the nights are gone.
        assert (first, second) in {("ok", "ok"), ("ok", "dates.taken")}
        assert list(
            Booking.objects.filter(guest=play.guest, status="confirmed").values_list("negotiation_id", flat=True)
        ) == [play.id]
        check_world()


def test_accept_against_unlisting(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play = Play()
        play.open()
        unlist = partial(unlist_property, property_id=play.home.pk, actor=play.host, now=clock.now())
        first, second = at_once(partial(run, accepting(play)), partial(attempt, unlist))
        assert (first, second) in {("ok", "ok"), ("negotiation.closed", "ok")}
        assert play.negotiation.status == ("accepted" if first == "ok" else "superseded")
        check_world()


def test_three_unpaid_stays_also_at_once() -> None:
    guest = make_user()
    plays = [Play(guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(6)]
    for play in plays:
        play.open()
    told = at_once(*[partial(run, accepting(play)) for play in plays])
    assert Counter(told) == {"ok": 3, "booking.too_many_unpaid": 3}
    check_world()


def test_closing_an_account_against_its_moves(rounds: Rounds) -> None:
    for n in range(rounds(3, 30)):
        host = make_user(is_host=True)
        plays = [Play(home=make_property(host), start=day(n), end=day(n + 2)) for _ in range(3)]
        for play in plays:
            play.open("1000")
        elsewhere = Play(guest=host)
        elsewhere.open("1000")
        close = partial(close_account, user_id=host.pk, now=clock.now())
        told = at_once(partial(attempt, close), *[partial(run, accepting(play)) for play in plays])
        assert told[0] == "ok"
        assert set(told) <= {"ok", "negotiation.closed"}
        assert not Negotiation.objects.filter(status="open").exists()
        check_world()
