"""Moves for threads that race each other, and what became of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from accounts.models import User
from core import clock
from core.errors import DomainError
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import read_move
from negotiation.moves import Move
from properties.models import Property
from tests.factories.stays import day
from tests.negotiation.play import Play, code


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


def open_nights(home: Property, guest: User, start: int = 1) -> str:
    fields = {
        "property": home.pk, "start_date": day(start).isoformat(), "end_date": day(start + 3).isoformat(), "guests": 1,
        "booking_type": "stay", "amount": "1000",
    }  # fmt: skip
    return run(read_move("negotiation.open", fields, actor_id=guest.pk, key=None))
