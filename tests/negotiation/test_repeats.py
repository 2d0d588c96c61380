"""A command is done once: repeated, at once, through another door, by a process that dies."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from websockets.sync.client import connect

from bookings.models import Booking
from core import clock
from core.api.idempotency import forget_outcomes
from core.errors import DomainError
from core.local.embedded import wait_until
from core.models import StoredOutcome
from negotiation.engine.executor import execute, execute_one
from negotiation.engine.load_negotiations import lock_number
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.live import batcher
from negotiation.live.batcher import submit_here
from negotiation.models import Entry
from negotiation.moves import Move
from tests.factories.accounts import client_of, make_token
from tests.negotiation.play import Play, code
from tests.negotiation.world import check_world
from tests.servers import ROOT, UNLIMITED, ServerProcess, database_url
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def started() -> Play:
    play = Play()
    play.open()
    return play


def saying(play: Play, text: str = "Hello", key: str | None = "k") -> Move:
    return read_move("message.send", {"negotiation": play.id, "text": text}, actor_id=play.guest.pk, key=key)


def test_a_repeat_gets_the_first_answer_and_nothing_happens_twice() -> None:
    play = started()
    first, again = (play.offer("host", price, key="k") for price in ("2900", "2900.00"))
    assert (again.replayed, again.stored) == (True, first.stored)
    assert play.kinds() == ["negotiation.opened", "offer.made", "offer.made"]


def test_a_repeat_is_answered_as_it_was_then() -> None:
    play = started()
    first = play.offer("host", 2900, key="k")
    play.offer("guest", 2100)
    play.answer("host", "decline")
    assert play.offer("host", 2900, key="k").stored == first.stored


def test_a_refusal_is_an_outcome_too() -> None:
    play = started()
    refused = play.offer("guest", 2100, key="k")
    assert code(refused) == "offer.not_your_turn"
    play.offer("host", 2900)
    again = play.offer("guest", 2100, key="k")
    assert (code(again), again.stored) == ("offer.not_your_turn", refused.stored)
    assert code(play.offer("guest", 2100, key="k2")) == "ok"


@pytest.mark.parametrize("broken", [{"amount": "x"}, {"amount": None}, {"amount": "5", "message": "\ud800"}])
def test_nonsense_is_an_outcome_and_no_other_nonsense(broken: dict) -> None:
    play = started()
    assert code(play.do("host", "offer.make", **broken, key="k")) == "invalid"
    again = play.do("host", "offer.make", **broken, key="k")
    assert (code(again), again.replayed) == ("invalid", True)
    assert code(play.do("host", "offer.make", **broken, x=1, key="k")) == "command.id_reused"
    assert code(play.offer("host", 2900, key="k")) == "command.id_reused"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("message.send", {"text": "Hello!"}), ("offer.make", {"amount": "2100"}), ("negotiation.close", {}),
        ("message.send", {"text": "hello"}), ("offer.make", {"amount": "2100", "message": "Hello"}),
    ],
)  # fmt: skip
def test_the_same_id_with_other_content(kind: str, fields: dict) -> None:
    play = started()
    play.do("guest", "message.send", text="Hello", key="k")
    before = play.kinds()
    assert code(play.do("guest", kind, **fields, key="k")) == "command.id_reused"
    assert code(play.do("guest", "message.send", text="Hello", key="k")) == "ok"
    assert play.kinds() == before


def test_ids_are_each_users_own() -> None:
    play = started()
    assert code(play.do("guest", "message.send", text="Hello", key="k")) == "ok"
    assert code(play.do("host", "message.send", text="Hi", key="k")) == "ok"
    assert play.kinds()[-2:] == ["message.sent", "message.sent"]


def test_an_opening_is_done_once() -> None:
    play = Play()
    first = play.open(key="k")
    assert play.open(key="k", guests="2", property=str(play.home.pk)).negotiation_id == first.negotiation_id
    assert code(play.open(key="k", guests=3)) == "command.id_reused"


def test_after_a_day_an_id_is_new_again() -> None:
    play = started()
    play.offer("host", 2900, expires_in=604_800)
    play.do("guest", "message.send", text="Hello", key="k")
    play.later(hours=23, minutes=59)
    assert code(play.do("guest", "message.send", text="Something else", key="k")) == "command.id_reused"
    play.later(minutes=1)
    assert code(play.do("guest", "message.send", text="Something else", key="k")) == "ok"
    assert play.do("guest", "message.send", text="Something else", key="k").replayed
    assert play.log()[-1]["data"] == {"text": "Something else"}


def test_the_daily_pass_forgets_what_is_older_than_a_day() -> None:
    play = started()
    play.do("guest", "message.send", text="Hello", key="old")
    StoredOutcome.objects.update(created_at=play.now - timedelta(days=9))  # no day has a partition for it (any more)
    play.do("guest", "message.send", text="Hello", key="new")
    assert forget_outcomes(play.now) == 1
    assert [outcome.key for outcome in StoredOutcome.objects.all()] == ["new"]


def test_the_same_command_twice_in_one_batch() -> None:
    play = started()
    outcomes = execute([saying(play), saying(play, key="other"), saying(play)], now=play.now)
    assert [outcome.seq for outcome in outcomes] == [3, 4, 3]
    assert [outcome.replayed for outcome in outcomes] == [False, False, True]


def test_the_same_command_from_many_threads_is_done_once() -> None:
    play = started()
    outcomes: list[Outcome] = at_once(*[partial(submit_here, saying(play)) for _ in range(8)])
    assert {outcome.seq for outcome in outcomes} == {3}
    assert play.kinds() == ["negotiation.opened", "offer.made", "message.sent"]


def test_an_accept_from_many_threads_is_done_once() -> None:
    play = started()
    accept = read_move(
        "offer.accept", {"negotiation": play.id, "offer": play.standing()}, actor_id=play.host.pk, key="k"
    )
    outcomes: list[Outcome] = at_once(*[partial(submit_here, accept) for _ in range(8)])
    assert {outcome.stored["booking"] for outcome in outcomes} == {Booking.objects.get().pk}
    check_world()


def test_one_that_still_runs_is_waited_for_and_then_in_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    play = started()
    command = saying(play)

    def elsewhere() -> str:
        try:
            return code(submit_here(command))
        except DomainError as refusal:
            return refusal.code

    monkeypatch.setattr(batcher, "PATIENCE_S", 0.2)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(command)])
        assert at_once(elsewhere) == ["command.in_progress"]
    assert not StoredOutcome.objects.exists()
    assert elsewhere() == "ok"


MOVER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "core.settings"
django.setup()
from core import clock
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import read_move
kind, actor, fields = sys.argv[1], int(sys.argv[2]), eval(sys.argv[3])
execute_one(read_move(kind, fields, actor_id=actor, key="k"), now=clock.now())
"""


