"""What users are told: stored, pushed, listed, read."""

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import pytest
from django.db import transaction

from accounts.models import Notification
from accounts.services import notifications
from accounts.services.notifications import notify, notify_many, read_notification
from core.live.publishing import Publication
from tests.factories.accounts import NOON, api_of, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[Publication]:
    """What is handed over to be published, at once or after the commit."""
    seen: list[Publication] = []
    monkeypatch.setattr(notifications, "publish_on_commit", seen.extend)
    monkeypatch.setattr(notifications, "publish", seen.extend)
    return seen


def test_one_is_stored_and_pushed_as_it_is_listed(pushed: list[Publication]) -> None:
    user = make_user()
    row = notify(user_id=user.pk, kind="offer.made", title="Rahim bids", now=NOON, negotiation_id=17, property_id=4)
    expected = {
        "id": row.pk,
        "kind": "offer.made",
        "title": "Rahim bids",
        "negotiation": 17,
        "booking": None,
        "property": 4,
        "at": "2026-11-22T12:00:00.000Z",
        "read": False,
    }
    (publication,) = pushed
    assert (publication.topic, publication.seq) == (f"user:{user.pk}", row.pk)
    assert orjson.loads(publication.frame) == {"type": "notification"} | expected
    assert api_of(user).get("/api/notification/").json() == [expected]


def test_many_are_stored_with_one_statement(
    pushed: list[Publication], django_assert_num_queries: Callable[..., Any]
) -> None:
    users = [make_user() for _ in range(5)]
    with django_assert_num_queries(1):
        notify_many([Notification(user=u, kind="dates.free", title="x" * 400, at=NOON) for u in users])
    assert [p.topic for p in pushed] == [f"user:{u.pk}" for u in users]
    assert {len(n.title) for n in Notification.objects.all()} == {300}


def test_what_a_transaction_takes_back_is_never_pushed(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    class TakenBack(Exception):
        pass

    user = make_user()

    def fail() -> None:
        with transaction.atomic():
            notify(user_id=user.pk, kind="offer.made", title="-", now=NOON)
            raise TakenBack

    with django_capture_on_commit_callbacks() as callbacks, pytest.raises(TakenBack):
        fail()
    assert callbacks == []
    assert not Notification.objects.exists()


def test_reading_one_tells_the_other_tabs(pushed: list[Publication]) -> None:
    user, api = make_user(), None
    rows = [notify(user_id=user.pk, kind="offer.made", title="-", now=NOON) for _ in range(3)]
    pushed.clear()
    api = api_of(user)
    for _ in range(2):
        answer = api.post(f"/api/notification/{rows[0].pk}/read/")
        assert (answer.status_code, answer.data) == (200, {"unread": 2})
    assert orjson.loads(pushed[0].frame) == {"type": "unread", "unread": 2}
    assert [row["read"] for row in api.get("/api/notification/").data] == [False, False, True]
    assert api.get("/auth/user/").data["unread"] == 2


def test_reading_all() -> None:
    user, other = make_user(), make_user()
    for owner in (user, user, other):
        notify(user_id=owner.pk, kind="offer.made", title="-", now=NOON)
    assert api_of(user).post("/api/notification/read_all/").data == {"unread": 0}
    assert Notification.objects.filter(read_at=None).count() == 1


@pytest.mark.parametrize("name", ["0", "999999999", "9" * 30, "null", "-1", "1.5"])
def test_what_is_not_there_cannot_be_read(name: str) -> None:
    assert api_of(make_user()).post(f"/api/notification/{name}/read/").status_code == 404


def test_somebody_elses_is_not_there() -> None:
    row = notify(user_id=make_user().pk, kind="offer.made", title="-", now=NOON)
    api = api_of(make_user())
    assert api.post(f"/api/notification/{row.pk}/read/").status_code == 404
    assert api.get("/api/notification/").data == []


def test_pages_follow_one_another(django_assert_num_queries: Callable[..., Any]) -> None:
    user = make_user()
    ids = [notify(user_id=user.pk, kind="offer.made", title="-", now=NOON).pk for _ in range(5)]
    api, url, seen = api_of(user), "/api/notification/?limit=2", []
    while url:
        answer = api.get(url)
        seen += [row["id"] for row in answer.data]
        url = answer.get("Link", "").partition(">")[0].strip("<")
    assert seen == ids[::-1]
    with django_assert_num_queries(2):
        api.get("/api/notification/")


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=x", "cursor=" + "9" * 30, "limit=%00"])
def test_a_page_that_makes_no_sense_is_refused(query: str) -> None:
    assert api_of(make_user()).get(f"/api/notification/?{query}").status_code == 400


@pytest.mark.django_db(transaction=True)
def test_of_parallel_reads_the_figure_that_is_told_last_is_the_true_one(pushed: list[Publication], rounds: Any) -> None:
    for _ in range(rounds(4, 25)):
        user = make_user()
        rows = [notify(user_id=user.pk, kind="offer.made", title="-", now=NOON) for _ in range(7)]
        pushed.clear()
        read = [partial(read_notification, user_id=user.pk, notification_id=row.pk, now=NOON) for row in rows[:6]]
        answers = at_once(*read)
        told = [orjson.loads(one.frame)["unread"] for one in pushed]
        assert told[-1] == min(answers) == 1
        assert told == sorted(told, reverse=True)
