"""A pytest plugin: which tests one of xdist's processes takes together, and which come first."""

import pytest
from xdist.scheduler import LoadScopeScheduling

# One breakable world a file, a browser or servers with settings of their own, two hubs for a whole folder: each takes
# seconds to start.
BY_FOLDER = ("tests/hub", "tests/flows")
BY_FILE = (
    "tests/hub/test_faults.py",
    "tests/hub/test_replica.py",
    "tests/hub/test_failover.py",
    "tests/web",
    "tests/agents/test_door.py",
    "tests/agents/test_logs.py",
    "tests/agents/test_waiting.py",
    "tests/bookings/test_crashes.py",
    "tests/bookings/test_stripe.py",
    "tests/core/test_http_door.py",
    "tests/core/test_clocks.py",
    "tests/deploy/test_gateway.py",
    "tests/negotiation/test_refusals.py",
    "tests/properties/test_search_plans.py",
)
# The longest first, so that all processes end together; those of a browser in one go, so that they share it.
FIRST = (
    "tests/hub/test_faults.py",
    "tests/hub/test_",
    "tests/web/test_hosting.py",
    "tests/web/test_pages.py",
    "tests/web/test_haggle.py",
    "tests/web/",
    "tests/flows/",
    "tests/negotiation/test_accept_races.py",
    "tests/permissions/test_matrix.py",
    "tests/core/test_run.py",
    "tests/upgrade/",
    "tests/core/test_commands.py",
    "tests/clients/",
    "tests/deploy/",
    "tests/agents/",
    "tests/core/test_http_door.py",
    "tests/bookings/test_hanging_gateway.py",
    "tests/bookings/test_crashes.py",
    "tests/bookings/test_payment_orders.py",
    "tests/accounts/test_mail_server.py",
    "tests/accounts/test_push.py",
)


def rank(nodeid: str) -> int:
    """Where a test stands in the queue."""
    return next((number for number, path in enumerate(FIRST) if nodeid.startswith(path)), len(FIRST))


class SharingScheduling(LoadScopeScheduling):
    """Tests that share what is expensive to start are one unit of work; every other test is one by itself."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path.startswith(BY_FILE):
            return path
        return next((folder for folder in BY_FOLDER if path.startswith(folder)), nodeid)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """xdist hands units out in this order."""
    items.sort(key=lambda item: rank(item.nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> SharingScheduling:
    # Not by the number of tests in each.
    config.option.loadscopereorder = False
    return SharingScheduling(config, log)
