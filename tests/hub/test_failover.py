"""The database's machine dies, and its standby takes over, while people haggle, agree and pay."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub.outages import ready
from tests.hub.patience import until
from tests.hub.standby import WorldOfTwo

pytestmark = pytest.mark.django_db
# From the promotion on.
MOVES_AGAIN_S = 10.0

PAID_ONCE = """
    SELECT b.id FROM bookings_booking b LEFT JOIN bookings_payment p ON p.booking_id = b.id AND p.status = 'succeeded'
    WHERE b.payment_status = 'paid' GROUP BY b.id, b.total HAVING count(p.id) <> 1 OR sum(p.amount) <> b.total"""
CHARGED_ONCE = """
    SELECT booking_id FROM bookings_payment WHERE status = 'succeeded' GROUP BY booking_id HAVING count(*) > 1"""


@pytest.fixture(scope="module")
def world(django_db_setup: None, rounds: Callable[[int, int], int]) -> Iterator[WorldOfTwo]:
    whole = WorldOfTwo(Path(tempfile.mkdtemp(prefix="two-", dir=os.environ["TEST_DIR"])), pairs=rounds(10, 200))
    yield whole
    whole.stop()
    whole.standby.stop()


def test_the_standby_takes_over_and_nothing_acknowledged_is_lost(world: WorldOfTwo) -> None:
    def die() -> None:
        world.postgres.kill()
        until(lambda: all(ready(hub)[0] == 503 for hub in world.hubs))
        promoted_at = time.monotonic()
        world.promote()
        before = acknowledged(world)
        until(lambda: acknowledged(world) > before, MOVES_AGAIN_S - (time.monotonic() - promoted_at))

    games = world.survive(die, seed=0)
    assert all(person.connections == 1 for game in games for person in (game.guest, game.host)), "sockets stay open"
    assert world.ask("SELECT count(*) > 0 FROM bookings_booking WHERE payment_status = 'paid'") == [(True,)]
    assert world.ask(PAID_ONCE) == []
    assert world.ask(CHARGED_ONCE) == []
    assert world.ask("SELECT pg_is_in_recovery()") == [(False,)]


def acknowledged(world: WorldOfTwo) -> int:
    return sum(len(game.acknowledged) for game in world.playing)
