"""Rows that somebody else holds: a move waits in line for them, and says so only when nothing comes of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from core import clock
from negotiation.engine import executor, load_negotiations
from negotiation.engine.executor import execute, execute_one
from negotiation.engine.load_negotiations import lock_number
from negotiation.engine.parsing import read_move
from negotiation.live import batcher
from negotiation.moves import Move
from tests.negotiation.play import Play, code
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def held(play: Play, command: Move | None = None) -> Iterator[threading.Event]:
    """Somebody's transaction, which runs `command`, holds the negotiation until the event is set or the block ends."""
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if command is not None:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(command)])
            cursor.execute("SELECT 1 FROM negotiation_negotiation WHERE id = %s FOR NO KEY UPDATE", [play.id])
            taken.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert taken.wait(5)
        yield done
    finally:
        done.set()
        thread.join(5)


def saying(play: Play, text: str = "Hello") -> Move:
    return read_move("message.send", {"negotiation": play.id, "text": text}, actor_id=play.guest.pk, key=None)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many moves each transaction began with."""
    began: list[int] = []
    transact = executor._transact

    def counted(moves, *args, **kwargs):
        began.append(len(moves))
        return transact(moves, *args, **kwargs)

    monkeypatch.setattr(executor, "_transact", counted)
    return began


def test_a_long_line_is_waited_through(tries: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """One wait for a lock was too short; the move is not refused while its caller has time."""
    monkeypatch.setattr(executor, "WAIT_S", 0.1)
    play = Play()
    play.open()
    tries.clear()
    with held(play) as done:
        releasing = threading.Thread(target=lambda: (until(lambda: len(tries) > 1), done.set()))
        releasing.start()
        assert code(execute_one(saying(play), now=clock.now())) == "ok"
        releasing.join()


def test_one_row_that_is_held_for_long_refuses_its_own_moves_only(
    tries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "WAIT_S", 0.2)
    monkeypatch.setattr(executor, "WAITS_S", 0.8)
    stuck, free = Play(), Play()
    stuck.open()
    free.open()
    moves = [saying(stuck), saying(free), saying(stuck, "Still there?"), saying(free)]
    tries.clear()
    with held(stuck):
        told = [code(outcome) for outcome in execute(moves, now=clock.now())]
    assert told == ["unavailable", "ok", "unavailable", "ok"]
    assert stuck.kinds() == ["negotiation.opened", "offer.made"]
    assert free.kinds() == ["negotiation.opened", "offer.made", "message.sent", "message.sent"]


def test_a_repeat_whose_first_never_ends_is_told_so_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_negotiations.WAIT_S < batcher.PATIENCE_S == 5
    monkeypatch.setattr(executor, "WAIT_S", 0.2)
    play = Play()
    play.open()
    move = read_move("offer.make", {"negotiation": play.id, "amount": "2800"}, actor_id=play.host.pk, key="stuck")
    with held(play, move):
        assert code(execute_one(move, now=clock.now())) == "command.in_progress"
    assert code(execute_one(move, now=clock.now())) == "ok"


def test_the_logs_times_never_go_back() -> None:
    """A move that took its time and then waited is written after one that came later and did not."""
    play = Play()
    play.open()
    before = play.now
    play.later(seconds=5)
    play.do("host", "message.send", text="later")
    execute_one(saying(play), now=before)
    at = [entry["at"] for entry in play.log()]
    assert at == sorted(at)
    assert at[-1] == at[-2] == play.seen_now()["updated_at"]
