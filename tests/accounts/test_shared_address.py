"""After fifty wrong tries from one address, people who signed in there before pass, others after a proof of work."""

import base64
import json
from typing import Any

import altcha
import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import SignInPlace, User
from accounts.services import proof_of_work
from accounts.services.log_in import address_window
from core import clock
from core.api import rate_limits
from core.api.rate_limits import take
from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "127.0.0.1"
LOGIN = {"username": "rahim", "password": PASSWORD}


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD)


@pytest.fixture
def locked(rahim: User) -> None:
    """Fifty strangers' failures from this address."""
    for _ in range(50):
        take([address_window(ADDRESS)], clock.now())


@pytest.fixture
def light_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what work is good for; what it takes shows in the others."""
    monkeypatch.setattr(proof_of_work, "COST", 50)


def solved(challenge: dict[str, Any]) -> str:
    """What a browser works out."""
    whole = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(whole)
    assert solution is not None
    return altcha.Payload(whole, solution).to_base64()


def test_the_fifty_first_is_asked_for_work_and_then_comes_in(locked: None, api: APIClient) -> None:
    refused = api.post("/auth/login/", LOGIN)
    assert (refused.status_code, refused.data["code"]) == (429, "rate_limited")
    assert refused.data["params"]["retry_after"] > 0
    work = solved(refused.data["params"]["challenge"])
    assert api.post("/auth/login/", LOGIN | {"work": work}).status_code == 200
    SignInPlace.objects.all().delete()
    assert api.post("/auth/login/", LOGIN | {"work": work}).status_code == 429  # each once


def test_who_signed_in_there_before_passes_and_elsewhere_all_do(rahim: User, api: APIClient) -> None:
    assert api.post("/auth/login/", LOGIN).status_code == 200
    for _ in range(50):
        take([address_window(ADDRESS)], clock.now())
    assert api.post("/auth/login/", LOGIN).status_code == 200
    make_user("mina", password=PASSWORD)
    assert api.post("/auth/login/", LOGIN | {"username": "mina"}).status_code == 429
    assert api.post("/auth/login/", LOGIN | {"username": "mina"}, REMOTE_ADDR="192.0.2.9").status_code == 200


@pytest.mark.usefixtures("light_work")
@pytest.mark.parametrize("change", ["address", "nonce", "nonsense", "unsolved"])
def test_work_that_is_not_for_here_counts_nothing(locked: None, api: APIClient, change: str) -> None:
    challenge = api.post("/auth/login/", LOGIN).data["params"]["challenge"]
    works = {
        "nonsense": "bm9uc2Vuc2U=",
        "unsolved": base64.b64encode(
            json.dumps({"challenge": challenge, "solution": {"counter": 1, "derivedKey": "00" * 32}}).encode()
        ).decode(),
        "address": solved(challenge),
        "nonce": solved({**challenge, "parameters": {**challenge["parameters"], "nonce": "00" * 16}}),
    }
    where = "192.0.2.7" if change == "address" else ADDRESS
    for _ in range(50):
        if change == "address":
            take([address_window(where)], clock.now())
    answer = api.post("/auth/login/", LOGIN | {"work": works[change]}, REMOTE_ADDR=where)
    assert answer.status_code == 429


@pytest.mark.usefixtures("light_work")
def test_a_guessed_account_stays_shut_whatever_work_is_done(locked: None, api: APIClient) -> None:
    for _ in range(10):
        work = solved(api.post("/auth/login/", LOGIN | {"password": "wrong"}).data["params"]["challenge"])
        assert api.post("/auth/login/", LOGIN | {"password": "wrong", "work": work}).status_code == 400
        rate_limits._buckets.clear()
    refused = api.post("/auth/login/", LOGIN)
    assert refused.status_code == 429
    assert "challenge" not in refused.data["params"]


def test_the_page_brings_the_challenge_along(locked: None) -> None:
    page = Client().post("/login/", LOGIN).content.decode()
    assert 'id="work-challenge"' in page
    assert "data-work" in page
    assert settings.SECRET_KEY not in page
