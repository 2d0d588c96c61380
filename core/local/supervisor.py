"""bin/run: database, broker, server processes and the clock on one machine, started, watched and stopped together."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from core import environment
from core.local import defaults, keeper
from core.local.embedded import StartFailed, die_with_parent
from core.server import static_files

STOP_S = 14
LEAST_FREE_BYTES = 400 * 1024 * 1024
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
SETTLED_S = 30


class Refused(Exception):
    """Something on this machine prevents a start; the message names it in one line."""


class Stopped(BaseException):
    """A signal came before everything was up."""


class Child:
    """A process that is started again when it ends; the longer it lasted, the sooner."""

    def __init__(
        self, name: str, command: list[str], pass_fds: tuple[int, ...] = (), *, outlives_us: bool = False
    ) -> None:
        self.name, self.command, self.pass_fds, self.outlives_us = name, command, pass_fds, outlives_us
        self.pause = FIRST_PAUSE_S
        self.due = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=defaults.ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for the supervisor, which then asks each child
            preexec_fn=None if self.outlives_us else die_with_parent(signal.SIGTERM),
            pass_fds=self.pass_fds,
        )

    def watch(self) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.pause = FIRST_PAUSE_S if now - self.started > SETTLED_S else min(self.pause * 2, LONGEST_PAUSE_S)
            self.process, self.due = None, now + self.pause
            say(f"{self.name} ended with {code}; it is started again in {self.pause:g} s")

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, signum: int) -> None:
        if self.process is not None and self.running():
            self.process.send_signal(signum)

    def wait(self, deadline: float) -> None:
        """Waits until the deadline, then kills it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Run:
    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.servers: list[Child] = []
        self.services: Child | None = None
        self.clock: Child | None = None
        self.listener: socket.socket | None = None
        self.signals = 0
        self.starting = True

    def start(self) -> None:
        self.data = defaults.fill_in()
        enough_space(self.data)
        host, port = environment.text("HOST", "127.0.0.1"), environment.whole("PORT", 8000, least=1)
        self.listener = listener = listen(host, port, self.data)
        self.start_services()
        if not static_files.are_collected():
            self.prepare("--static")
        # The servers load while the tables are made; they serve once the other end of the pipe is closed.
        prepared, preparing = os.pipe()
        passed = (listener.fileno(), prepared)
        command = [sys.executable, "-m", "core.server.serve", "--fd", str(passed[0]), "--after", str(passed[1])]
        self.servers = [Child(f"server {n + 1}", command, passed) for n in range(self.workers)]
        for server in self.servers:
            server.start()
        self.prepare()
        os.close(preparing)
        self.clock = Child("clock", [sys.executable, "manage.py", "tick", "--every", "5"])
        (self.data / "run.pid").write_text(str(os.getpid()))
        self.starting = False

    def start_services(self) -> None:
        if environment.text("DATABASE_URL") and environment.text("REDIS_URL"):
            answers_or_refused()
            return
        keeper.hold(self.data)
        command = [sys.executable, "-m", "core.local.keeper", str(self.data), "--standby"]
        # If we are killed the keeper notices that no user is left. Until then another start finds all as it was.
        self.services = Child("database and broker", command, outlives_us=True)
        self.services.start()
        defaults.attach(self.data, self.services.process)

    def prepare(self, *what: str) -> None:
        """Static files before a server loads, since it looks for them only then; tables and demo data before it serves."""
        child = Child("preparation", [sys.executable, "-m", "core.local.prepare", *what])
        child.start()
        while child.running() and not self.signals:
            time.sleep(0.05)
        child.signal(signal.SIGTERM)
        child.wait(time.monotonic() + 5)
        if child.process is None or (child.process.returncode and not self.signals):
            raise Refused(
                f"{'static files' if what else 'the database'} could not be prepared; the lines above say why."
            )

    def stand(self) -> None:
        """Watches until a signal comes."""
        announced = False
        while not self.signals:
            for child in self.children():
                child.watch()
            if not announced and self.listener and answering(self.listener):
                announce()
                announced = True
            time.sleep(0.1)

    def children(self) -> list[Child]:
        return [child for child in (self.services, self.clock, *self.servers) if child is not None]

    def stop(self) -> None:
        """Servers drain first, with database and broker still there; all within STOP_S."""
        deadline = time.monotonic() + STOP_S
        if self.listener is not None:
            self.listener.close()
        users = [child for child in self.children() if child is not self.services]
        for child in users:
            child.signal(signal.SIGTERM)
        for child in users:
            child.wait(deadline - 1.5)
        if self.services is not None:
            self.services.signal(signal.SIGTERM)
            self.services.wait(deadline)
        (self.data / "run.pid").unlink(missing_ok=True)

    def caught(self, signum: int, frame: object) -> None:
        self.signals += 1
        if self.signals == 1:
            say("stopping…")
            if self.starting:
                raise Stopped
            return
        for child in self.children():
            child.signal(signal.SIGINT)


def enough_space(data: Path) -> None:
    """Raises Refused where a database could not grow."""
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        raise Refused(f"there are only {free // 1024**2} MB left on the disk of {data}; 400 are needed.")


def listen(host: str, port: int, data: Path) -> socket.socket:
    """The listening socket that all server processes share; waits for those of a killed run to let go of it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + STOP_S
    while True:
        try:
            listener = socket.create_server((host, port), family=family, backlog=4096)
            listener.set_inheritable(True)
            return listener
        except OSError as error:
            if not former_run_is_dying(data) or time.monotonic() > deadline:
                raise Refused(
                    f"{host}:{port} can't be listened on ({reason(error)}). Choose another: PORT=8001 bin/run"
                ) from None
        time.sleep(0.2)


def reason(error: OSError) -> str:
    """The system's own words, without those that Python adds."""
    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror)
    return os.strerror(error.errno)


def former_run_is_dying(data: Path) -> bool:
    """A run.pid whose process is gone: that run was killed, and its servers are draining."""
    try:
        os.kill(int((data / "run.pid").read_text()), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    return False


def answers_or_refused() -> None:
    """Raises Refused, in one line, where database or broker does not answer."""
    import psycopg2
    import redis

    try:
        psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
    except psycopg2.Error as error:
        raise Refused(f"DATABASE_URL does not answer: {one_line(error)}") from None
    try:
        redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        raise Refused(f"REDIS_URL does not answer: {one_line(error)}") from None


def one_line(error: Exception) -> str:
    """An error's words without line breaks."""
    return " ".join(str(error).split())


def answering(listener: socket.socket) -> bool:
    """Whether a server answers behind that socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    try:
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz/"
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def announce() -> None:
    """Says where everything is."""
    url = os.environ["PUBLIC_URL"]
    haggle = "bin/haggle" if url == "http://127.0.0.1:8000" else f"bin/haggle {url}"
    say(f"ready: {url}/ · REST {url}/api/docs/ · staff {url}/admin/ · a haggle in the terminal: {haggle}")
    if not environment.text("EMAIL_HOST"):
        say(f"mails are written to {os.environ['EMAIL_FILE_PATH']}")


def say(text: str) -> None:
    """Prints one line as this command."""
    print(f"bin/run: {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/run", description="Everything on one machine.")
    parser.add_argument("--workers", type=int, default=1, help="server processes (default 1)")
    run = Run(max(1, parser.parse_args().workers))
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, run.caught)
    try:
        run.start()
        run.stand()
    except (Refused, StartFailed) as reason:
        say(str(reason))
        return 1
    except Stopped:
        return 0
    finally:
        run.starting = False
        if hasattr(run, "data"):
            run.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