def test_a_process_that_is_killed_while_it_waits_for_a_lock_has_done_nothing() -> None:
    """Between two statements: tests/hub/test_dying.py."""
    play = started()
    fields = {"negotiation": play.id, "offer": play.standing()}
    command = read_move("offer.accept", fields, actor_id=play.host.pk, key="k")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM negotiation_negotiation WHERE id = %s FOR UPDATE", [play.id])
        mover = subprocess.Popen(
            [sys.executable, "-c", MOVER, "offer.accept", str(play.host.pk), repr(fields)],
            cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url()},
        )  # fmt: skip
        wait_until(_somebody_waits, mover, ROOT / "README.md")
        mover.send_signal(signal.SIGKILL)
        mover.wait()
    assert code(submit_here(command)) == "ok"
    assert code(submit_here(command)) == "ok"
    assert play.kinds() == ["negotiation.opened", "offer.made", "offer.accepted"]
    check_world()


def _somebody_waits() -> bool:
    """Whether a session waits for a lock; what others do is otherwise read once a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_one_id_through_both_doors(serve: Callable[..., ServerProcess]) -> None:
    play = Play(now=clock.now())
    play.open()
    server, key = serve(**UNLIMITED), make_token(play.host)[1]
    api = client_of(play.host)
    rest = api.put(
        f"/api/nego/host_proposed/{play.id}/", {"host_price": 2900, "junk": 1}, format="json",
        headers={"Idempotency-Key": "both"},
    )  # fmt: skip
    assert rest.status_code == 200

    with connect(server.ws_url, additional_headers={"Authorization": f"Token {key}"}) as socket:
        socket.recv(timeout=10)

        def reply(**command: object) -> dict:
            socket.send(json.dumps(command))
            while (frame := json.loads(socket.recv(timeout=10)))["type"] != "reply":
                pass
            return frame

        same = reply(id="both", type="offer.make", negotiation=str(play.id), amount="2900.0")
        assert (same["ok"], same["data"]["seq"]) == (True, 3)
        assert same["data"]["offer"]["id"] == rest.json()["standing_offer"]["id"]
        other = reply(id="both", type="offer.make", negotiation=play.id, amount="2800")
        assert (other["ok"], other["error"]["code"]) == (False, "command.id_reused")
        said = reply(id="said", type="message.send", negotiation=play.id, text="Well?")
    again = api.post(
        f"/api/nego/{play.id}/messages/", {"text": "Well?"}, format="json", headers={"Idempotency-Key": "said"}
    )
    assert (again.status_code, again.json()) == (201, said["data"])
    assert Entry.objects.filter(negotiation_id=play.id).count() == 4


def test_a_label_and_the_word_are_the_same_content() -> None:
    play = started()
    play.offer("host", 2900)
    api = client_of(play.guest)
    for word in ("accepted", "Guest Payment"):
        answer = api.put(
            f"/api/nego/update_status/{play.id}/", {"negotiation_status": word, "offer": play.negotiation.offers.last().pk},
            format="json", headers={"Idempotency-Key": "k"},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert execute_one(saying(play, key="k"), now=play.now).error is not None
