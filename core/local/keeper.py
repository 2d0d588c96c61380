"""Keeps the embedded database and broker of one data directory up while a process uses them.

    python -m core.local.keeper DIRECTORY [--standby]

With --standby it waits for a keeper that is at work already, and takes over from it.
Every process that needs them holds a shared lock on DIRECTORY/users.lock (the kernel lets go of it however the process
ends) and starts a keeper where none answers. The keeper restarts a service that dies, and stops both once no process has
held the lock for GRACE_S. So `migrate`, `runserver`, a shell and bin/run share one database, and no process is left over.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NamedTuple

from core.local.embedded import PACKAGES, Postgres, Service, StartFailed, Valkey, package

GRACE_S = float(os.environ.get("KEEPER_GRACE_S") or 10)
LOOK_S, START_S = 0.25, 40
# Exit codes: these files have a keeper already; a service did not start, and FAILURE says why.
ANOTHER_KEEPS, FAILED = 3, 4
FAILURE = "failure.txt"

held: dict[Path, IO[str]] = {}


class Addresses(NamedTuple):
    """Where the services answer."""

    database_url: str
    redis_url: str


def use(directory: Path, keeper: "subprocess.Popen[bytes] | None" = None) -> Addresses:
    """The addresses of the running services; they stay up while this process lives.

    Starts a keeper where none answers, unless the caller brings its own.
    Raises StartFailed with one line that says why the services don't come up.
    """
    hold(directory)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if found := answering(directory):
            return found
        if keeper is None:
            for name in PACKAGES:
                package(name)
            keeper = spawn(directory)
        elif keeper.poll() == FAILED:
            raise StartFailed((directory / FAILURE).read_text())
        elif keeper.poll() is not None:
            keeper = None  # another keeper was at work, perhaps on its way out
        time.sleep(0.05)
    raise StartFailed(f"the embedded services did not start; see {directory / 'keeper.log'}")


def hold(directory: Path) -> None:
    """Holds the directory's lock for as long as this process lives."""
    if directory in held:
        return
    directory.mkdir(parents=True, exist_ok=True)
    handle = (directory / "users.lock").open("a")
    fcntl.flock(handle, fcntl.LOCK_SH)  # waits for a keeper that is just stopping
    held[directory] = handle


def spawn(directory: Path) -> subprocess.Popen[bytes]:
    """Starts a keeper of its own, that outlives this process."""
    with (directory / "keeper.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core.local.keeper", str(directory)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def answering(directory: Path) -> Addresses | None:
    """Where the services answer, as their keeper has written down."""
    try:
        note = json.loads((directory / "services.json").read_text())
    except (OSError, ValueError):
        return None
    if not kept(directory):
        return None
    return Addresses(note["database_url"], note["redis_url"])


def kept(directory: Path) -> bool:
    """Whether a keeper lives; its lock tells, since a killed one may stay in the process table for a while."""
    with (directory / "keeper.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class Keeper:
    """Starts the services of one directory and stops them when no process has used them for a while."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.note = directory / "services.json"
        self.postgres, self.valkey = Postgres(directory / "postgres"), Valkey(directory / "valkey")
        self.stopping = False
        self.users = (directory / "users.lock").open("a")

    def run(self) -> None:
        try:
            self.start_missing()
            self.write_note()
            while not self.stopping and self.anybody_within(GRACE_S):
                self.start_missing()
        finally:
            self.note.unlink(missing_ok=True)
            self.valkey.stop()
            self.postgres.stop()

    def start_missing(self) -> None:
        services: tuple[Service, ...] = (self.postgres, self.valkey)
        for service in services:
            if not service.running():
                service.start()

    def write_note(self) -> None:
        note = {"keeper": os.getpid(), "database_url": self.postgres.url(), "redis_url": self.valkey.url()}
        draft = self.note.with_suffix(".new")
        draft.write_text(json.dumps(note))
        draft.replace(self.note)

    def anybody_within(self, seconds: float) -> bool:
        """Waits LOOK_S for a process that uses the services. False where none has for so long: this keeper then keeps the lock."""
        deadline = time.monotonic() + seconds
        while not self.stopping:
            time.sleep(LOOK_S)
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            if time.monotonic() > deadline:
                return False
            fcntl.flock(self.users, fcntl.LOCK_UN)
            self.start_missing()
        return False

    def stop(self, *_: object) -> None:
        self.stopping = True


def main() -> int:
    directory = Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "keeper.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if "--standby" in sys.argv else fcntl.LOCK_NB))
    except BlockingIOError:
        return ANOTHER_KEEPS
    keeper = Keeper(directory)
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, keeper.stop)
    try:
        keeper.run()
    except StartFailed as failure:
        (directory / FAILURE).write_text(" ".join(str(failure).split()))
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
