"""A pytest plugin: which tests one of xdist's processes takes together."""

import pytest
from xdist.scheduler import LoadScopeScheduling

# One browser or one breakable world a file, two hubs for a whole folder: each takes seconds to start.
BY_FOLDER = ("tests/hub", "tests/flows")
BY_FILE = (
    "tests/hub/test_faults.py",
    "tests/web",
    "tests/core/test_http_door.py",
    "tests/properties/test_search_plans.py",
)


class SharingScheduling(LoadScopeScheduling):
    """Tests that share what is expensive to start are one unit of work; every other test is one by itself."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path.startswith(BY_FILE):
            return path
        return next((folder for folder in BY_FOLDER if path.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharingScheduling:
    return SharingScheduling(config, log)
