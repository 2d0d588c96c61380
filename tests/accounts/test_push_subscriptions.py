"""Whose subscriptions are kept, for how long, and which addresses and keys are none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuthToken, PushDelivery, PushSubscription
from accounts.pushing.lane import drain
from accounts.services import push_deliveries
from accounts.services.notifications import notify
from accounts.services.push_subscriptions import forget_signed_out
from core import clock
from tests.accounts.conftest import PATH, Person
from tests.accounts.push_service import PushService, encode, status
from tests.factories.accounts import api_of, browser_of, make_user


def test_it_ends_with_the_sign_in(rahim: Person) -> None:
    rahim.told()
    AuthToken.objects.all().delete()
    assert drain() == 0
    assert rahim.browser.messages == []
    assert forget_signed_out(clock.now()) == 1
    assert not PushSubscription.objects.exists()


def test_it_ends_with_the_browsers_session(service: PushService) -> None:
    user, browser = make_user(), service.browser()
    page = browser_of(user)
    body = browser.subscription()
    assert page.post(PATH, body, content_type="application/json").status_code == 201
    notify(user_id=user.pk, kind="offer.made", title="one", now=clock.now())
    assert drain() == 1
    page.logout()
    notify(user_id=user.pk, kind="offer.made", title="two", now=clock.now())
    assert drain() == 0
    assert [message["title"] for message in browser.messages] == ["one"]


def test_a_browser_that_somebody_else_signs_in_with_is_theirs(rahim: Person) -> None:
    rahim.told(title="for Rahim")
    push_deliveries.collect(clock.now(), clock.now() - timedelta(minutes=5))
    mina = api_of(make_user())
    assert mina.post(PATH, rahim.browser.subscription()).status_code == 201
    assert drain() == 0
    assert rahim.browser.messages == []
    assert (len(mina.get(PATH).data), len(rahim.api.get(PATH).data)) == (1, 0)


def test_two_who_sign_in_there_at_once_leave_one(service: PushService) -> None:
    apis, body = [api_of(make_user()) for _ in range(4)], service.browser().subscription()

    def put(api: APIClient) -> int:
        try:
            return api.post(PATH, body).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(put, apis)) == [201] * 4
    assert PushSubscription.objects.count() == 1


def test_subscriptions_are_listed_renewed_and_removed(rahim: Person, service: PushService) -> None:
    first = rahim.subscribe()
    assert [row["id"] for row in rahim.api.get(PATH).data] == [first["id"]]
    other = service.browser("/other")
    assert rahim.api.post(PATH, other.subscription()).status_code == 201
    assert rahim.api.delete(PATH, {"endpoint": other.endpoint}).status_code == 204
    assert rahim.api.delete(PATH, {"endpoint": other.endpoint}).status_code == 204
    assert rahim.api.delete(PATH, {}).data["fields"].keys() == {"endpoint"}
    assert api_of(make_user()).delete(f"{PATH}{first['id']}/").status_code == 404
    assert api_of(make_user()).delete(PATH, {"endpoint": rahim.browser.endpoint}).status_code == 204
    assert PushSubscription.objects.count() == 1
    assert rahim.api.delete(f"{PATH}{first['id']}/").status_code == 204


def test_the_twenty_first_makes_the_oldest_go(rahim: Person, service: PushService) -> None:
    for n in range(20):
        assert rahim.api.post(PATH, service.browser(f"/{n}").subscription()).status_code == 201
    kept = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert len(kept) == 20
    assert rahim.browser.endpoint not in kept


BAD_ENDPOINTS = (
    "https://127.0.0.1/x",
    "https://10.0.0.8/x",
    "https://[::1]/x",
    "https://0x7f000001/x",
    "http://updates.push.example/x",
    "https://push.example:22/x",
    "https://user:word@push.example/x",
    "ftp://push.example/x",
    "push.example",
    "https://push.example/" + "x" * 1500,
    7,
)


@pytest.mark.parametrize("endpoint", BAD_ENDPOINTS)
def test_addresses_that_are_no_push_services_are_refused(service: PushService, endpoint: Any) -> None:
    body = service.browser().subscription() | {"endpoint": endpoint}
    answer = api_of(make_user()).post(PATH, body)
    assert (answer.status_code, answer.data["code"]) == (400, "invalid")
    assert answer.data["fields"].keys() == {"endpoint"}


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        ({"p256dh": encode(b"\x04" + bytes(64))}, "keys.p256dh"),
        ({"p256dh": "Ünsinn"}, "keys.p256dh"),
        ({"p256dh": encode(b"\x04" * 10)}, "keys.p256dh"),
        ({"p256dh": None}, "keys.p256dh"),
        ({"auth": encode(b"short")}, "keys.auth"),
        ({"auth": "A"}, "keys.auth"),
    ],
)
def test_keys_that_are_none_are_refused(service: PushService, keys: dict[str, Any], named: str) -> None:
    body = service.browser().subscription()
    answer = api_of(make_user()).post(PATH, body | {"keys": body["keys"] | keys})
    assert (answer.status_code, list(answer.data["fields"])) == (400, [named])


def test_a_name_that_leads_into_the_own_network_is_not_gone_to(rahim: Person, service: PushService) -> None:
    port = service.address.partition(":")[2]
    PushSubscription.objects.update(endpoint=f"http://localhost:{port}/wpush/v2/abc")
    rahim.told()
    assert drain() == 0
    assert service.asked == []
    assert PushDelivery.objects.get().outcome == "refused"


def test_a_redirect_is_not_followed(rahim: Person, service: PushService) -> None:
    service.answers[rahim.browser.path] = status(307, Location=f"http://{service.address}/elsewhere")
    rahim.told()
    assert drain() == 0
    assert service.asked == [rahim.browser.path]


def test_without_a_key_push_is_not_offered(rahim: Person, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    rahim.told()
    assert drain() == 0
    assert rahim.api.get(f"{PATH}key/").status_code == 404
    assert rahim.api.post(PATH, rahim.browser.subscription()).status_code == 404
