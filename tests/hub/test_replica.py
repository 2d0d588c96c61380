"""Pages and lists from a real standby that lags, hangs, dies and is promoted: everybody sees what they wrote."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import psycopg2
import pytest
from django.db import connection

from accounts.models import User
from core.database import replica_state
from core.database.replica_state import LAG_S, ReplicaState
from core.local.embedded import Postgres
from tests.factories.accounts import make_session, make_token
from tests.factories.stays import make_host
from tests.hub.metrics import metrics
from tests.hub.outages import processes_of
from tests.hub.patience import until
from tests.hub.standby import standby_of
from tests.permissions.asking import STEP_1
from tests.servers import UNLIMITED, ServerProcess
from tests.services import ROOMY

pytestmark = pytest.mark.django_db(transaction=True)
# A replica that failed some times in a row rests longer than `until` waits by itself.
PATIENCE_S = 90
LISTS = (
    "/api/mylistings/",
    "/api/upcoming_bookings/as_guest/",
    "/api/nego/as_host/",
    "/api/notification/",
    "/api/dashboard/",
    "/api/properties/search/",
    "/trips/",
    "/inbox/",
    "/hosting/",
    "/hosting/figures/",
    "/notifications/",
)


@pytest.fixture(scope="module")
def replica(django_db_setup: None) -> Iterator[Postgres]:
    primary = unquote(urlsplit(os.environ["TEST_DATABASE_URL"]).netloc.rpartition("@")[2])
    standby = standby_of(primary, Path(tempfile.mkdtemp(prefix="replica-", dir=os.environ["TEST_DIR"])) / "pg", ROOMY)
    yield standby
    standby.kill()


class Reader:
    """Somebody signed in at a hub that has the replica, or a stranger."""

    def __init__(self, hub: ServerProcess, user: User | None) -> None:
        self.hub = hub
        headers = {"Authorization": f"Token {make_token(user)[1]}"} if user else {}
        cookies = {"sessionid": make_session(user)} if user else {}
        self.http = httpx.Client(base_url=hub.url, headers=headers, cookies=cookies, timeout=20)

    def reads(self, path: str, *outcomes: str) -> None:
        """It is answered, and the hub did one of these about the replica for it."""
        assert self.was_read(path, *outcomes)

    def comes_to_read(self, path: str) -> None:
        """Comes back once the replica was read for it: where it is behind, as on a busy machine, the primary is, for a second."""
        until(lambda: self.was_read(path, "replica"), PATIENCE_S)

    def was_read(self, path: str, *outcomes: str) -> bool:
        before = self.count(*outcomes)
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return self.count(*outcomes) > before

    def count(self, *outcomes: str) -> float:
        counted = metrics(self.hub.ws_url)
        return sum(counted.get(f'hub_replica_reads_total{{outcome="{one}"}}', 0.0) for one in outcomes)

    def start_home(self) -> int:
        """Begins a listing; its id."""
        answer = self.http.post("/api/property_registration/step1/", json=STEP_1)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["property_id"])

    def homes(self) -> list[int]:
        return [row["property_id"] for row in self.http.get("/api/mylistings/").json()]


@pytest.fixture
def hub(serve: Callable[..., ServerProcess], replica: Postgres) -> ServerProcess:
    return serve(DATABASE_REPLICA_URL=replica.url(connection.settings_dict["NAME"]), **UNLIMITED)


@pytest.fixture
def reader() -> Iterator[Callable[..., Reader]]:
    """`reader(hub)` is a new host who is signed in there, `reader(hub, None)` a stranger."""
    readers: list[Reader] = []

    def make(hub: ServerProcess, user: User | str | None = "host") -> Reader:
        readers.append(Reader(hub, make_host() if isinstance(user, str) else user))
        return readers[-1]

    yield make
    for one in readers:
        one.http.close()


@pytest.fixture
def host(hub: ServerProcess, reader: Callable[..., Reader]) -> Reader:
    return reader(hub)


def tell(server: Postgres, statement: str) -> None:
    told = psycopg2.connect(server.url())
    told.autocommit = True
    with told.cursor() as cursor:
        cursor.execute(statement)
    told.close()


def test_lists_and_pages_come_from_a_replica_that_has_all(host: Reader, reader: Callable[..., Reader]) -> None:
    for path in LISTS:
        host.comes_to_read(path)
    reader(host.hub, None).comes_to_read("/")


def test_who_writes_sees_it_while_the_replica_lags(
    host: Reader, replica: Postgres, reader: Callable[..., Reader]
) -> None:
    host.comes_to_read("/api/mylistings/")
    tell(replica, "SELECT pg_wal_replay_pause()")
    try:
        home = host.start_home()
        assert host.homes() == [home]
        assert host.count("behind") > 0
        assert host.http.post("/auth/logout/").status_code < 300
        assert host.http.get("/api/mylistings/").status_code == 401, "a sign-in that has ended ends at once"
    finally:
        tell(replica, "SELECT pg_wal_replay_resume()")
    again = reader(host.hub)
    again.comes_to_read("/api/mylistings/")


def test_no_write_is_missed_however_the_replica_lags(
    host: Reader, replica: Postgres, rounds: Callable[[int, int], int]
) -> None:
    host.comes_to_read("/api/mylistings/")
    homes: list[int] = []
    for number in range(rounds(12, 300)):
        tell(replica, f"SELECT pg_wal_replay_{'pause' if number % 3 == 1 else 'resume'}()")
        homes.insert(0, host.start_home())
        assert host.homes()[: len(homes)] == homes[:50]
    tell(replica, "SELECT pg_wal_replay_resume()")


def test_a_replica_that_hangs_costs_a_moment_and_then_nothing(
    host: Reader, replica: Postgres, reader: Callable[..., Reader]
) -> None:
    host.comes_to_read("/api/mylistings/")
    stopped = processes_of(replica)
    for process in stopped:
        process.suspend()
    try:
        host.reads("/api/mylistings/", "failed")
        # Where the machine is so slow that the rest is over, the replica is tried again.
        host.reads("/inbox/", "resting", "failed")
        reader(host.hub, None).reads("/", "resting", "failed")
    finally:
        for process in stopped:
            process.resume()
    host.comes_to_read("/api/mylistings/")


def test_the_primary_answers_once_the_replica_is_promoted_or_gone(host: Reader, replica: Postgres) -> None:
    host.comes_to_read("/api/mylistings/")
    tell(replica, "SELECT pg_promote()")
    host.reads("/api/mylistings/", "failed")
    replica.kill()
    failures = host.count("failed")
    until(lambda: host.homes() == [] and host.count("failed") > failures)


def test_a_stranger_may_see_the_state_of_some_seconds_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest place of the primary that is young enough decides, and somebody signed in always asks for the newest."""
    now = 1000.0
    places = iter(("0/1", "0/2", "0/3"))
    monkeypatch.setattr(replica_state.time, "monotonic", lambda: now)
    monkeypatch.setattr(replica_state, "_ask", lambda *_: (next(places),))
    state = ReplicaState()
    assert state.position(may_lag=True) == "0/1"
    now += LAG_S - 1
    assert state.position(may_lag=False) == "0/2"
    assert state.position(may_lag=True) == "0/1"
    now += 2
    assert state.position(may_lag=True) == "0/2"
    now += LAG_S
    assert state.position(may_lag=True) == "0/3"
