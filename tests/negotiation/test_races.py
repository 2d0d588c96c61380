"""Moves at the same moment on the real database: whoever comes second is told so; nothing is sold twice or stuck."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from accounts.services.accounts import close_account
from bookings.models import Booking
from bookings.services.reserving import StayOrder, reserve_stay
from core import clock
from core.errors import DomainError
from negotiation.engine.moves import Move, Outcome
from negotiation.engine.run import execute, execute_one
from negotiation.models import Negotiation
from negotiation.reading import read_move
from properties.models import Property
from properties.services.blocks import block_nights
from properties.services.listings import unlist_property
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code
from tests.negotiation.together import together
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db(transaction=True)

Rounds = Callable[[int, int], int]


@pytest.fixture(autouse=True)
def no_deadlock(transactional_db: Any) -> Iterator[None]:
    """Everybody locks in one order. The engine would repeat the victim of a deadlock, so none may have happened at all."""
    before = deadlocks()
    yield
    assert deadlocks() == before


def deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


def accepting(play: Play, side: str = "host", key: str | None = None) -> Move:
    actor = play.host if side == "host" else play.guest
    fields = {"negotiation": play.id, "offer": play.standing()}
    return read_move("offer.accept", fields, actor_id=actor.pk, key=key)


def doing(play: Play, side: str, kind: str, **fields: Any) -> Move:
    actor = play.host if side == "host" else play.guest
    return read_move(kind, {"negotiation": play.id, **fields}, actor_id=actor.pk, key=None)


def run(move: Move) -> str:
    """What the move came to. `unavailable`, on a machine that is too busy to get through the line in eight seconds, is
    asked again as clients do; that nobody waits for each other in a circle is checked by `no_deadlock`."""
    for _ in range(6):
        if (told := code(execute_one(move, now=clock.now()))) != "unavailable":
            return told
    return "unavailable"


def attempt(call: Callable[[], Any]) -> str:
    """What became of a service call."""
    try:
        call()
    except DomainError as refusal:
        return refusal.code
    return "ok"


def rivals(
    home: Property, count: int, nights: Callable[[int], tuple[date, date]] = lambda n: (day(0), day(3))
) -> list[Play]:
    plays = []
    for n in range(count):
        start, end = nights(n)
        plays.append(Play(home=home, start=start, end=end))
        assert code(plays[-1].open(str(500 + n))) == "ok"
    return plays


def test_forty_rivals_accepted_at_once(rounds: Rounds) -> None:
    for _ in range(rounds(1, 25)):
        plays = rivals(make_property(), 40)
        moves = [accepting(play) for play in plays]
        told = Counter(together([partial(run, move) for move in moves]))
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
        told = Counter(together([partial(run, accepting(play)) for play in plays]))
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
        told = Counter(together([partial(run, move) for move in moves]))
        assert told == {"ok": 5, "negotiation.closed": 20}
        check_world()


@pytest.mark.parametrize("second", ["same key", "other key", "no key"])
def test_two_accepts(second: str, rounds: Rounds) -> None:
    for n in range(rounds(3, 30)):
        play = Play()
        play.open()
        keys = {"same key": ("a", "a"), "other key": ("a", "b"), "no key": (None, None)}[second]
        moves = [accepting(play, key=key and f"{key}{n}") for key in keys]
        outcomes: list[Outcome] = together([partial(execute_one, move, now=clock.now()) for move in moves])
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
        first, second = together([partial(run, accepting(play)), partial(run, doing(play, side, kind, **fields[kind]))])
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
        pair = tuple(together([partial(run, accepting(play)), partial(attempt, block)]))
        assert pair in {("ok", "dates.taken"), ("dates.taken", "ok")}
        assert play.negotiation.status == ("accepted" if pair[0] == "ok" else "open")
        check_world()


def test_accept_against_somebody_who_reserves(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play, other = Play(), make_user()
        play.open()
        order = StayOrder(play.home.pk, "stay", day(2), day(4), 1)
        reserve = partial(reserve_stay, actor=other, order=order, now=clock.now())
        pair = tuple(together([partial(run, accepting(play)), partial(attempt, reserve)]))
        assert pair in {("ok", "dates.taken"), ("dates.taken", "ok")}
        check_world()


def test_accept_against_the_guests_own_reserve(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        play = Play()
        play.open()
        order = StayOrder(play.home.pk, "stay", day(2), day(4), 1)
        reserve = partial(reserve_stay, actor=play.guest, order=order, now=clock.now())
        first, second = together([partial(run, accepting(play)), partial(attempt, reserve)])
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
        first, second = together([partial(run, accepting(play)), partial(attempt, unlist)])
        assert (first, second) in {("ok", "ok"), ("negotiation.closed", "ok")}
        assert play.negotiation.status == ("accepted" if first == "ok" else "superseded")
        check_world()


def test_opening_against_an_accept_and_against_unlisting(rounds: Rounds) -> None:
    for n in range(rounds(4, 40)):
        play, other = Play(), Play()
        play.open()
        other.home = play.home
        opening = partial(_open, play.home, other.guest)
        unlist = partial(unlist_property, property_id=play.home.pk, actor=play.host, now=clock.now())
        rival = partial(attempt, unlist) if n % 2 else partial(run, accepting(play))
        opened, _ = together([opening, rival])
        assert opened in {"ok", "dates.taken", "property.not_listed"}
        assert not Negotiation.objects.filter(status="open").exists()
        check_world()


def _open(home: Property, guest: User, start: int = 1) -> str:
    fields = {
        "property": home.pk, "start_date": day(start).isoformat(), "end_date": day(start + 3).isoformat(), "guests": 1,
        "booking_type": "stay", "amount": "1000",
    }  # fmt: skip
    return run(read_move("negotiation.open", fields, actor_id=guest.pk, key=None))


def test_one_guest_opens_the_same_nights_twice_at_once(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        home, guest = make_property(), make_user()
        told = together([partial(_open, home, guest), partial(_open, home, guest), partial(_open, home, guest, 2)])
        assert Counter(told) == {"ok": 1, "negotiation.already_open": 2}
        check_world()


def test_three_openings_a_day_also_at_once() -> None:
    home, guest = make_property(), make_user()
    told = together([partial(_open, home, guest, 4 * n) for n in range(8)])
    assert Counter(told) == {"ok": 3, "offer.limit_reached": 5}


def test_twelve_bids_a_day_also_at_once() -> None:
    home, guest = make_property(offers_per_side=20), make_user()
    plays = [Play(home=home, guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(3)]
    for play in plays:
        play.open("1000")
        play.offer("host", 2900)
    for n in range(2):
        for play in plays:
            play.offer("guest", 1100 + n)
            play.offer("host", 2800 - n)
    for play in plays[:2]:
        play.offer("guest", 1200)
        play.offer("host", 2700)
    told = together([partial(run, doing(play, "guest", "offer.make", amount="1300")) for play in plays])
    assert Counter(told) == {"ok": 1, "offer.limit_reached": 2}


def test_three_unpaid_stays_also_at_once() -> None:
    guest = make_user()
    plays = [Play(guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(6)]
    for play in plays:
        play.open()
    told = together([partial(run, accepting(play)) for play in plays])
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
        told = together([partial(attempt, close), *[partial(run, accepting(play)) for play in plays]])
        assert told[0] == "ok"
        assert set(told) <= {"ok", "negotiation.closed"}
        assert not Negotiation.objects.filter(status="open").exists()
        check_world()


def test_batches_of_two_processes_over_the_same_rooms(rounds: Rounds) -> None:
    """Whole batches of everything, in two threads, over and over: no deadlock, no refusal for want of the database."""
    chance = random.Random(11)
    for _ in range(rounds(3, 60)):
        homes, guests = [make_property() for _ in range(3)], [make_user() for _ in range(4)]
        plays = [Play(home=home, guest=guest) for home in homes for guest in guests]
        for play in plays:
            play.open()
        moves = [_any_move(play, chance) for play in plays for _ in range(3)]
        chance.shuffle(moves)
        half = len(moves) // 2
        done = together([partial(execute, part, now=clock.now()) for part in (moves[:half], moves[half:])])
        told = Counter(code(outcome) for outcomes in done for outcome in outcomes)
        assert "unavailable" not in told
        assert told["ok"] > 0
        check_world()


def _any_move(play: Play, chance: random.Random) -> Move:
    offer = {"offer": play.standing()}
    side, kind, fields = chance.choice(
        [
            ("host", "offer.accept", offer), ("host", "offer.decline", offer), ("guest", "offer.withdraw", offer),
            ("host", "offer.make", {"amount": "2900"}), ("guest", "offer.make", {"amount": "2100"}),
            ("guest", "message.send", {"text": "?"}), ("host", "message.send", {"text": "!"}),
            ("guest", "offer.extend", {**offer, "expires_in": 200_000}), ("guest", "offer.accept", offer),
        ]
    )  # fmt: skip
    return doing(play, side, kind, **fields)
