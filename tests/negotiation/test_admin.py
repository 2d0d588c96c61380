"""Staff look into negotiations and change nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import reverse

from accounts.admin.read_only import ReadOnlyAdmin
from negotiation.models import Negotiation
from tests.factories.accounts import sign_in
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db
LIST = "admin:negotiation_negotiation_changelist"
CHANGE = "admin:negotiation_negotiation_change"

Counting = Callable[..., Any]


@pytest.fixture
def staff() -> Client:
    client = Client()
    sign_in(client, make_user(is_staff=True, is_superuser=True))
    return client


def played(message: str = "Hello") -> Play:
    play = Play()
    play.open("2000", message=message)
    play.offer("host", 2900)
    play.offer("guest", 2400)
    play.answer("host", "accept")
    return play


def test_the_whole_log_is_shown_and_escaped(staff: Client) -> None:
    play = played(message="<script>alert(1)</script>")
    page = staff.get(reverse(CHANGE, args=[play.id])).content.decode()
    for words in (
        "negotiation.opened",
        "offer.made",
        "offer.accepted",
        "2000.00",
        "2900.00",
        "2400.00",
        "message.sent",
    ):
        assert words in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("asked", "status"), [("guest_limit__gte=1", 400), ("host_limit_until__isnull=1", 400), ("status=open", 200)]
)
def test_what_is_not_shown_is_not_found_by_asking_for_it(staff: Client, asked: str, status: int) -> None:
    answer = staff.get(f"{reverse(LIST)}?{asked}")
    assert answer.status_code == status
    for table, admin in site._registry.items():
        if isinstance(admin, ReadOnlyAdmin):
            hidden = {"digest", "card", "ical_nonce", "ical_token_hash", "url", "guest_limit"} & {
                f.name for f in table._meta.fields
            }
            assert not [
                name for name in hidden if admin.lookup_allowed(f"{name}__startswith", "a", answer.wsgi_request)
            ], table


@pytest.mark.parametrize("query", ["Lake House", "Rahim", "Hasan", "{id}", "{email}"])
def test_it_is_found_by_number_home_and_people(staff: Client, query: str) -> None:
    play = played()
    # No digits in their names, of which one might be the number that is looked for.
    other = Play(home=make_property(make_host("olga"), title="Other"), guest=make_user("otto", first_name="Other"))
    other.open()
    words = query.format(id=play.id, email=play.guest.email)
    found = staff.get(reverse(LIST), {"q": words}).context["cl"].queryset
    assert play.id in {row.pk for row in found}
    if query != "Hasan":
        assert other.id not in {row.pk for row in found}


def test_the_list_asks_no_more_for_more_rows(staff: Client, django_assert_max_num_queries: Counting) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(20) as asked:
            assert staff.get(reverse(LIST)).status_code == 200
        return len(asked)

    for n in range(2):
        Play(start=day(n), end=day(n + 1)).open("500")
    few = queries()
    for n in range(2, 12):
        Play(start=day(n), end=day(n + 1)).open("500")
    assert queries() == few


def test_a_long_haggle_asks_no_more_than_a_short_one(staff: Client, django_assert_max_num_queries: Counting) -> None:
    def queries(play: Play) -> int:
        with django_assert_max_num_queries(20) as asked:
            assert staff.get(reverse(CHANGE, args=[play.id])).status_code == 200
        return len(asked)

    short, long = Play(), Play()
    short.open()
    long.open("1000")
    for n in range(4):
        long.offer("host", 2900 - n)
        long.offer("guest", 1100 + n)
        long.do("guest", "message.send", text="Well?")
    queries(short)  # whatever the first look of a process reads once
    assert queries(short) == queries(long)


def test_nothing_is_added_changed_or_deleted(staff: Client) -> None:
    play = played()
    before = Negotiation.objects.values().get(pk=play.id)
    assert staff.get(reverse("admin:negotiation_negotiation_add")).status_code == 403
    assert staff.post(reverse(CHANGE, args=[play.id]), {"status": "open"}).status_code == 403
    assert (
        staff.post(reverse("admin:negotiation_negotiation_delete", args=[play.id]), {"post": "yes"}).status_code == 403
    )
    staff.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [play.id], "post": "yes"})
    assert Negotiation.objects.values().get(pk=play.id) == before


def test_only_staff_come_in() -> None:
    play = played()
    client = Client()
    for user in (None, play.host):
        if user is not None:
            sign_in(client, user)
        assert client.get(reverse(CHANGE, args=[play.id])).status_code == 302
