"""What is left of an account that was closed, and what goes once its time is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import (
    ContactAccess,
    Document,
    DocumentAccess,
    Notification,
    Report,
    SignInPlace,
    User,
    UserProfile,
)
from accounts.services import own_data
from accounts.services.closing import close_account
from accounts.services.erasing import erase_closed_accounts
from accounts.services.exports import prepare_exports
from accounts.services.private_files import delete_orphaned_files
from bookings.models import Booking
from bookings.services.old import forget_old_bookings
from core import clock, hooks
from core.jobs import run_daily
from negotiation.models import Entry, Negotiation
from negotiation.services.people import forget_old_negotiations
from properties.models import Location, Property
from tests.factories.accounts import PASSWORD, api_of
from tests.factories.bookings import make_booking
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def closed(user: User, days: int = 30) -> None:
    close_account(user_id=user.pk, now=clock.now() - timedelta(days=days))


def rows_with(text: str) -> list[str]:
    """The tables in which any column of any row still holds that text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_thirty_days_after_closing_nothing_is_left_of_a_guest(play: Play) -> None:
    guest = play.guest
    User.objects.filter(pk=guest.pk).update(first_name="Zebulon", username="zeb1", email="zeb@example.org")
    files = [Document.objects.get(user=guest).file, UserProfile.objects.get(pk=guest.pk).profile_picture]
    closed(guest, 29)
    assert erase_closed_accounts(clock.now()) == 0
    User.objects.filter(pk=guest.pk).update(closed_at=clock.now() - timedelta(days=30))
    assert erase_closed_accounts(clock.now()) == 1
    for trace in ("Zebulon", "zeb1", "zeb@example.org", "+880 1711 ", "My flight lands"):
        assert rows_with(trace) == []
    gone = User.objects.get(pk=guest.pk)
    assert (gone.name, gone.email) == ("Deleted account", f"deleted-{guest.pk}@deleted.invalid")
    assert not [file.name for file in files if file.storage.exists(file.name)]
    assert not Document.objects.filter(user=guest).exists()
    body = {"username": "zeb1", "email": "zeb@example.org", "password": PASSWORD}
    assert APIClient().post("/auth/signup/", body).status_code == 201
    assert erase_closed_accounts(clock.now()) == 0


def test_what_a_stay_ahead_needs_stays_until_it_is_over(play: Play) -> None:
    booking = make_booking(play.home, play.guest)
    now = clock.now()
    Booking.objects.update(check_out_at=now + timedelta(days=5), check_in_at=now + timedelta(days=3))
    closed(play.guest, 31)
    assert erase_closed_accounts(now) == 0
    kept = User.objects.get(pk=play.guest.pk)
    assert (kept.email, kept.erased_at) == (play.guest.email, None)
    assert kept.profile.phone == "+880 1711"
    assert kept.profile.address == ""
    assert not Document.objects.filter(user=kept).exists()
    Booking.objects.filter(pk=booking.pk).update(status="completed", check_out_at=now - timedelta(days=31))
    assert erase_closed_accounts(now) == 1
    assert Booking.objects.get(pk=booking.pk).total == booking.total


def test_the_homes_of_a_host_go_and_one_that_a_booking_names_keeps_its_title(play: Play) -> None:
    home = play.home
    other = Play(home=Property.objects.create(host=play.host, title="Nobody's"))
    Location.objects.filter(property=home).update(house_name="Villa Verde", road_number="Road 7")
    closed(play.host)
    erase_closed_accounts(clock.now())
    assert not Property.objects.filter(pk=other.home.pk).exists()
    assert Property.objects.get(pk=home.pk).title == home.title
    assert rows_with("Villa Verde") == []
    assert not Property.objects.get(pk=home.pk).photos.exists()


