"""Web Push, from a subscription to what a browser decrypts: once, bounded, and no longer than the sign-in lasts."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings as conf
from django.db import connection
from rest_framework.test import APIClient

from accounts.events import NOTIFICATION_KINDS
from accounts.models import Notification, PushDelivery, PushSubscription
from accounts.pushing import pace, sending
from accounts.pushing.encoding import URGENT
from accounts.pushing.lane import drain
from accounts.services import push_deliveries
from core import clock
from core.live.lease import lease_key
from tests.accounts.conftest import PATH, Person
from tests.accounts.push_service import PushService, status


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


def test_every_kind_has_a_preference(rahim: Person) -> None:
    assert set(rahim.api.get("/api/notification/preferences/").data["push_kinds"]) == set(NOTIFICATION_KINDS)
