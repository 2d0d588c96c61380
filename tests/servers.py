"""Real server processes for tests: what production runs, on a free port, against the test's own database."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote

from django.db import connection

from core.local.embedded import die_with_parent, wait_until

ROOT = Path(__file__).resolve().parent.parent

# For tests that ask more than any user may.
UNLIMITED = {"RATE_LIMIT_FACTOR": "1000000"}


class ServerProcess:
    """One `core.server.serve` process; `environment` adds settings to it (SERVICES="auth", RATE_LIMIT_FACTOR="1000", …)."""

    def __init__(
        self,
        *,
        wait: bool = True,
        send_buffer: int | None = None,
        module: tuple[str, ...] = ("core.server.serve",),
        **environment: str,
    ) -> None:
        """Comes back when the server answers; without `wait` that is for `wait_for_it`, so that several start at once.

        `send_buffer`: bytes that the kernel holds for a client that does not read, where not the usual megabytes.
        """
        listener = socket.create_server(("127.0.0.1", 0))
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self.port: int = listener.getsockname()[1]
        self.log = Path(tempfile.mkstemp(prefix=f"server-{self.port}-", suffix=".log", dir=os.environ["TEST_DIR"])[1])
        # The listening socket is handed over, so that nobody else can take the port in between.
        with listener, self.log.open("wb") as log:
            os.set_inheritable(listener.fileno(), True)
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module, "--fd", str(listener.fileno())],
                env={**os.environ, "DATABASE_URL": database_url(), **environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                pass_fds=[listener.fileno()],
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        if wait:
            self.wait_for_it()

    def wait_for_it(self) -> None:
        wait_until(self.answers, self.process, self.log)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/", timeout=1) as answer:
                return answer.status == 200
        except (URLError, OSError):
            return False

    def stop(self) -> int:
        """SIGTERM, as a deployment does; the exit code. What has not gone after 20 s is killed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def database_url() -> str:
    """The database this test writes to, for another process."""
    settings = connection.settings_dict
    return f"postgresql://postgres@{quote(settings['HOST'], safe='')}/{settings['NAME']}"
