"""bin/run as a whole: everything up, watched, stopped in time, and never in the way of the next start."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from core.local import keeper
from core.local.embedded import Postgres
from tests.servers import ROOT
from tests.waiting import until

Start = Callable[..., "Run"]
# A start takes seconds; a machine that is busy with all other tests gets more.
START_S = 150


class Run:
    """One `bin/run` on a port and a data directory of its own, without the demo."""

    def __init__(self, data: Path, port: int, *arguments: str, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        own = {key: value for key, value in os.environ.items() if key not in SETTLED}
        own |= {"ENV_FILE": os.devnull, "DATA_DIR": str(data), "PORT": str(port), "DEMO": "0", "KEEPER_GRACE_S": "1"}
        self.log = data.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["bin/run", *arguments], cwd=ROOT, env=own | environment, stdout=log, stderr=log, start_new_session=True
            )

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urlopen(f"{self.url}/readyz/", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def family(self) -> list[psutil.Process]:
        return [self.supervisor, *self.supervisor.children(recursive=True)]

    @property
    def supervisor(self) -> psutil.Process:
        return psutil.Process(self.process.pid)

    def servers(self) -> list[psutil.Process]:
        return [
            process
            for process in self.supervisor.children()
            if alive(process) and "core.server.serve" in process.cmdline()
        ]


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_line(process: psutil.Process) -> list[str]:
    """Empty for one that has ended."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie's too
        return []


SETTLED = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "CHANNEL_PREFIX", "PAYMENT_GATEWAY"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def data() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=os.environ["TEST_DIR"]))
    yield directory
    until(lambda: not keeper.kept(directory), 30)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def start(data: Path) -> Iterator[Start]:
    runs: list[Run] = []

    def one(*arguments: str, port: int | None = None, **environment: str) -> Run:
        runs.append(Run(data, port or free_port(), *arguments, **environment))
        return runs[-1]

    yield one
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
        run.process.wait()


def test_up_watched_killed_and_started_again_and_gone_without_a_trace(start: Start) -> None:
    killed = start("--workers", "2")
    until(killed.ready, START_S)
    first, second = killed.servers()
    first.kill()
    until(lambda: len(killed.servers()) == 2 and first not in killed.servers())
    assert second in killed.servers()
    until(killed.ready)
    servers = killed.servers()
    killed.process.kill()
    killed.process.wait()
    following = start(port=int(killed.url.rsplit(":", 1)[1]))
    # Only then is it the following run that answers.
    until(lambda: not any(alive(process) for process in servers), 20)
    until(following.ready, START_S)
    family = following.family()
    following.process.send_signal(signal.SIGTERM)
    assert following.process.wait(15) == 0
    until(lambda: not any(alive(process) for process in family), 5)
    assert "stopping" in following.log.read_text()


def refused(run: Run) -> str:
    assert run.process.wait(START_S) != 0
    lines = run.log.read_text().strip().splitlines()
    assert "Traceback" not in run.log.read_text()
    return lines[-1]


def test_a_taken_port_is_told_in_one_line(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port} can't be listened on (Address already in use)" in refused(start(port=port))


def test_a_database_that_does_not_answer_is_told_in_one_line(start: Start) -> None:
    where = {"DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}
    told = refused(start(**where))
    assert "DATABASE_URL does not answer" in told
    assert "secret" not in told


def test_a_broker_that_does_not_answer_is_told_in_one_line(start: Start) -> None:
    where = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": "redis://127.0.0.1:1/0"}
    assert "REDIS_URL does not answer" in refused(start(**where))


def test_no_space_on_the_disk_is_told_in_one_line(start: Start, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.local import supervisor

    monkeypatch.setattr(supervisor, "LEAST_FREE_BYTES", shutil.disk_usage(data).free + 1024**4)
    with pytest.raises(supervisor.Refused, match="MB left on the disk"):
        supervisor.enough_space(data)


def test_a_python_that_is_too_old_is_told_in_one_line(tmp_path: Path) -> None:
    """A copy of bin/ without a .venv, on a PATH where every Python says that it is 3.9."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    for path in ROOT.glob("requirements*"):
        shutil.copy(path, tmp_path / path.name)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("python3", "python"):
        (tools / name).write_text("#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit 1\n")
        (tools / name).chmod(0o755)
    for tool in ("bash", "cat", "cksum", "dirname", "basename", "df", "awk", "env"):
        (tools / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
    done = subprocess.run(
        [tmp_path / "bin" / "run"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.strip() == (
        "bin/run: Python 3.11 or newer is needed; Python 3.9.2 was found."
        " Name another: PYTHON=/path/to/python3.11 bin/run"
    )


def test_a_data_directory_with_a_long_path_works() -> None:
    root = Path(tempfile.mkdtemp(prefix="long-", dir=os.environ["TEST_DIR"]))
    root.chmod(0o711)
    postgres = Postgres(root / ("a" * 60) / ("b" * 60) / "postgres")
    postgres.start()
    try:
        first = postgres.url()
        postgres.stop()
        postgres.start()
        assert postgres.answers()
        assert postgres.url() == first
    finally:
        postgres.stop()
        shutil.rmtree(postgres.sockets)
