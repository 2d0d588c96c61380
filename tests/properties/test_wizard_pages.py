"""The wizard's forms: the same bodies as the API's, kept drafts, refusals where they belong."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict
from PIL import Image

from accounts.models import User
from properties.models import Property
from properties.pages.bodies import body_of
from tests.factories.accounts import make_user
from tests.factories.properties import make_property

pytestmark = pytest.mark.django_db

PLACE = {
    "property_type": "Cabin", "property_sub_type": "Entire place", "stay": "true", "stay_with_meal": "true",
    "location.latitude": "24.3065", "location.longitude": "91.7296", "location.selected_location": "Sreemangal",
    "some_basics.number_of_guests": "4", "some_basics.number_of_bedrooms": "2", "some_basics.number_of_beds": "3",
    "some_basics.number_of_bathrooms": "1", "timezone": "Asia/Dhaka",
}  # fmt: skip
PRICE = {
    "price": "4500", "currency": "BDT", "negotiation_availability": "true", "negotiation.offers_per_side": "4",
    "discounts.weeklyStay": "10", "discounts.monthlyStay": "", "cancellation_policy": "firm",
    "price_rules.0.start_date": "2027-12-20", "price_rules.0.end_date": "2028-01-05", "price_rules.0.price": "6000",
    "price_rules.0.weekdays": ["4", "5"], "price_rules.3.start_date": "", "price_rules.3.price": "",
}  # fmt: skip


@pytest.fixture
def host() -> User:
    return make_user("rahim")


@pytest.fixture
def page(client: Client, host: User) -> Client:
    client.force_login(host)
    return client


def picture(name: str = "front.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


def start(page: Client) -> Property:
    answer = page.post("/hosting/new/", PLACE)
    assert answer.status_code == 302
    return Property.objects.get()


def save(page: Client, row: Property, step: int, **fields: Any) -> str:
    answer = page.post(f"/hosting/{row.pk}/step/{step}/", fields)
    assert answer.status_code == 302, answer.context["errors"]
    return str(answer["Location"])


def test_seven_steps_list_a_home(page: Client, host: User) -> None:
    row = start(page)
    assert save(page, row, 2, regular_amenities=["Wifi"], **{"standout_amenities.own": "Piano, Tea", "uploads": [picture()]}) \
        == f"/hosting/{row.pk}/step/3/"  # fmt: skip
    save(page, row, 3, house_title="Tea bungalow", highlights=["Peaceful"], description="Green.")
    assert save(page, row, 4, **PRICE) == f"/hosting/{row.pk}/step/5/"
    # No paying guests here: step 6 is passed over.
    assert save(page, row, 5, **{"breakfast.0.name": "Paratha", "breakfast.0.price": "120", "breakfast.0.photo": picture()}) \
        == f"/hosting/{row.pk}/step/7/"  # fmt: skip
    assert save(page, row, 7, open="always") == f"/hosting/{row.pk}/"
    row.refresh_from_db()
    host.refresh_from_db()
    assert (row.status, row.title, str(row.price), row.always_open) == ("listed", "Tea bungalow", "4500.00", True)
    assert host.is_host
    assert [amenity.name for amenity in row.amenities.all()] == ["Wifi", "Piano", "Tea"]
    assert row.photos.count() == 1
    assert [(str(rule.price), rule.weekdays) for rule in row.price_rules.all()] == [("6000.00", [4, 5])]
    assert row.meals.get().photo


def test_what_is_saved_is_shown_again(page: Client) -> None:
    row = start(page)
    save(page, row, 4, **PRICE)
    shown = page.get(f"/hosting/{row.pk}/step/4/").content.decode()
    assert 'value="4500.00"' in shown
    assert 'value="2027-12-20"' in shown
    first = page.get(f"/hosting/{row.pk}/step/1/").content.decode()
    assert 'value="24.3065"' in first
    assert 'value="Cabin" required checked' in first


def test_a_draft_is_left_and_resumed(page: Client) -> None:
    row = start(page)
    assert save(page, row, 3, house_title="Tea bungalow", leave="1") == f"/hosting/{row.pk}/"
    assert f"/hosting/{row.pk}/step/2/" in page.get("/hosting/").content.decode()
    assert f"/hosting/{row.pk}/step/2/" in page.get(f"/hosting/{row.pk}/").content.decode()


def test_a_refused_step_keeps_what_was_typed_and_says_what_is_wrong(page: Client) -> None:
    row = start(page)
    answer = page.post(f"/hosting/{row.pk}/step/4/", PRICE | {"price": "0.5", "discounts.weeklyStay": "200"})
    assert answer.status_code == 400
    assert set(answer.context["errors"]) == {"price", "discounts.weeklyStay"}
    shown = answer.content.decode()
    assert 'value="0.5"' in shown
    assert 'aria-invalid="true"' in shown
    row.refresh_from_db()
    assert row.price is None


def test_listing_too_early_names_what_is_missing(page: Client) -> None:
    row = start(page)
    answer = page.post(f"/hosting/{row.pk}/step/7/", {"open": "always"})
    assert answer.status_code == 409
    assert f'<a href="/hosting/{row.pk}/step/3/">' in answer.content.decode()


def test_windows(page: Client, host: User) -> None:
    row = make_property(host)
    save(
        page,
        row,
        7,
        **{"open": "dates", "selected_dates.0.start_date": "2099-12-01", "selected_dates.0.end_date": "2099-12-24"},
    )
    row.refresh_from_db()
    assert not row.always_open
    assert row.windows.count() == 1
    save(
        page,
        row,
        7,
        open="always",
        **{"selected_dates.0.start_date": "2099-12-01", "selected_dates.0.end_date": "2099-12-24"},
    )
    row.refresh_from_db()
    assert row.always_open


def test_off_the_market_and_back(page: Client, host: User) -> None:
    row = make_property(host)
    for number in (2, 3, 4, 7):
        assert number in row.steps_done
    assert page.post(f"/hosting/{row.pk}/unlist/").status_code == 302
    row.refresh_from_db()
    assert row.status == "unlisted"
    page.post(f"/hosting/{row.pk}/relist/")
    row.refresh_from_db()
    assert row.status == "listed"


@pytest.mark.parametrize("path", ["", "step/1/", "step/4/"])
def test_nobody_else_sees_it(client: Client, path: str) -> None:
    row = make_property()
    client.force_login(make_user())
    assert client.get(f"/hosting/{row.pk}/{path}").status_code == 404
    assert client.post(f"/hosting/{row.pk}/unlist/").status_code == 404


@pytest.mark.parametrize("path", ["/hosting/", "/hosting/new/", "/hosting/1/"])
def test_signed_out_goes_to_the_door(client: Client, path: str) -> None:
    assert client.get(path)["Location"].startswith("/login/")


@pytest.mark.parametrize("fields", [
    {"price_rules": "x", "price_rules.0.price": "1"}, {"price_rules.0": "x"}, {"location.latitude.deeper.and.deeper": "1"},
    {"price": "\x00"}, {"price": "9" * 400}, {"price_rules.99999999999999999999.price": "5"}, {"discounts": "none"}, {},
    {"price_rules.²": "5"}, {"min_nights": "1e9"},
])  # fmt: skip
def test_junk_is_refused(page: Client, fields: dict[str, str]) -> None:
    row = start(page)
    assert page.post(f"/hosting/{row.pk}/step/4/", fields).status_code == 400
    assert page.get(f"/hosting/{row.pk}/step/9/").status_code == 404
    assert page.get(f"/hosting/?before={'9' * 30}").status_code == 200


def test_rows_keep_their_order_and_empty_ones_go() -> None:
    post = QueryDict("lunch.10.name=c&lunch.2.name=b&lunch.1.name=&lunch.1.price=&lunch.0.name=a&lunch.0.id=4")
    body = body_of(post, MultiValueDict())
    assert body["lunch"] == [{"name": "a", "id": "4"}, {"name": "b"}, {"name": "c"}]


def test_a_step_that_a_home_has_not_leads_to_those_it_has(page: Client, host: User) -> None:
    row = make_property(host)
    answer = page.get(f"/hosting/{row.pk}/step/6/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/hosting/{row.pk}/")
