"""The world of the permission tests, and the requests that ask it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.permissions.matrix import Matrix
from tests.permissions.world import build


@pytest.fixture
def matrix(db: None, settings: Any) -> Iterator[Matrix]:
    """Asks every door in a world with one thing of each kind, without limits and without the log's warnings."""
    settings.RATE_LIMIT_FACTOR = 100_000.0
    settings.STRIPE_WEBHOOK_SECRET = "whsec_of_the_test"
    logging.disable(logging.WARNING)
    yield Matrix(build())
    logging.disable(logging.NOTSET)
