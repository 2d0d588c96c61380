"""Seals at the same moment as anything else, on the real database: what commits first wins (rule 10, g)."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from bookings.models import Booking
from core import clock
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import keyed
from negotiation.models import Entry, Negotiation
from negotiation.services import jobs
from properties.services.blocks import block_nights
from properties.services.listings import unlist_property
from tests.factories.stays import day, make_property
from tests.negotiation.play import Play, code, opened
from tests.negotiation.racing import accepting, attempt, doing, run
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]
Rounds = Callable[[int, int], int]


def seals_of(play: Play, guest: str = "2600", host: str = "2500") -> list[Callable[[], str]]:
    return [
        partial(run, doing(play, side, "limit.seal", amount=amount))
        for side, amount in (("guest", guest), ("host", host))
    ]


def check_erased() -> None:
    """No figure stands where a negotiation has ended or limits were compared; both never stand together."""
    assert not Negotiation.objects.exclude(status="open").exclude(guest_limit=None, host_limit=None).exists()
    assert not Negotiation.objects.exclude(compared_at=None).exclude(guest_limit=None, host_limit=None).exists()


def test_two_seals_at_once(rounds: Rounds) -> None:
    """Whichever is second is compared: every pair ends met or missed, by its figures alone."""
    for _ in range(rounds(2, 50)):
        plays = [opened("2000") for _ in range(20)]
        meets = [n % 2 == 0 for n in range(20)]
        calls = [
            call for play, meet in zip(plays, meets, strict=True) for call in seals_of(play, "2600" if meet else "2400")
        ]
        assert Counter(at_once(*calls)) == {"ok": 40}
        for play, meet in zip(plays, meets, strict=True):
            kinds = play.kinds()
            ends = ["limit.met", "offer.accepted"] if meet else ["limit.missed"]
            assert kinds[2:] == ["limit.sealed", "limit.sealed", *ends]
            assert Booking.objects.filter(negotiation_id=play.id).count() == int(meet)
        check_erased()
        check_world()


ENDS = {
    "accept": lambda play: partial(run, accepting(play)),
    "decline": lambda play: partial(run, doing(play, "host", "offer.decline", offer=play.standing())),
    "withdraw": lambda play: partial(run, doing(play, "guest", "offer.withdraw", offer=play.standing())),
    "block": lambda play: partial(
        attempt,
        partial(
            block_nights,
            property_id=play.home.pk,
            start_date=play.start,
            end_date=play.end,
            actor=play.host,
            now=clock.now(),
        ),
    ),
    "unlist": lambda play: partial(
        attempt, partial(unlist_property, property_id=play.home.pk, actor=play.host, now=clock.now())
    ),
    "expiry": lambda play: lambda: str(jobs.expire_offers(play.now + timedelta(days=1, seconds=1))),
}


@pytest.mark.parametrize("other", ENDS)
def test_the_second_seal_against(other: str, rounds: Rounds) -> None:
    for _ in range(rounds(4, 60)):
        play = opened("2000")
        assert code(play.do("guest", "limit.seal", amount="2600")) == "ok"
        sealed, told = at_once(seals_of(play)[1], ENDS[other](play))
        row, bookings = play.negotiation, Booking.objects.filter(negotiation_id=play.id).count()
        assert bookings == int(row.status == "accepted")
        if sealed == "ok":
            assert "limit.met" in play.kinds()
        else:
            assert sealed in ("negotiation.closed", "offer.expired", "dates.taken"), (sealed, told)
        if sealed != "dates.taken":
            assert row.status != "open"
        check_erased()
        check_world()


def test_the_second_seal_against_an_accept_of_a_rival(rounds: Rounds) -> None:
    for _ in range(rounds(4, 60)):
        home = make_property()
        play, rival = Play(home=home), Play(home=home)
        play.open("2000")
        rival.open("2100")
        play.do("guest", "limit.seal", amount="2600")
        told = at_once(seals_of(play)[1], partial(run, accepting(rival)))
        assert sorted(told) == ["negotiation.closed", "ok"]
        assert Booking.objects.filter(property=home).count() == 1
        check_erased()
        check_world()


def test_closing_a_room_that_was_opened_with_a_limit(rounds: Rounds) -> None:
    for _ in range(rounds(4, 60)):
        play = Play()
        assert code(play.open(None, limit="2600")) == "ok"
        sealed, closed = at_once(seals_of(play)[1], partial(run, doing(play, "guest", "negotiation.close")))
        assert (sealed, closed) in (("ok", "negotiation.closed"), ("negotiation.closed", "ok"))
        check_erased()
        check_world()


def test_one_comparison_though_two_rooms_are_sealed_at_once(rounds: Rounds) -> None:
    """Overlapping nights can't be open twice; so one room ends, and the other is opened within the seven days."""
    for _ in range(rounds(2, 30)):
        home = make_property()
        play = Play(home=home)
        play.open("2000")
        at_once(*seals_of(play, "2100", "2900"))
        play.answer("host", "decline")
        again = Play(home=home, guest=play.guest)
        again.open("2000")
        told = at_once(*seals_of(again, "2600", "2500"))
        assert sorted(told) == ["offer.limit_reached", "ok"]
        assert again.negotiation.compared_at is None


def test_the_same_seal_twice_is_sealed_once(rounds: Rounds) -> None:
    for n in range(rounds(3, 40)):
        play = opened("2000")
        moves = [doing(play, "guest", "limit.seal", amount="2600") for _ in range(2)]
        keyed_moves = [keyed(move, f"the-same-{n}") for move in moves]
        outcomes = at_once(*[partial(execute_one, move, now=clock.now()) for move in keyed_moves])
        outcomes = [
            execute_one(move, now=clock.now()) if o.busy or code(o) == "command.in_progress" else o
            for o, move in zip(outcomes, keyed_moves, strict=True)
        ]
        assert [code(o) for o in outcomes] == ["ok", "ok"]
        assert Entry.objects.filter(negotiation_id=play.id, kind="limit.sealed").count() == 1


def test_twelve_bids_a_day_though_eleven_rooms_are_bid_in_at_once(rounds: Rounds) -> None:
    for _ in range(rounds(1, 10)):
        home = make_property()
        guest = Play(home=home).guest
        plays = [Play(home=home, guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(11)]
        for play in plays:
            assert code(play.open(None, message="Is there a cot?")) == "ok"
            assert code(play.offer("host", "2900")) == "ok"
        Negotiation.objects.filter(guest=guest).update(guest_opened_at=clock.now() - timedelta(days=2))
        for play in plays[:2]:
            assert code(play.offer("guest", "1000")) == "ok"
            assert code(play.offer("host", "2800")) == "ok"
        told = Counter(at_once(*[partial(run, doing(p, "guest", "offer.make", amount="1100")) for p in plays]))
        assert told == {"ok": 10, "offer.limit_reached": 1}
