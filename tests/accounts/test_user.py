"""Reading, changing and closing the own account."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.authentication import authenticate_token
from accounts.models import User, UserProfile
from accounts.services.accounts import change_account
from accounts.services.closing import close_account, reopen_account, settle_closed_accounts
from core import clock, hooks
from tests.accounts.test_sign_up import data_url
from tests.factories.accounts import NOON, PASSWORD, api_of, make_token, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD)


def test_reading_it_takes_two_queries(rahim: User, django_assert_num_queries: Callable[..., Any]) -> None:
    api = api_of(rahim)
    with django_assert_num_queries(2):
        assert api.get("/auth/user/").status_code == 200


def test_what_is_given_changes_and_the_rest_stays(rahim: User) -> None:
    api = api_of(rahim)
    api.patch("/auth/user/", {"first_name": "Rahim", "phone": "123", "address": "Road 1"})
    answer = api.patch("/auth/user/", {"last_name": "Uddin", "phone": "456", "address": "", "first_name": None})
    assert answer.status_code == 200
    assert {k: answer.data[k] for k in ("first_name", "last_name", "phone", "address")} == {
        "first_name": "Rahim",
        "last_name": "Uddin",
        "phone": "456",
        "address": "Road 1",
    }
    assert api.get("/auth/user/").data == answer.data


def test_the_profile_may_come_as_at_sign_up(rahim: User) -> None:
    answer = api_of(rahim).patch("/auth/user/", {"profile": {"phone": "789"}})
    assert answer.data["phone"] == "789"


def test_what_is_the_servers_to_say_is_ignored(rahim: User) -> None:
    body = {"id": 5, "username": "other", "is_host": True, "superhost": True, "verified": True, "is_staff": True}
    before = api_of(rahim).get("/auth/user/").data
    assert api_of(rahim).patch("/auth/user/", body).data == before


class Interrupted(dict[str, Any]):
    """Changes during whose reading something else happens, as another request might."""

    def __init__(self, changes: dict[str, Any], other: Callable[[], Any]) -> None:
        super().__init__(changes)
        self.other: Callable[[], Any] | None = other

    def get(self, name: str, default: Any = None) -> Any:
        other, self.other = self.other, None
        if other:
            other()
        return super().get(name, default)


def test_two_changes_at_once_lose_neither(rahim: User) -> None:
    def change(changes: dict[str, Any]) -> None:
        change_account(user_id=rahim.pk, changes=changes, address="192.0.2.1", now=NOON)

    change({"phone": "1", "first_name": "Rahim", "last_name": "Uddin"})

    def meanwhile() -> None:
        change({"profile_picture": data_url(), "first_name": "Karim", "address": "Road 1"})
        UserProfile.objects.filter(user=rahim).update(response_rate=90)

    change(Interrupted({"phone": "2", "clear": ["last_name"]}, meanwhile))
    user = User.objects.select_related("profile").get(pk=rahim.pk)
    assert (user.first_name, user.last_name, user.profile.phone) == ("Karim", "", "2")
    assert (user.profile.address, user.profile.response_rate) == ("Road 1", 90)
    assert user.profile.profile_picture.storage.exists(user.profile.profile_picture.name)


def test_a_picture_is_replaced_and_the_old_file_goes(rahim: User) -> None:
    api = api_of(rahim)
    first = api.patch("/auth/user/", {"profile_picture": data_url()}).data["profile_picture"]
    second = api.patch("/auth/user/", {"profile_picture": data_url("JPEG")}).data["profile_picture"]
    files = [settings.MEDIA_ROOT / url.partition("/media/")[2] for url in (first, second)]
    assert [file.exists() for file in files] == [False, True]
    cleared = api.patch("/auth/user/", {"clear": ["profile_picture"]})
    assert "/media/drawn/person/" in cleared.data["profile_picture"]
    assert not files[1].exists()


def test_the_address_of_the_picture_sent_back_changes_nothing(rahim: User) -> None:
    api = api_of(rahim)
    url = api.patch("/auth/user/", {"profile_picture": data_url()}).data["profile_picture"]
    answer = api.patch("/auth/user/", {"profile_picture": url, "phone": "5"})
    assert (answer.status_code, answer.data["profile_picture"], answer.data["phone"]) == (200, url, "5")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": "x" * 151}, "first_name"),
        ({"phone": "1" * 33}, "phone"),
        ({"address": "x" * 501}, "address"),
        ({"profile_picture": "https://example.com/a.png"}, "profile_picture"),
        ({"profile_picture": "data:image/png;base64,AAAA"}, "profile_picture"),
        ({"email": "nonsense"}, "email"),
        ({"email": "new@example.com"}, "password"),
        ({"email": "new@example.com", "password": "wrong"}, "password"),
        ({"email": "Taken@example.com", "password": PASSWORD}, "email"),
        ({"clear": ["username"]}, "clear.0"),
        ({"clear": 5}, "clear"),
    ],
)
def test_what_is_not_good_enough_changes_nothing(rahim: User, body: dict[str, Any], field: str) -> None:
    make_user("taken")
    api = api_of(rahim)
    answer = api.patch("/auth/user/", {"last_name": "Uddin"} | body)
    assert (answer.status_code, [name.removesuffix(".0") for name in answer.data["fields"]]) == (
        400,
        [field.removesuffix(".0")],
    )
    assert api.get("/auth/user/").data["last_name"] == ""


def test_an_account_made_by_a_command_has_no_profile_and_can_get_one(rahim: User) -> None:
    assert api_of(rahim).get("/auth/user/").data["phone"] == ""
    assert api_of(rahim).patch("/auth/user/", {"phone": "5"}).data["phone"] == "5"


@pytest.fixture
def closings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns a list that gets the accounts whose closing the apps above are told about."""
    heard: list[int] = []
    monkeypatch.setattr(hooks.account_closed, "functions", [lambda user_id, now: heard.append(user_id)])
    return heard


@pytest.mark.django_db(transaction=True)
def test_closing_signs_out_and_tells_the_floors_above(rahim: User, closings: list[int]) -> None:
    api = api_of(rahim)
    assert api.delete("/auth/user/", {"password": "wrong"}).status_code == 400
    assert closings == []
    assert api.delete("/auth/user/", {"password": PASSWORD}).status_code == 204
    assert closings == [rahim.pk]
    assert api.get("/auth/user/").status_code == 401
    assert APIClient().post("/auth/login/", {"username": "rahim", "password": PASSWORD}).status_code == 400


def test_the_clock_settles_a_closing_once_more(rahim: User, closings: list[int]) -> None:
    close_account(user_id=rahim.pk, now=NOON)
    assert settle_closed_accounts(NOON + timedelta(seconds=59)) == 0
    assert settle_closed_accounts(NOON + timedelta(seconds=60)) == 1
    assert settle_closed_accounts(NOON + timedelta(days=1)) == 0
    assert closings == [rahim.pk]


def test_a_closed_account_can_be_opened_again(rahim: User) -> None:
    close_account(user_id=rahim.pk, now=NOON)
    reopen_account(user_id=rahim.pk)
    _, key = make_token(rahim)
    assert authenticate_token(key, clock.now())
    assert settle_closed_accounts(NOON + timedelta(days=1)) == 0
