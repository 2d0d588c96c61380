"""What REST lists: rows, filters and pages."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from core import clock, hooks
from negotiation.events import STATUSES
from negotiation.models import Entry
from properties.models import Photo, Property
from tests.factories.accounts import client_of
from tests.factories.stays import day, make_meal, make_property, make_user
from tests.negotiation.play import Play, opened
from tests.negotiation.rest import get

pytestmark = pytest.mark.django_db
SNAPSHOT = {
    "id", "status", "turn", "property", "guest", "host", "start_date", "end_date", "guests", "booking_type", "meals",
    "currency", "list_amount", "standing_offer", "offers_left", "booking", "limits", "last_seq", "online", "seen", "created_at",
    "updated_at",
}  # fmt: skip
MORE = {
    "property_id", "guest_id", "host_id", "property_name", "property_photo", "check_in_date", "check_out_date",
    "number_of_guests", "base_price", "platform_fee", "tax", "default_price", "guest_price", "host_price",
    "negotiation_status",
}  # fmt: skip

DRAWN = "http://testserver/media/drawn/home/house.png"


class TestRows:
    def test_every_field_is_there(self) -> None:
        home = make_property(make_user(is_host=True, first_name="Hasan", last_name="Ali"), cleaning_fee=Decimal(100))
        meal = make_meal(home)
        play = Play(home=home)
        order = {"breakfast": [{"id": meal.pk, "quantity": 2, "date": None}]}
        play.open("2000", booking_type="stay_with_meal", meals=order)
        for row in (get(play.guest, "as_guest/")[0], get(play.host, "as_host/")[0]):
            assert set(row) == SNAPSHOT | MORE
        assert row["property"] == {"id": home.pk, "title": "Lake House", "photo": DRAWN}
        assert row["host"] == {"id": home.host.pk, "name": "Hasan Ali"}
        # 2000 + 240 + 100 = 2340: fee 117, tax 234; the list: 3340, fee 167, tax 334.
        assert {name: row[name] for name in MORE} == {
            "property_id": home.pk, "guest_id": play.guest.pk, "host_id": play.host.pk, "property_name": "Lake House",
            "property_photo": DRAWN, "check_in_date": day(0).isoformat(), "check_out_date": day(3).isoformat(),
            "number_of_guests": 2, "base_price": "1000.00", "platform_fee": "117.00", "tax": "234.00",
            "default_price": "3000.00", "guest_price": "2000.00", "host_price": None,
            "negotiation_status": "Guest Proposed",
        }  # fmt: skip
        play.answer("host", "decline")
        row = get(play.guest, "as_guest/")[0]
        assert (row["platform_fee"], row["tax"], row["guest_price"]) == ("167.00", "334.00", "2000.00")

    def test_the_photo_is_an_absolute_url(self) -> None:
        play = opened()
        Photo.objects.create(property=play.home, image="photos/a.jpg", thumbnail="photos/b.jpg")
        row = get(play.guest, "as_guest/")[0]
        assert row["property_photo"] == row["property"]["photo"]
        assert row["property_photo"].startswith("http://testserver/")

    def test_a_name_is_never_an_e_mail(self) -> None:
        play = Play(guest=make_user("rahim.k", first_name="", last_name=""))
        play.open()
        assert "@" not in str(get(play.host, "as_host/"))
        assert get(play.host, "as_host/")[0]["guest"]["name"] == "rahim.k"

    def test_each_side_sees_its_own_and_nobody_else_any(self) -> None:
        play, other = opened(), opened()
        assert [row["id"] for row in get(play.guest, "as_guest/")] == [play.id]
        assert [row["id"] for row in get(play.host, "negotiations/as_host/")] == [play.id]
        assert get(play.guest, "as_host/") == get(play.host, "as_guest/") == []
        assert get(make_user(), "negotiations/as_guest/") == []
        assert other.id != play.id

    def test_signed_out_is_401(self) -> None:
        assert APIClient().get("/api/nego/as_guest/").status_code == 401

    @pytest.mark.parametrize("prefix", ["", "/host", "/guest"])
    def test_the_gateways_other_paths(self, prefix: str) -> None:
        play = opened()
        assert len(client_of(play.guest).get(f"{prefix}/api/nego/as_guest/").json()) == 1

    def test_a_list_asks_no_more_for_more_rows(self, django_assert_num_queries: Callable[..., Any]) -> None:
        guest = make_user()
        for n in range(3):
            opened("500", guest=guest, start=day(n), end=day(n + 1))
        api = client_of(guest)
        api.get("/api/nego/as_guest/")
        with django_assert_num_queries(1):
            assert len(api.get("/api/nego/as_guest/").json()) == 3
        for n in range(3, 12):
            opened("500", guest=guest, start=day(n), end=day(n + 1))
        with django_assert_num_queries(1):
            assert len(api.get("/api/nego/as_guest/").json()) == 12


class TestFilters:
    def games(self) -> tuple[User, dict[str, int]]:
        """One negotiation of each status, all of one guest."""
        guest = make_user()
        plays = {
            status: Play(guest=guest, start=day(4 * n), end=day(4 * n + 3), now=clock.now() - timedelta(hours=2))
            for n, status in enumerate(STATUSES)
        }
        for status, play in plays.items():
            play.open(
                None if status == "closed" else "2000", message="?", expires_in=300 if status == "expired" else None
            )
        plays["accepted"].answer("host", "accept")
        plays["declined"].answer("host", "decline")
        plays["withdrawn"].answer("guest", "withdraw")
        plays["closed"].do("guest", "negotiation.close")
        home = plays["superseded"].home
        Property.objects.filter(pk=home.pk).update(status="unlisted")
        hooks.property_unlisted(property_id=home.pk, now=clock.now())
        return guest, {status: play.id for status, play in plays.items()}

    def test_by_the_status_word_as_it_reads_now(self) -> None:
        guest, ids = self.games()
        for status in STATUSES:
            assert [row["id"] for row in get(guest, f"as_guest/?status={status}")] == [ids[status]], status
        assert {row["id"] for row in get(guest, "as_guest/?status=")} == set(ids.values())
        expired = get(guest, "as_guest/?status=expired")[0]
        assert (expired["status"], expired["turn"], expired["standing_offer"]) == ("expired", None, None)
        assert not Entry.objects.filter(negotiation_id=ids["expired"], kind="offer.expired").exists()

    @pytest.mark.parametrize("status", ["Open", "pending", "open'--", "\x00"])
    def test_no_other_word(self, status: str) -> None:
        answer = client_of(make_user()).get("/api/nego/as_guest/", {"status": status})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["status"])


class TestPages:
    def test_newest_first_by_link_and_each_once(self) -> None:
        guest = make_user()
        ids = [opened("500", guest=guest, start=day(n), end=day(n + 1)).id for n in range(7)]
        api, seen, url = client_of(guest), [], "/api/nego/as_guest/?limit=3&status=open"
        for _ in range(5):
            answer = api.get(url)
            seen += [row["id"] for row in answer.json()]
            if "Link" not in answer:
                break
            assert answer["Link"].endswith('>; rel="next"')
            url = answer["Link"].split(">")[0].lstrip("<")
        assert seen == ids[::-1]

    @pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=-1", f"cursor={10**30}"])
    def test_no_page(self, query: str) -> None:
        answer = client_of(make_user()).get(f"/api/nego/as_guest/?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")

    def test_the_log_is_read_in_pages_of_three_hundred(self) -> None:
        play = opened()
        Entry.objects.bulk_create(
            Entry(negotiation_id=play.id, seq=n, kind="message.sent", actor="guest", data={"text": str(n)}, at=play.now)
            for n in range(3, 451)
        )
        play.negotiation.__class__.objects.filter(pk=play.id).update(last_seq=450)
        first = get(play.host, f"{play.id}/entries/")
        assert (len(first["entries"]), first["more"], first["negotiation"]["last_seq"]) == (300, True, 450)
        rest = get(play.host, f"{play.id}/entries/?after_seq={first['entries'][-1]['seq']}")
        assert ([e["seq"] for e in rest["entries"]], rest["more"]) == (list(range(301, 451)), False)
        assert get(play.host, f"{play.id}/entries/?after_seq=450")["entries"] == []
        some = get(play.host, f"{play.id}/entries/?after_seq=5&limit=2")
        assert ([e["seq"] for e in some["entries"]], some["more"]) == ([6, 7], True)
        assert get(play.host, f"{play.id}/entries/?after_seq=9999")["entries"] == []
        whole = get(play.host, f"negotiation_details/{play.id}/")
        assert [e["seq"] for e in whole["entries"]] == list(range(1, 451))
        assert set(whole["entries"][0]) == {"type", "negotiation", "seq", "at", "kind", "actor", "data"}
