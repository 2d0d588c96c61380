"""Web Push, from a subscription to what a browser decrypts: once, bounded, and no longer than the sign-in lasts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as conf
from django.db import connection
from rest_framework.test import APIClient

from accounts.events import NOTIFICATION_KINDS
from accounts.models import AuthToken, Notification, PushDelivery, PushSubscription
from accounts.pushing import pace, sending
from accounts.pushing.encoding import URGENT
from accounts.pushing.lane import drain
from accounts.services import push_deliveries
from accounts.services.notifications import notify
from accounts.services.push_deliveries import Decision, Facts, decide
from accounts.services.push_subscriptions import forget_signed_out
from core import clock
from core.live.lease import lease_key
from tests.accounts.push_service import PushService, encode, running, status
from tests.factories.accounts import NOON, api_of, browser_of, make_user

PATH = "/auth/push/"


@pytest.fixture(scope="module")
def _service() -> Iterator[PushService]:
    with running() as service:
        yield service


@pytest.fixture
def service(_service: PushService, settings: Any, transactional_db: None) -> PushService:
    for kept in (_service.browsers, _service.answers, _service.asked, _service.keys):
        kept.clear()
    settings.PUSH_ALLOW_HOSTS = [_service.address]
    return _service


class Person:
    """Somebody whose browser is subscribed."""

    def __init__(self, service: PushService, path: str = "/wpush/v2/abc") -> None:
        self.user = make_user()
        self.api = api_of(self.user)
        self.browser = service.browser(path)
        self.subscribe()

    def subscribe(self) -> Any:
        answer = self.api.post(PATH, self.browser.subscription())
        assert answer.status_code == 201, answer.data
        return answer.data

    def told(self, kind: str = "offer.made", title: str = "Mina asks ৳5,200", **more: Any) -> Notification:
        return notify(user_id=self.user.pk, kind=kind, title=title, now=clock.now(), **more)


@pytest.fixture
def rahim(service: PushService) -> Person:
    return Person(service)


def later(by: timedelta = timedelta(hours=2)) -> None:
    PushDelivery.objects.filter(settled_at=None).update(next_try_at=clock.now() - by)


def test_what_happens_reaches_a_browser_that_alone_can_read_it(rahim: Person, service: PushService) -> None:
    row = rahim.told(negotiation_id=17, property_id=4)
    assert drain() == 1
    (message,) = rahim.browser.messages
    assert (message["id"], message["kind"], message["title"]) == (row.pk, "offer.made", "Mina asks ৳5,200")
    assert set(message) == {"id", "kind", "title", "negotiation", "booking", "property", "at", "url"}
    assert message["url"] == "/inbox/17/"
    (headers,) = rahim.browser.headers
    assert (headers["Urgency"], headers["Topic"]) == ("high", f"n{row.pk}")
    assert 0 < int(headers["TTL"]) <= pace.GOOD_FOR.total_seconds()
    assert service.keys == {APIClient().get(f"{PATH}key/").data["key"]}


def test_what_is_urgent_is_of_a_kind_that_there_is() -> None:
    assert [start for start in URGENT if not any(kind.startswith(start) for kind in NOTIFICATION_KINDS)] == []


def test_it_is_told_once_however_often_the_clock_goes_round(rahim: Person) -> None:
    rahim.told()
    assert [drain(), drain(), drain()] == [1, 0, 0]
    assert len(rahim.browser.messages) == 1


def test_two_lanes_at_once_send_it_once(rahim: Person) -> None:
    for n in range(8):
        rahim.told(title=f"offer {n}")
    with ThreadPoolExecutor(3) as threads:
        sent = [one.result() for one in [threads.submit(_drained) for _ in range(3)]]
    assert sum(sent) == 8
    assert sorted(message["title"] for message in rahim.browser.messages) == [f"offer {n}" for n in range(8)]


def _drained() -> int:
    try:
        return drain()
    finally:
        connection.close()


@pytest.mark.parametrize("code", [404, 410])
def test_a_subscription_that_is_gone_is_forgotten(rahim: Person, service: PushService, code: int) -> None:
    service.answers[rahim.browser.path] = status(code)
    rahim.told()
    assert drain() == 0
    assert (PushSubscription.objects.count(), PushDelivery.objects.count()) == (0, 0)
    rahim.told()
    assert drain() == 0
    assert len(service.asked) == 1


def test_a_push_service_that_is_busy_is_asked_again_after_a_pause(rahim: Person, service: PushService) -> None:
    service.answers[rahim.browser.path] = status(503, Retry_After="600")
    rahim.told()
    assert drain() == 0
    row = PushDelivery.objects.get()
    assert row.next_try_at > clock.now() + timedelta(seconds=590)
    assert (drain(), len(service.asked)) == (0, 1)
    service.answers.clear()
    later()
    assert (drain(), drain(), len(service.asked)) == (1, 0, 2)


def test_one_that_is_not_there_is_asked_again(rahim: Person, service: PushService, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
    settings.PUSH_ALLOW_HOSTS = [nowhere, service.address]
    away = PushSubscription.objects.get()
    PushSubscription.objects.update(endpoint=f"http://{nowhere}/x", host="127.0.0.1")
    rahim.told()
    assert drain() == 0
    assert PushDelivery.objects.get().outcome == ""
    PushSubscription.objects.update(endpoint=away.endpoint)
    later()
    assert drain() == 1


def test_one_that_hangs_holds_up_nobody_else_and_gets_nothing_twice(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1.0)
    people = [Person(service, f"/hang/{n}") for n in range(3)]
    for person in people:
        service.answers[person.browser.path] = service.hang
    quick = Person(service, "/quick")
    for person in (*people, quick):
        person.told()
    assert drain() == 1
    assert len(quick.browser.messages) == 1
    later()
    assert drain() == 0
    assert [len(person.browser.messages) for person in people] == [1, 1, 1]
    assert set(PushDelivery.objects.values_list("outcome", flat=True)) == {"sent", "doubtful"}


def test_a_full_push_service_leaves_room_for_the_others(service: PushService) -> None:
    many, one = [Person(service, f"/many/{n}") for n in range(4)], Person(service, "/one")
    PushSubscription.objects.filter(user=one.user).update(host="elsewhere")
    for person in (*many, one):
        person.told()
    now = clock.now()
    push_deliveries.collect(now, now - timedelta(minutes=5))
    claimed = push_deliveries.claim_due(now, room=10, room_of={"127.0.0.1": 1}, room_a_host=2)
    assert sorted(push.host for push in claimed) == ["127.0.0.1", "elsewhere"]
    assert len(push_deliveries.claim_due(now, room=10, room_of={"127.0.0.1": 2}, room_a_host=2)) == 0


def test_a_lane_that_dies_after_it_began_sends_nothing_twice(rahim: Person) -> None:
    rahim.told()
    now = clock.now()
    push_deliveries.collect(now, now - timedelta(minutes=5))
    assert len(push_deliveries.claim_due(now, room=10, room_of={}, room_a_host=10)) == 1  # and then it is killed
    assert drain() == 0
    later()
    assert drain() == 0
    assert PushDelivery.objects.get().outcome == "doubtful"
    assert rahim.browser.messages == []


def test_whoever_has_a_page_open_is_not_pushed_to(rahim: Person) -> None:
    with redis.from_url(conf.REDIS_URL) as broker:
        broker.zadd(lease_key(), {str(rahim.user.pk): clock.unix()})
        try:
            rahim.told()
            assert drain() == 0
            later()
        finally:
            broker.zrem(lease_key(), str(rahim.user.pk))
    # The page was closed within the minute, and nothing was read.
    assert drain() == 1


def test_what_was_read_meanwhile_is_not_pushed(rahim: Person) -> None:
    row = rahim.told()
    push_deliveries.collect(clock.now(), clock.now() - timedelta(minutes=5))
    Notification.objects.filter(pk=row.pk).update(read_at=clock.now())
    assert drain() == 0
    assert PushDelivery.objects.get().outcome == "unwanted"


def test_kinds_are_chosen_by_channel(rahim: Person) -> None:
    path = "/api/notification/preferences/"
    body = {"push_kinds": {"message.sent": False}, "site_kinds": {"offer.made": False}}
    answer = rahim.api.patch(path, body)
    assert answer.status_code == 200
    assert (answer.data["push_kinds"]["message.sent"], answer.data["kinds"]["message.sent"]) == (False, True)
    rahim.told("message.sent")
    rahim.told("offer.made")
    assert drain() == 1
    assert [message["kind"] for message in rahim.browser.messages] == ["offer.made"]
    assert rahim.api.get("/auth/user/").data["unread"] == 1
    assert len(rahim.api.get("/api/notification/").data) == 2
    assert rahim.api.patch(path, {"push": False}).data["push"] is False
    rahim.told("offer.made")
    assert drain() == 0
    assert rahim.api.patch(path, {"push_kinds": {"no.kind": True}}).data["fields"].keys() == {"push_kinds"}


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


A_MINUTE_AGO = NOON - timedelta(seconds=61)
GOOD = {"at": NOON, "begun": False, "unread": True, "signed_in": True, "on_screen": False}


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        ({}, Decision.SEND),
        ({"on_screen": True}, Decision.WAIT),
        ({"on_screen": True, "at": A_MINUTE_AGO}, Decision.DROP),
        ({"at": A_MINUTE_AGO}, Decision.SEND),
        ({"unread": False}, Decision.DROP),
        ({"signed_in": False}, Decision.DROP),
        ({"begun": True}, Decision.DOUBT),
        ({"at": NOON - pace.GOOD_FOR}, Decision.EXPIRE),
    ],
)
def test_what_becomes_of_a_delivery(facts: dict[str, Any], decision: Decision) -> None:
    assert decide(Facts(**(GOOD | facts)), NOON) is decision


@pytest.mark.parametrize(
    ("tries", "asked", "seconds"),
    [
        (1, None, 30),
        (2, None, 120),
        (3, None, 600),
        (4, None, 3600),
        (99, None, 3600),
        (1, 90, 90),
        (1, 5, 30),
        (1, 10**6, 3600),
    ],
)
def test_pauses_grow_and_hear_the_push_service(tries: int, asked: int | None, seconds: int) -> None:
    wait = None if asked is None else timedelta(seconds=asked)
    assert pace.pause_after(tries, wait) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("code", "answer"),
    [(201, "taken"), (202, "taken"), (404, "gone"), (410, "gone"), (429, "later"), (500, "later"), (502, "later"),
     (400, "refused"), (403, "refused"), (413, "refused"), (302, "refused")],
)  # fmt: skip
def test_what_an_answer_means(code: int, answer: str) -> None:
    assert sending.read_reply(code, "").answer.value == answer


def test_every_kind_has_a_preference(rahim: Person) -> None:
    assert set(rahim.api.get("/api/notification/preferences/").data["push_kinds"]) == set(NOTIFICATION_KINDS)
