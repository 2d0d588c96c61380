"""Clients made from the schemas: left out with one printed line where no Node is; with CI=true that is a failure."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.api.openapi import encoded
from tests.clients.npm_packages import MODULES, why_not

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs Node's packages where they can't be had."""
    ours = [item for item in items if HERE in item.path.parents and "node" in getattr(item, "fixturenames", ())]
    reason = why_not() if ours else ""
    if not reason:
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{reason}: the clients made from the schemas stay untested.")
    print(f"\n{reason}: {len(ours)} tests of generated clients are left out.")
    config.hook.pytest_deselected(items=ours)
    items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session")
def node() -> Path:
    """Where Node's packages are; tests that ask for them are left out where they can't be had."""
    return MODULES


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The REST schema as a file."""
    path = tmp_path_factory.mktemp("schema") / "openapi.json"
    path.write_text(json.dumps(json.loads(encoded()), indent=1))
    return path
