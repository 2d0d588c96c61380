"""Moves under one mandate at the same moment, in several rooms: together they stay within its limits. On the real database."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from accounts.models import Mandate, User
from accounts.services.mandates import lower_mandate, revoke_mandate
from bookings.models import Booking
from core import clock
from negotiation.engine.parsing import read_move
from negotiation.models import Entry, MandateMove, Negotiation
from negotiation.moves import Move
from negotiation.selectors.mandates import get_standings
from tests.factories.accounts import make_mandate
from tests.factories.stays import day, make_user
from tests.negotiation import racing
from tests.negotiation.mandates import total
from tests.negotiation.play import Play, code
from tests.negotiation.racing import run
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]
Rounds = Callable[[int, int], int]
ROOMS = 6


def rooms_of(guest: User, count: int = ROOMS, bid: str = "1000") -> list[Play]:
    """Open rooms of one guest in which the host asks 2,000 for nights that no other room has."""
    rooms = []
    for n in range(count):
        rooms.append(Play(guest=guest, start=day(4 * n), end=day(4 * n + 3)))
        assert code(rooms[-1].open(bid)) == "ok"
        assert code(rooms[-1].offer("host", "2000")) == "ok"
    return rooms


def by_machine(play: Play, mandate: Mandate, kind: str, **fields: object) -> Move:
    asked = {"negotiation": play.id, **fields}
    return read_move(kind, asked, actor_id=mandate.user_id, key=None, mandate_id=mandate.pk)


def accepting(play: Play, mandate: Mandate) -> Callable[[], str]:
    return partial(run, by_machine(play, mandate, "offer.accept", offer=play.standing()))


def test_accepts_at_once_never_agree_to_more_than_the_sum(rounds: Rounds) -> None:
    """Two of six are within it: whichever come first."""
    for _ in range(rounds(1, 20)):
        rooms = rooms_of(make_user())
        mandate, _ = make_mandate(rooms[0].guest, max_total=2 * total("2000"))
        told = at_once(*(accepting(room, mandate) for room in rooms))
        assert Counter(told) == {"ok": 2, "mandate.exceeded": ROOMS - 2}
        assert sum(b.total for b in Booking.objects.filter(guest=rooms[0].guest)) == mandate.max_total
        check_world()


def test_bids_seals_and_accepts_at_once_stay_within_the_sum(rounds: Rounds) -> None:
    for _ in range(rounds(1, 20)):
        rooms = rooms_of(make_user())
        mandate, _ = make_mandate(rooms[0].guest, max_total=2 * total("2000"))
        kinds: list[tuple[str, dict[str, object]]] = [
            ("offer.make", {"amount": "1900"}),
            ("limit.seal", {"amount": "1950"}),
        ]
        moves = [
            partial(run, by_machine(room, mandate, kind, **fields))
            for room, (kind, fields) in zip(rooms[:4], kinds * 2, strict=True)
        ]
        at_once(*moves, *(accepting(room, mandate) for room in rooms[4:]))
        standing = get_standings([mandate.pk], clock.now())[mandate.pk]
        assert len(standing.stakes) == 2
        assert standing.total <= mandate.max_total
        check_world()


def test_openings_at_once_stay_within_the_sum_and_the_count() -> None:
    guest = make_user()
    mandate, _ = make_mandate(guest, max_total=5 * total("1000"), max_open=3)
    plays = [Play(guest=guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(ROOMS)]

    def opening(play: Play) -> str:
        fields = {
            "property": play.home.pk, "start_date": play.start.isoformat(), "end_date": play.end.isoformat(),
            "guests": 2, "booking_type": "stay", "amount": "1000",
        }  # fmt: skip
        return run(read_move("negotiation.open", fields, actor_id=guest.pk, key=None, mandate_id=mandate.pk))

    told = at_once(*(partial(opening, play) for play in plays))
    assert Counter(told) == {"ok": 3, "mandate.exceeded": ROOMS - 3}
    assert Negotiation.objects.filter(guest=guest).count() == 3


def test_a_person_who_accepts_beside_the_machine_waits_for_nobody() -> None:
    """The mandate is the machine's alone: its person's moves neither count nor wait for it."""
    rooms = rooms_of(make_user())
    mandate, _ = make_mandate(rooms[0].guest, max_total=total("2000"))
    mine = [partial(run, racing.accepting(room, "guest")) for room in rooms[:2]]
    told = at_once(*mine, *(accepting(room, mandate) for room in rooms[2:4]))
    assert told[:2] == ["ok", "ok"]
    assert Counter(told[2:]) in (
        {"ok": 1, "mandate.exceeded": 1},
        {"booking.too_many_unpaid": 1, "mandate.exceeded": 1},
    )


def test_revoking_at_the_same_moment_is_before_or_after_each_move() -> None:
    """What was let through is written whole, and nothing comes after."""
    rooms = rooms_of(make_user(), bid="900")
    mandate, _ = make_mandate(rooms[0].guest)
    end = partial(revoke_mandate, mandate_id=mandate.pk, user_id=mandate.user_id, now=clock.now())
    told = at_once(*(partial(run, by_machine(r, mandate, "offer.make", amount="1000")) for r in rooms), end)[:-1]
    assert set(told) <= {"ok", "auth.required"}
    assert MandateMove.objects.filter(mandate=mandate).count() == told.count("ok")
    assert Entry.objects.filter(via="agent").count() == told.count("ok")
    assert run(by_machine(rooms[0], mandate, "message.send", text="Hi.")) == "auth.required"


def test_lowering_at_the_same_moment_leaves_no_more_than_before() -> None:
    rooms = rooms_of(make_user(), bid="900")
    mandate, _ = make_mandate(rooms[0].guest, max_total=3 * total("1000"))
    lower = partial(
        lower_mandate,
        mandate_id=mandate.pk,
        user_id=mandate.user_id,
        changes={"max_total": Decimal(1)},
        now=clock.now() + timedelta(seconds=1),
    )
    told = at_once(*(partial(run, by_machine(r, mandate, "offer.make", amount="1000")) for r in rooms), lower)[:-1]
    assert set(told) <= {"ok", "mandate.exceeded"}
    assert told.count("ok") <= 3
    assert run(by_machine(rooms[0], mandate, "limit.seal", amount="1100")) == "mandate.exceeded"


def test_a_command_sent_twice_binds_once() -> None:
    [room] = rooms_of(make_user(), 1)
    mandate, _ = make_mandate(room.guest, max_total=total("1500"))
    bid = read_move(
        "offer.make",
        {"negotiation": room.id, "amount": "1500"},
        actor_id=room.guest.pk,
        key="k1",
        mandate_id=mandate.pk,
    )
    assert at_once(partial(run, bid), partial(run, bid)) == ["ok", "ok"]
    assert Entry.objects.filter(negotiation_id=room.id, via="agent").count() == 1
    assert MandateMove.objects.filter(mandate=mandate).count() == 1
