"""A pytest plugin: the real database and broker of a test run, up before Django reads its settings.

The first process starts them; xdist's workers find their addresses in the environment and take a Valkey database
and a channel prefix of their own (pytest-django gives each a PostgreSQL database).
"""

import atexit
import gc
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.local.embedded import THROW_AWAY, Postgres, Valkey
from tests import tables

# Nearly all that is made while tests are collected stays: looking for garbage meanwhile takes a third of that time.
gc.disable()
# The code is compiled once, not by each process that a test starts.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The servers of all workers share it, each with the connections of its threads, its lanes and its jobs.
ROOMY = {**THROW_AWAY, "max_connections": "600"}
making: list[subprocess.Popen[bytes]] = []
NOT_OURS = ("DEBUG", "SERVICES", "TRUSTED_PROXIES", "PAYMENT", "METRICS_TOKEN", "HOLD_INSTANT_S", "HOLD_REQUEST_S")


def start() -> None:
    directory = Path(tempfile.mkdtemp(prefix="staynest-tests-"))
    directory.chmod(0o711)
    postgres, valkey = Postgres(directory / "pg", ROOMY), Valkey(directory / "valkey")

    def stop() -> None:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(directory, ignore_errors=True)

    atexit.register(stop)
    postgres.start()
    valkey.start()
    os.environ["TEST_DATABASE_URL"], os.environ["TEST_VALKEY_SOCKET"] = postgres.url(), str(valkey.socket)
    os.environ["TEST_DIR"] = str(directory)


def settle() -> None:
    """The environment every test sees, whatever the developer's own holds."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ |= {
        "ENV_FILE": os.devnull,
        "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
        "REDIS_URL": f"unix://{os.environ['TEST_VALKEY_SOCKET']}?db={int(worker.removeprefix('gw'))}",
        "CHANNEL_PREFIX": f"tests-{worker}",
        "DATA_DIR": f"{os.environ['TEST_DIR']}/data-{worker}",
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "HTTPS": "0",
        "PAYMENT_GATEWAY": "sandbox",
    }


if "TEST_DATABASE_URL" not in os.environ:
    start()
settle()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """The tables are made while the workers collect."""
    making.append(tables.start())


def pytest_unconfigure() -> None:
    """A run that was ended early leaves nothing behind."""
    for process in making:
        process.kill()
        process.wait()


def pytest_collection_finish() -> None:
    """What is loaded by now stays."""
    gc.freeze()
    gc.set_threshold(3000, 10, 10)
    gc.enable()
