import pytest
from django.core.cache import cache
from rest_framework.test import APIClient


@pytest.fixture
def api() -> APIClient:
    """A client of the REST door; `api.force_authenticate(user)` or a token header signs it in."""
    return APIClient()


@pytest.fixture(autouse=True)
def _empty_broker() -> None:
    """Counters of one test (throttles, budgets) never reach the next."""
    cache.clear()
