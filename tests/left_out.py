"""Leaves out tests that need a program which is neither here nor installable. With CI=true that is a failure."""

from __future__ import annotations

import os
from collections.abc import Collection

import pytest


def leave_out(
    config: pytest.Config, items: list[pytest.Item], ours: Collection[pytest.Item], *, why: str, what: str
) -> None:
    """Takes the tests `ours` out of `items`, with one printed line. Raises UsageError under CI=true.

    `why` names what is missing, `what` the tests.
    """
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{why}: {len(ours)} tests of {what} can't run.")
    print(f"\n{why}: {len(ours)} tests of {what} are left out.")
    config.hook.pytest_deselected(items=list(ours))
    items[:] = [item for item in items if item not in ours]
