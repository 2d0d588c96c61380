"""Clients made from the schemas: left out with one printed line where no Node is; with CI=true that is a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.api.openapi import encoded
from tests.clients.npm_packages import MODULES, why_not
from tests.left_out import leave_out

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what needs Node's packages where they can't be had."""
    ours = [item for item in items if HERE in item.path.parents and "node" in getattr(item, "fixturenames", ())]
    if ours and (reason := why_not()):
        leave_out(config, items, ours, why=reason, what="generated clients")


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
