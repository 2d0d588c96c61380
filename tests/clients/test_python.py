"""What openapi-python-client makes of the REST schema: without a warning, and good for a whole haggle."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import UNLIMITED, ServerProcess

GENERATE = ("-m", "openapi_python_client", "generate", "--meta", "none", "--path")


@pytest.fixture
def generated(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The generated package, importable; what the generator said in `said`."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, *GENERATE, str(document), "--output-path", str(tmp_path / "staynest_client")]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout, done.stdout
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_a_haggle_to_a_paid_booking(generated: Path, serve: Callable[..., ServerProcess]) -> None:
    haggle = importlib.import_module("tests.clients.haggle").haggle
    told = haggle(serve(**UNLIMITED).url)
    assert told == {
        "photo": told["photo"], "listed": "3000.00", "asked": "2700.00", "agreed": "2700.00", "payment": "succeeded",
        "booking": ("confirmed", "paid"),
        "log": ["negotiation.opened", "offer.made", "offer.made", "offer.accepted"],
    }  # fmt: skip
    assert told["photo"].endswith("/media/drawn/home/cabin.png")
