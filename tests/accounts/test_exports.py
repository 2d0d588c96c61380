"""Taking one's data along."""

import json
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts.models import DataExport, Notification
from accounts.services.exports import forget_old_exports, prepare_exports
from core import clock
from tests.accounts.own_data import close, export_of
from tests.factories.accounts import api_of
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def test_an_export_holds_what_the_account_gave_and_did(play: Play) -> None:
    guests = export_of(play.guest)
    assert guests["account.json"][0]["email"] == play.guest.email
    assert guests["profile.json"][0]["phone"] == "+880 1711"
    assert [row["data"]["text"] for row in guests["entries.json"] if row["kind"] == "message.sent"] == [
        "My flight lands at nine."
    ]
    assert guests["offers.json"][0]["amount"] == "2000.00"
    assert {"bookings.json", "stay_changes.json", "ledger.json"} <= set(guests)
    assert b"png" in [content for name, content in guests.items() if name.startswith("files/documents/")]
    hosts = export_of(play.host)
    assert hosts["homes.json"][0]["title"] == play.home.title
    assert not [row for row in hosts["entries.json"] if row["kind"] == "message.sent"]
    assert "password" not in json.dumps(guests["account.json"])


def test_it_is_its_owners_alone_for_a_day_and_told(play: Play) -> None:
    export_of(play.guest)
    assert Notification.objects.filter(user=play.guest, kind="export.ready").count() == 1
    url = "/auth/export/file/"
    assert api_of(play.host).get(url).status_code == 404
    assert APIClient().get(url).status_code == 401
    answer = api_of(play.guest).get(url)
    assert answer["Cache-Control"] == "private, no-store"
    assert "attachment" in answer["Content-Disposition"]
    close(answer)
    DataExport.objects.update(expires_at=clock.now())
    assert api_of(play.guest).get(url).status_code == 404
    name = DataExport.objects.get().file.name
    assert api_of(play.guest).get("/auth/export/").status_code == 202  # a new one
    assert not DataExport.objects.get().file
    assert not DataExport._meta.get_field("file").storage.exists(name)


def test_an_export_that_dies_in_the_middle_is_packed_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    api_of(play.guest).get("/auth/export/")
    with monkeypatch.context() as patch:
        patch.setattr("accounts.services.exports.pack", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            prepare_exports(clock.now())
    assert prepare_exports(clock.now()) == 0  # claimed
    assert prepare_exports(clock.now() + timedelta(minutes=10)) == 1


def test_an_export_is_gone_after_its_day(play: Play) -> None:
    export_of(play.guest)
    assert forget_old_exports(clock.now() + timedelta(days=1)) == 1
