"""A command that is still running, seen by its repeat."""

import threading

import pytest
from django.db import connection, transaction

from core import clock
from negotiation.engine.load import lock_number
from negotiation.engine.run import execute_one
from negotiation.reading import read_move
from tests.negotiation.play import Play, code

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_repeat_whose_first_never_ends_is_told_so_within_five_seconds() -> None:
    play = Play()
    play.open("2000")
    fields = {"negotiation": play.id, "amount": "2800"}
    move = read_move("offer.make", fields, actor_id=play.host.pk, key="stuck")
    held, done = threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(move)])
            cursor.execute("SELECT 1 FROM negotiation_negotiation WHERE id = %s FOR NO KEY UPDATE", [play.id])
            held.set()
            done.wait(15)
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert held.wait(5)
    outcome = execute_one(move, now=clock.now())
    done.set()
    thread.join(5)
    assert code(outcome) == "command.in_progress"
    assert code(execute_one(move, now=clock.now())) == "ok"
