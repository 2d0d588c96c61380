"""What one account makes in a day: docs/quotas.md against the code, and each at its door."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from core import clock
from core.api.quotas import QUOTAS, spend
from core.errors import DomainError
from core.jobs import daily_jobs
from tests.factories.accounts import PASSWORD, api_of, make_user
from tests.permissions.asking import MANDATE, STEP_1
from tests.servers import ROOT

PAGE = (ROOT / "docs" / "quotas.md").read_text()
LINES = re.findall(r"^\| `(\w+)` \| (\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.M)


def test_the_page_says_what_the_code_does() -> None:
    assert {name: (int(a_day), what) for name, a_day, what, _ in LINES} == {
        name: (quota.a_day, quota.what) for name, quota in QUOTAS.items()
    }


def test_each_is_cleaned_up_by_a_job_that_runs() -> None:
    for name, _, _, cleaning in LINES:
        assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", cleaning)) <= set(daily_jobs), name


def full(name: str, user_id: int) -> None:
    spend(name, user_id, clock.now(), times=QUOTAS[name].a_day)


def test_of_another_account_nothing_is_spent() -> None:
    full("drafts", 1)
    spend("drafts", 2, clock.now())
    with pytest.raises(DomainError, match="enough for one day") as refused:
        spend("drafts", 1, clock.now())
    assert refused.value.params["quota"] == "drafts"
    assert 0 < refused.value.params["retry_after"] <= 86400


DOORS: dict[str, Callable[[APIClient], Any]] = {
    "drafts": lambda api: api.post("/api/property_registration/step1/", STEP_1),
    "tickets": lambda api: api.post("/auth/ws-ticket/"),
    "sign_ins": lambda api: api.post("/auth/login/", {"username": "rahim", "password": PASSWORD}),
    "mandates": lambda api: api.post("/auth/agents/", MANDATE),
    "blocks": lambda api: api.put(f"/auth/block/{make_user().pk}/"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", DOORS)
def test_each_door_says_so(name: str) -> None:
    user = make_user("rahim", password=PASSWORD)
    api = api_of(user)
    assert DOORS[name](api).status_code < 300
    spend(name, user.pk, clock.now(), times=QUOTAS[name].a_day - 1)
    answer = DOORS[name](api)
    assert (answer.status_code, answer.data["params"]["quota"]) == (429, name)
    assert int(answer["Retry-After"]) > 0
