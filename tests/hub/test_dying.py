"""A server process is killed between any two steps of an accept, and nobody can tell afterwards.

All of it happened or none: one confirmed booking for each accepted negotiation, logs without a hole. Who repeats the
command elsewhere, under its id, gets the outcome that was stored, or has it done now. Rivals are told once, and everybody
who followed a topic from another process ends with the full log.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from accounts.models import Notification, User
from bookings.models import Booking
from core import clock
from core.models import StoredOutcome
from tests.hub.patience import until
from tests.hub.tabs import Closed, Tab
from tests.negotiation.play import Play, code
from tests.negotiation.world import check_world
from tests.servers import ROOT, database_url

# Either side of the commit, and the moment when all is done but nobody was told.
QUICK = ("before COMMIT", "after COMMIT", "before the broker")
AT_ONCE = 12
NO_GOODBYE = 1006
LONGEST_S = 20.0
Opens = Callable[..., Tab]


class Doomed:
    """Starts server processes that die, and hears of it."""

    def __init__(self) -> None:
        self.mother = subprocess.Popen(
            [sys.executable, "-m", "tests.hub.dying"], cwd=ROOT, env={**os.environ, "DATABASE_URL": database_url()},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1,
        )  # fmt: skip
        self.news: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.born: dict[str, dict[str, int]] = {}
        self.deaths: dict[str, dict[str, Any]] = {}
        self.steps: set[str] = set()
        self.ear = threading.Thread(target=self.listen)
        self.ear.start()

    def listen(self) -> None:
        for line in self.mother.stdout:
            self.news.put(json.loads(line))

    def hub(self, at: str) -> str:
        """The address of a process that dies at this step of its first accept."""
        self.born.pop(at, None)
        self.deaths.pop(at, None)
        self.mother.stdin.write(f"{at}\n")
        self.hear(lambda: at in self.born)
        return f"ws://127.0.0.1:{self.born[at]['port']}/ws/"

    def end(self, at: str) -> None:
        """One that has survived."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.born[at]["pid"], signal.SIGKILL)

    def death(self, at: str) -> dict[str, Any]:
        """The last word of the process that was to die there: `step`, `committed`."""
        self.hear(lambda: at in self.deaths)
        return self.deaths[at]

    def hear(self, enough: Callable[[], bool]) -> None:
        while not enough():
            one = self.news.get(timeout=3 * LONGEST_S)
            if "port" in one:
                self.born[one["at"]] = one
            else:
                self.deaths[one["at"]] = one
                self.steps.add(one["step"])

    def stop(self) -> None:
        self.mother.kill()
        self.ear.join()
        self.mother.communicate()


@pytest.fixture
def doomed(transactional_db: None) -> Iterator[Doomed]:
    one = Doomed()
    yield one
    one.stop()


@dataclass
class Scene:
    """A guest and a host who are about to agree, a rival for the home, and the guest's own haggle elsewhere."""

    at: str
    play: Play
    rival: Play
    elsewhere: Play
    tabs: dict[int, Tab] = field(default_factory=dict)
    logs: dict[tuple[int, int], list[dict[str, Any]]] = field(default_factory=dict)
    accept: dict[str, Any] = field(default_factory=dict)
    accepting: Tab | None = None
    # Where the host sent the same command at the same moment to the process that lives.
    eager: Tab | None = None

    @classmethod
    def set(cls, at: str) -> Scene:
        play = Play(now=clock.now())
        scene = cls(at, play, Play(home=play.home, now=play.now), Play(guest=play.guest, now=play.now))
        for one in scene.plays:
            assert code(one.open()) == "ok"
        scene.accept = {"negotiation": play.id, "offer": play.standing()}
        return scene

    @property
    def plays(self) -> tuple[Play, Play, Play]:
        return self.play, self.rival, self.elsewhere

    def watch(self, opens: Opens, user: User, *plays: Play) -> None:
        """`user` follows topics from the process that lives."""
        tab = self.tabs[user.pk] = opens(user)
        for play in plays:
            self.logs[user.pk, play.id] = tab.call("negotiation.join", negotiation=play.id)["entries"]


def begin(doomed: Doomed, opens: Opens, at: str, eager: bool) -> Scene:
    """Sends the accept that kills the process it is sent to; an eager host does not wait for that to send it again."""
    scene = Scene.set(at)
    scene.watch(opens, scene.play.guest, scene.play, scene.elsewhere)
    scene.watch(opens, scene.rival.guest, scene.rival)
    scene.accepting = Tab(doomed.hub(at), scene.play.host)
    scene.accepting.welcome()
    # It publishes to processes that it knows of: with the guest's presence it knows the guest's.
    until(lambda: scene.accepting.call("negotiation.join", negotiation=scene.play.id)["negotiation"]["online"]["guest"])
    scene.accept["id"] = uuid.uuid4().hex
    scene.eager = opens(scene.play.host) if eager else None
    for tab in filter(None, (scene.accepting, scene.eager)):
        tab.send("offer.accept", **scene.accept)
    return scene


