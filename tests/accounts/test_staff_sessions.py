"""How long a sign-in of the staff lasts, and where their pages are."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuthToken, Session
from accounts.selectors.credentials import list_live_credentials
from accounts.session_store import STAFF_KEY, staff_session_ends
from core import clock
from tests.accounts.test_admin import waiting
from tests.factories.accounts import NOON, api_of, browser_of, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Any:
    return make_user("boss", is_staff=True, is_superuser=True)


@pytest.mark.parametrize(
    ("after", "minutes"), [(0, 30), (7 * 60, 30), (7 * 60 + 45, 15), (8 * 60, 0)]
)  # fmt: skip
def test_thirty_minutes_idle_and_eight_hours_in_all(after: int, minutes: int) -> None:
    now = NOON + timedelta(minutes=after)
    assert staff_session_ends(NOON, now) - now == timedelta(minutes=minutes)


def test_a_session_of_the_staff_ends_with_its_idle_time_and_use_keeps_it(boss: Any) -> None:
    browser = browser_of(boss)
    session = Session.objects.get()
    assert session.expire_date - clock.now() <= timedelta(minutes=30)
    Session.objects.update(expire_date=clock.now() + timedelta(minutes=5))
    assert browser.get("/admin/").status_code == 200
    assert Session.objects.get().expire_date - clock.now() > timedelta(minutes=29)
    Session.objects.update(expire_date=clock.now())
    assert browser.get("/admin/").status_code == 302


def test_after_eight_hours_it_is_over_however_busy(boss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browser_of(boss)
    later = clock.now() + timedelta(hours=8, seconds=1)
    Session.objects.update(expire_date=later + timedelta(minutes=20))
    monkeypatch.setattr(clock, "now", lambda: later)
    assert browser.get("/admin/").status_code == 302
    assert not Session.objects.filter(user=boss).exists()


def test_its_cookie_ends_with_the_browser_and_sockets_with_its_row(boss: Any) -> None:
    browser = browser_of(boss)
    key = str(browser.session.session_key)
    assert browser.session[STAFF_KEY]
    live = list_live_credentials([("session", key)], clock.now())
    assert live["session", key] == Session.objects.get().expire_date


def test_a_token_has_the_powers_of_staff_for_eight_hours(boss: Any) -> None:
    url = f"/auth/documents/{waiting().pk}/file/"
    api = api_of(boss, second_factor=True)
    assert api.get(url).status_code == 200
    AuthToken.objects.update(created=clock.now() - timedelta(hours=8))
    assert api.get(url).status_code == 404


def test_the_staffs_pages_are_where_the_settings_say(boss: Any, settings: Any) -> None:
    browser = browser_of(boss)
    settings.ADMIN_HOSTS = frozenset({"staff.stay.example"})
    settings.ALLOWED_HOSTS = ["staff.stay.example", "testserver"]
    assert browser.get("/admin/").status_code == 404
    assert browser.get("/admin/accounts/user/").status_code == 404
    assert browser.get("/admin/", HTTP_HOST="staff.stay.example").status_code == 200
    settings.ADMIN_HOSTS = frozenset()
    settings.ADMIN_NETWORKS = ("192.0.2.0/24", "2001:db8::/32")
    assert browser.get("/admin/", REMOTE_ADDR="198.51.100.1").status_code == 404
    for inside in ("192.0.2.77", "2001:db8:1::5", "::ffff:192.0.2.1"):
        assert browser.get("/admin/", REMOTE_ADDR=inside).status_code == 200
    settings.TRUSTED_PROXIES = 1
    forged = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.1, 198.51.100.1"}
    assert browser.get("/admin/", **forged).status_code == 404
    assert Client().get("/login/", REMOTE_ADDR="198.51.100.1").status_code == 200