def test_one_account_that_cannot_be_erased_holds_up_no_other(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(play.host, 31)
    closed(play.guest, 31)

    def erase(*, user_id: int, needed: bool, now: datetime) -> None:
        if user_id == play.host.pk:
            raise ValueError("out of order")

    monkeypatch.setattr(hooks, "account_erased", erase)
    with pytest.raises(ValueError, match="out of order"):
        erase_closed_accounts(clock.now())
    assert [User.objects.get(pk=user.pk).erased_at is not None for user in (play.host, play.guest)] == [False, True]


def test_without_its_database_the_erasing_tries_no_further_account(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(play.host, 31)
    closed(play.guest, 31)
    tried: list[int] = []

    def erase(*, user_id: int, needed: bool, now: datetime) -> None:
        tried.append(user_id)
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(hooks, "account_erased", erase)
    with pytest.raises(OperationalError):
        erase_closed_accounts(clock.now())
    assert tried == [play.host.pk]


def test_reopened_in_time_nothing_is_erased(play: Play) -> None:
    closed(play.guest)
    User.objects.filter(pk=play.guest.pk).update(is_active=True)
    assert erase_closed_accounts(clock.now()) == 0


@pytest.mark.parametrize(
    ("job", "days"),
    [("document_files", 30), ("looks", 365), ("reports", 730), ("places", 90), ("notifications", 180), ("admin_log", 730)],
)  # fmt: skip
def test_what_has_its_time_goes_after_it_and_no_sooner(play: Play, job: str, days: int) -> None:
    user, now = play.guest, clock.now()
    Notification.objects.all().delete()
    SignInPlace.objects.all().delete()
    tables: dict[str, Any] = {
        "document_files": lambda at: Document.objects.filter(user=user).update(status="approved", reviewed_at=at),
        "looks": lambda at: (
            DocumentAccess.objects.create(document=Document.objects.get(user=user), address="-", at=at),
            ContactAccess.objects.create(user=user, address="-", at=at),
        ),
        "reports": lambda at: Report.objects.create(
            kind="person", subject_id=1, reporter=user, about=play.host, reason="spam", evidence={}, created_at=at,
            decision="dismissed", decided_at=at,
        ),
        "places": lambda at: SignInPlace.objects.create(user=user, place=b"-", last_at=at),
        "notifications": lambda at: Notification.objects.create(user=user, kind="offer.made", title="-", at=at),
        "admin_log": lambda at: LogEntry.objects.create(user=user, action_flag=2, object_repr="-", action_time=at),
    }  # fmt: skip
    tables[job](now - timedelta(days=days))
    run = getattr(own_data, f"forget_{job}")
    assert run(now - timedelta(seconds=1)) == 0
    assert run(now) == (2 if job == "looks" else 1)
    assert run(now) == 0


def test_a_documents_file_goes_and_its_judgement_stays(play: Play) -> None:
    Document.objects.update(status="approved", reviewed_at=clock.now() - timedelta(days=30))
    document = Document.objects.get(user=play.guest)
    assert own_data.forget_document_files(clock.now()) == 2
    assert not document.file.storage.exists(document.file.name)
    (row,) = api_of(play.guest).get("/auth/documents/").data
    assert (row["status"], row["url"]) == ("approved", None)
    assert api_of(play.guest).get(f"/auth/documents/{document.pk}/file/").status_code == 404


def test_old_negotiations_go_two_years_after_their_end(play: Play) -> None:
    play.answer("host", "decline")
    now = clock.now()
    Negotiation.objects.update(updated_at=now - timedelta(days=729))
    assert forget_old_negotiations(now) == 0
    Negotiation.objects.update(updated_at=now - timedelta(days=730))
    assert forget_old_negotiations(now) == 1
    assert not Entry.objects.exists()


def test_an_agreed_one_lasts_until_two_years_after_its_stay_and_its_booking_longer(play: Play) -> None:
    play.answer("host", "accept")
    now = clock.now()
    Negotiation.objects.update(updated_at=now - timedelta(days=800))
    Booking.objects.update(status="completed", check_out_at=now - timedelta(days=729))
    assert forget_old_negotiations(now) == 0
    Booking.objects.update(check_out_at=now - timedelta(days=730))
    assert forget_old_negotiations(now) == 1
    assert Booking.objects.count() == 1
    assert forget_old_bookings(now) == 0
    Booking.objects.update(check_out_at=now - timedelta(days=3653))
    assert forget_old_bookings(now) == 1
    assert not Booking.objects.exists()


def test_private_files_without_a_row_are_swept_a_day_later(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.services.private_files.FILES_AT_ONCE", 1)
    storage = Document._meta.get_field("file").storage
    lost, kept = storage.save("documents/lost.png", ContentFile(b"x")), Document.objects.first()
    assert kept is not None
    delete_orphaned_files(clock.now())
    assert storage.exists(lost)
    delete_orphaned_files(clock.now() + timedelta(days=1, seconds=1))
    assert not storage.exists(lost)
    assert storage.exists(kept.file.name)


@pytest.mark.django_db(transaction=True)
def test_the_daily_pass_runs_them_all(play: Play) -> None:
    closed(play.guest)
    done = run_daily()
    assert done["accounts.erasing"] == 1


def test_the_page_asks_for_data_and_closes_the_account(play: Play) -> None:
    browser = Client()
    browser.force_login(play.guest)
    assert "Ask for my data" in browser.get("/profile/data/").content.decode()
    browser.post("/profile/data/")
    assert "We pack it" in browser.get("/profile/data/").content.decode()
    prepare_exports(clock.now())
    assert "Download" in browser.get("/profile/data/").content.decode()
    assert browser.post("/profile/close/", {"password": "wrong"}).status_code == 400
    assert browser.post("/profile/close/", {"password": PASSWORD}).status_code == 302
    assert not User.objects.get(pk=play.guest.pk).is_active