def survived(scene: Scene) -> bool:
    """Whether the process got past its last step: then the reply came."""
    try:
        return bool(scene.accepting.wait("reply", id=scene.accept["id"], timeout=LONGEST_S)["ok"])
    except Closed as closed:
        code = closed.code
    assert code == NO_GOODBYE
    return False


def check(scene: Scene, opens: Opens, committed: bool | None) -> None:
    """What everybody sees, wherever it happened; `committed` None: nobody died."""
    if scene.eager is not None:
        assert scene.eager.reply(scene.accept["id"])["seq"] == 3
    elif committed is not None:
        assert scene.play.negotiation.status == ("accepted" if committed else "open")
    host = opens(scene.play.host)
    data = host.call("offer.accept", **scene.accept)
    booking = Booking.objects.get(negotiation_id=scene.play.id, status="confirmed")
    assert (data["booking"]["id"], data["seq"]) == (booking.pk, 3)
    assert StoredOutcome.objects.filter(account_id=scene.play.host.pk, key=scene.accept["id"]).count() == 1
    check_world([play.id for play in scene.plays])
    page = host.call("negotiation.join", negotiation=scene.play.id)
    assert page["entries"] == scene.play.log()
    for (user_id, negotiation_id), entries in scene.logs.items():
        follow(scene, user_id, negotiation_id, entries)
    for side, play in (
        ("guest", scene.play),
        ("guest", scene.rival),
        ("guest", scene.elsewhere),
        ("host", scene.elsewhere),
    ):
        assert len(play.told(side)) == 1 + (play is scene.elsewhere and side == "host")


def follow(scene: Scene, user_id: int, negotiation_id: int, entries: list[dict[str, Any]]) -> None:
    """The follower's log ends whole, nothing in it twice, and each notice reached him once."""
    play, tab = next(play for play in scene.plays if play.id == negotiation_id), scene.tabs[user_id]
    whole = play.log()
    assert entries + tab.entries(negotiation_id, last=len(whole)) == whole
    for id in Notification.objects.filter(user_id=user_id, negotiation_id=negotiation_id).values_list("pk", flat=True):
        tab.wait("notification", id=id)
        assert tab.silent("notification", id=id)


def all_die(doomed: Doomed, tab: Opens, steps: list[str], eager: Callable[[], bool] = lambda: False) -> list[str]:
    """Processes that die at these steps, at the same time; the names of the steps at which one did."""
    scenes = [begin(doomed, tab, at, eager()) for at in steps]
    lived = {scene.at for scene in scenes if survived(scene)}
    deaths = {scene.at: doomed.death(scene.at) for scene in scenes if scene.at not in lived}
    for scene in scenes:
        check(scene, tab, None if scene.at in lived else deaths[scene.at]["committed"])
    for scene in scenes:
        doomed.end(scene.at)
        for one in filter(None, (*scene.tabs.values(), scene.accepting, scene.eager)):
            one.close()
    return [deaths[at]["step"] for at in steps if at not in lived]


def test_a_hub_dies_at_a_step_of_accept(doomed: Doomed, tab: Opens) -> None:
    assert all_die(doomed, tab, list(QUICK)) == list(QUICK)


@pytest.mark.long
def test_a_hub_dies_between_any_two_steps_of_accept(doomed: Doomed, tab: Opens, seeds: range) -> None:
    """All steps, fifty times over, each time in another company; every other host is eager."""
    for seed in seeds:
        chance, died, first = random.Random(seed), 0, 0
        while died == first:
            steps = [str(n) for n in range(first, first + AT_ONCE)]
            chance.shuffle(steps)
            died += len(all_die(doomed, tab, steps, lambda chance=chance: chance.random() < 0.5))
            first += AT_ONCE
        # An accept has two round trips and some sixteen steps.
        assert died > 12
    assert {"before the reply", "the reply is encoded", "the reply is out"} <= doomed.steps
    # The hub publishes to the broker last, maybe after the reply; so the test waits for the death itself.
    scene = begin(doomed, tab, "after the broker", eager=False)
    survived(scene)
    assert doomed.death("after the broker")["committed"]
    # These steps are the names that tests/hub/dying.py gives to points of an accept; the server process died at each.
    assert {*QUICK, "the frame is read", "before the transaction", "after publish", "after the broker"} <= doomed.steps
    check(scene, tab, committed=True)
