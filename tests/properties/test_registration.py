import copy
from datetime import date

import pytest

from properties.models import Property, SearchEntry
from properties.serializers.steps import Step3
from tests.factories.properties import make_entry
from tests.properties.conftest import STEP1, STEP3, STEP4, data_url, step2

pytestmark = pytest.mark.django_db


def test_seven_steps_list_a_property_and_make_its_owner_a_host(host):
    property_id = host.start()
    host.user.refresh_from_db()
    assert host.user.is_host
    for number, body in ((2, step2(data_url())), (3, STEP3), (4, STEP4)):
        assert host.step(number, property_id, body).status_code == 200
    assert not SearchEntry.objects.filter(pk=property_id).exists()
    assert host.step(7, property_id, {"selected_dates": None}).data["status"] == "listed"
    names = ["bangladesh", "dacca", "dhaka", "gulshan", "house", "lake", "ঢাকা", "বাংলাদেশ"]
    assert SearchEntry.objects.get(pk=property_id).words == names


def test_every_step_answers_what_was_sent(host):
    property_id = host.start()
    first = host.read(1, property_id).data
    assert first["location"]["latitude"] == 23.780887
    assert first["some_basics"]["number_of_guests"] == 4
    assert (first["property_type"], first["timezone"]) == ("House", "Asia/Dhaka")
    second = host.step(2, property_id, step2(data_url("red"), data_url("blue"))).data
    assert second["regular_amenities"] == [{"name": "Wifi"}, {"name": "Kitchen"}]
    assert [p["description"] for p in second["photos"]] == ["Photo 0", "Photo 1"]
    assert all(p["image_data"].startswith("http://testserver/") for p in second["photos"])
    assert host.step(3, property_id, STEP3).data == {"registration_id": property_id, **STEP3}
    fourth = host.step(4, property_id, STEP4).data
    assert (fourth["price"], fourth["currency"]) == ("1000.00", "BDT")
    assert fourth["discounts"] == {"earlyBooking": 5, "weeklyStay": 10, "monthlyStay": None}
    assert fourth["negotiation"] == {
        "auto_accept_percent": 95,
        "auto_decline_percent": 60,
        "offers_per_side": 4,
        "people_only": False,
    }
    sixth = {"allow_paying_guests": True, "description": "", "meal_price": 0, "photo": "image"}
    assert host.step(6, property_id, sixth).data == {
        "registration_id": property_id, "allow_paying_guests": True, "description": "", "meal_price": "0.00",
        "photo": "http://testserver/media/drawn/dish/table.png",
    }  # fmt: skip
    whole = host.api.get(f"/api/complete_registration/{property_id}/").data
    assert whole["step3"] == STEP3
    assert whole["step5"] is None
    assert whole["step7"] is None
    assert whole["paying_guest"]["meal_price"] == "0.00"
    assert whole["some_basics"] == first["some_basics"]


def test_a_step_is_not_there_before_its_first_save(host):
    property_id = host.start()
    for number in range(2, 8):
        assert host.read(number, property_id).status_code == 404


def test_what_is_missing_is_named_and_nothing_changes(host):
    property_id = host.start()
    host.step(3, property_id, STEP3)
    refusal = host.step(7, property_id, {"selected_dates": [{"start_date": "2199-01-01", "end_date": "2199-02-01"}]})
    assert refusal.status_code == 409
    assert refusal.data["code"] == "registration.incomplete"
    assert refusal.data["params"] == {"missing": [2, 4]}
    row = Property.objects.get(pk=property_id)
    assert (row.status, row.always_open, row.windows.count(), row.steps_done) == ("draft", True, 0, [1, 3])


def test_the_same_put_twice_is_harmless(host):
    property_id = host.list_property()
    host.step(5, property_id, {"breakfast": [{"name": "Paratha", "price": "80"}]})
    bodies = {
        1: STEP1, 2: step2(data_url()), 3: STEP3, 4: STEP4, 5: {"breakfast": [{"name": "paratha", "price": "80"}]},
        6: {"allow_paying_guests": True, "meal_price": "100", "photo": data_url()},
        7: {"selected_dates": [{"start_date": "2190-01-01", "end_date": "2190-02-01"}]},
    }  # fmt: skip
    for number, body in bodies.items():
        first, again = host.step(number, property_id, body), host.step(number, property_id, body)
        assert first.status_code == again.status_code == 200, number
        if number != 6:  # its picture is stored again
            assert first.data == again.data, number


def test_each_step_goes_back_as_it_was_answered(host):
    property_id = host.list_property()
    host.step(5, property_id, {"breakfast": [{"name": "Paratha", "price": "80", "photo": data_url()}]})
    host.step(6, property_id, {"allow_paying_guests": True, "meal_price": "100", "photo": data_url()})
    host.step(7, property_id, {"selected_dates": [{"start_date": "2020-01-01", "end_date": "2020-02-01"}]})
    for number in range(1, 8):
        saved = host.read(number, property_id).data
        again = host.step(number, property_id, copy.deepcopy(saved))
        assert (again.status_code, again.data) == (200, saved), number


# The number of the step, what is wrong in its body, and the field that the refusal names.
REFUSED = [
    (1, {"property_type": "Spaceship"}, "property_type"),
    (1, {"stay": False, "stay_with_meal": "", "paying_guest": None}, "stay"),
    (1, {"timezone": "Mars/Olympus"}, "timezone"),
    (1, {"timezone": "../etc/passwd"}, "timezone"),
    (1, {"location": {"latitude": 91, "longitude": 0, "selected_location": "x"}}, "location.latitude"),
    (1, {"location": {"latitude": "NaN", "longitude": 0, "selected_location": "x"}}, "location.latitude"),
    (1, {"some_basics": {"number_of_guests": 0}}, "some_basics.number_of_guests"),
    (2, {"photos": [{"image_data": "https://example.com/a.jpg"}]}, "photos.0.image_data"),
    (2, {"photos": [{"image_data": "data:image/png;base64,AAAA"}]}, "photos.0.image_data"),
    (2, {"photos": "none"}, "photos"),
    (3, {"house_title": " "}, "house_title"),
    (3, {"house_title": "a\x00b"}, "house_title"),
    (4, {"price": "0.99"}, "price"),
    (4, {"price": "1e5"}, "price"),
    (4, {"price": 10**30}, "price"),
    (4, {"currency": "JPY"}, "currency"),
    (4, {"discounts": {"weeklyStay": 100}}, "discounts.weeklyStay"),
    (4, {"negotiation": {"offers_per_side": 21}}, "negotiation.offers_per_side"),
    (4, {"negotiation": {"auto_accept_percent": 50, "auto_decline_percent": 60}}, "negotiation.auto_decline_percent"),
    (4, {"min_nights": 5, "max_nights": 4}, "max_nights"),
    (4, {"price_rules": [{"start_date": "2190-02-02", "end_date": "2190-01-01", "price": 5}]}, "price_rules.0.end_date"),
    (4, {"price_rules": [{"start_date": "9999-12-31", "end_date": "9999-12-31", "price": 5}]}, "price_rules.0.start_date"),
    (4, {"price_rules": [{"start_date": "2190-01-01", "end_date": "2190-02-01", "weekdays": [7], "price": 5}]},
     "price_rules.0.weekdays.0"),
    (4, {"check_in_from": "25:00"}, "check_in_from"),
    (5, {"lunch": [{"name": "Rice", "price": -1}]}, "lunch.0.price"),
    (5, {"lunch": [{"name": "Rice", "price": 1}, {"name": "rice", "price": 1}]}, "lunch"),
    (6, {"photo": "data:image/png;base64,AAAA"}, "photo"),
    (7, {"selected_dates": [{"start_date": "2190-02-02", "end_date": "2190-01-01"}]}, "selected_dates.0.end_date"),
    (7, {"selected_dates": [{"start_date": "soon"}]}, "selected_dates.0.start_date"),
]  # fmt: skip


def test_a_refused_put_names_the_field_and_changes_nothing(host):
    """One home for all, since each leaves it as it was."""
    property_id = host.list_property()
    before = host.api.get(f"/api/complete_registration/{property_id}/").data
    for number, change, field in REFUSED:
        whole = {1: STEP1, 3: STEP3, 4: STEP4}.get(number, {})
        refusal = host.step(number, property_id, copy.deepcopy(whole) | change)
        assert (refusal.status_code, refusal.data["code"]) == (400, "invalid"), change
        assert field in refusal.data["fields"], (change, refusal.data["fields"])
        assert host.api.get(f"/api/complete_registration/{property_id}/").data == before, change


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Lake\n\nhttps://x.example/\u2028House ", "Lake https://x.example/ House"),
        ("A\u202eB\x07", "AB"),
        ("ক্‌ষ 🏡", "ক্‌ষ 🏡"),
    ],
)
def test_a_title_is_one_line(written, title):
    assert Step3.read({"house_title": written})["house_title"] == title


def test_a_put_replaces_the_step_whole(host):
    property_id = host.list_property()
    host.step(4, property_id, STEP4 | {"cleaning_fee": "300", "min_nights": 3, "house_rules": "No shoes"})
    bare = host.step(4, property_id, {"price": 800}).data
    assert (bare["cleaning_fee"], bare["min_nights"], bare["house_rules"]) == ("0.00", 1, "")
    assert bare["negotiation_availability"] is False
    assert SearchEntry.objects.get(pk=property_id).price == 800


def test_the_currency_is_fixed_once_listed(host):
    property_id = host.start()
    host.step(4, property_id, STEP4 | {"currency": "usd"})
    assert host.step(4, property_id, STEP4 | {"currency": "EUR"}).data["currency"] == "EUR"
    for number, body in ((2, step2()), (3, STEP3), (7, {})):
        host.step(number, property_id, body)
    assert host.step(4, property_id, STEP4).data["currency"] == "EUR"
    assert "currency" in host.step(4, property_id, STEP4 | {"currency": "BDT"}).data["fields"]


def test_dishes_keep_their_ids_and_removed_ones_stay_readable(host):
    property_id = host.list_property()
    menu = host.step(5, property_id, {
        "breakfast": [{"name": "Paratha", "price": "80"}, {"name": "Khichuri", "price": 120.5}], "lunch": "",
    }).data  # fmt: skip
    paratha, khichuri = (dish["id"] for dish in menu["breakfast"])
    changed = host.step(5, property_id, {
        "breakfast": [{"id": str(paratha), "name": "Aloo paratha", "price": 90}],
        "dinner": [{"name": "Ilish", "price": 450}],
    }).data  # fmt: skip
    assert [(d["id"], d["name"], d["price"]) for d in changed["breakfast"]] == [(paratha, "Aloo paratha", "90.00")]
    row = Property.objects.get(pk=property_id)
    assert row.meals.get(pk=khichuri).removed_at is not None
    back = host.step(5, property_id, {"breakfast": [{"name": "khichuri", "price": 130}]}).data
    assert back["breakfast"][0]["id"] == khichuri


def test_the_id_of_somebody_elses_dish_is_no_way_to_it(host, stranger):
    theirs = stranger.list_property()
    dish = stranger.step(5, theirs, {"lunch": [{"name": "Rice", "price": 50}]}).data["lunch"][0]["id"]
    mine = host.list_property()
    own = host.step(5, mine, {"lunch": [{"id": dish, "name": "Rice", "price": 10}]}).data["lunch"][0]
    assert own["id"] != dish
    assert stranger.read(5, theirs).data["lunch"][0]["price"] == "50.00"


def test_windows_are_joined_and_the_past_is_dropped(host):
    property_id = host.list_property()
    dates = [("2190-03-01", "2190-03-01"), ("2190-03-02", "2190-03-05"), ("2190-03-04", "2190-03-09"),
             ("2001-01-01", "2001-02-01")]  # fmt: skip
    body = {"selected_dates": [{"start_date": a, "end_date": b} for a, b in dates]}
    assert host.step(7, property_id, body).data["selected_dates"] == [
        {"start_date": "2190-03-01", "end_date": "2190-03-09"}
    ]


def test_windows_of_which_nothing_is_left_leave_no_free_night(host, api):
    property_id = host.list_property()
    saved = host.step(7, property_id, {"selected_dates": [{"start_date": "2001-01-01", "end_date": "2001-02-01"}]}).data
    assert (saved["selected_dates"], saved["always_open"], saved["status"]) == ([], False, "listed")
    assert api.get(f"/api/property/{property_id}/availability/").data["nights"] == []
    host.step(7, property_id, {"selected_dates": []})
    assert len(api.get(f"/api/property/{property_id}/availability/").data["nights"]) == 90


def test_editing_a_listed_property_leaves_its_stays_alone(host):
    property_id = host.list_property()
    stay = make_entry(Property.objects.get(pk=property_id), date(2190, 1, 1), date(2190, 1, 5))
    host.step(7, property_id, {"selected_dates": [{"start_date": "2191-01-01", "end_date": "2191-02-01"}]})
    host.step(4, property_id, STEP4 | {"min_nights": 30})
    stay.refresh_from_db()
    assert (stay.nights.lower, stay.nights.upper) == (date(2190, 1, 1), date(2190, 1, 5))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 6, 7])
def test_a_strangers_steps_are_not_there(host, stranger, api, number):
    property_id = host.list_property()
    assert stranger.read(number, property_id).status_code == 404
    bodies = {1: STEP1, 3: STEP3, 4: STEP4}
    refusal = stranger.step(number, property_id, bodies.get(number, {}))
    assert (refusal.status_code, refusal.data["code"]) == (404, "not_found")
    assert api.get(f"/api/property_registration/step{number}/{property_id}/").status_code == 401


def test_the_menu_of_a_listed_property_is_public_and_a_drafts_is_not(host, stranger, api):
    draft = host.start()
    host.step(5, draft, {"lunch": [{"name": "Rice", "price": 50}]})
    assert api.get(f"/api/property_registration/step5/{draft}/").status_code == 404
    listed = host.list_property()
    host.step(5, listed, {"lunch": [{"name": "Rice", "price": 50}]})
    address = f"/api/property_registration/step5/{listed}/"
    assert api.get(address).data["lunch"][0]["name"] == "Rice"
    assert api.get(address, headers={"authorization": "Token wrong"}).status_code == 200
    assert stranger.step(5, listed, {}).status_code == 404
    assert api.put(address, {}).status_code == 401


@pytest.mark.parametrize("path", ["step1/0/", "step3/null/", "step3/99999999999999999999/", "step9/1/", "step2/1"])
def test_addresses_that_are_nowhere(host, path):
    assert host.api.get(f"/api/property_registration/{path}").status_code == 404


def test_my_listings_page_by_page(host, stranger):
    ids = [host.start() for _ in range(3)]
    listed = host.list_property()
    stranger.start()
    first = host.api.get("/api/mylistings/?limit=2")
    assert [row["property_id"] for row in first.data] == [listed, ids[2]]
    assert first.data[0]["name"] == "Lake House"
    assert first.data[0]["photo"].startswith("http://testserver/")
    assert (first.data[1]["status"], first.data[1]["photo"]) == (
        "draft",
        "http://testserver/media/drawn/home/house.png",
    )
    rest = host.api.get(first["Link"].partition("<")[2].partition(">")[0])
    assert [row["property_id"] for row in rest.data] == [ids[1], ids[0]]
    assert "Link" not in rest


def test_my_listings_takes_as_many_queries_for_many(host, django_assert_num_queries):
    for _ in range(4):
        host.start()
    with django_assert_num_queries(2):
        host.api.get("/api/mylistings/")


@pytest.mark.parametrize(
    ("latitude", "longitude", "given", "zone"),
    [
        (23.78, 90.4, "", "Asia/Dhaka"),
        (22.57, 88.36, None, "Asia/Kolkata"),
        (27.7, 85.3, "", "Asia/Kathmandu"),
        (0, -30, "", "Etc/GMT+2"),
        (23.78, 90.4, "Asia/Calcutta", "Asia/Kolkata"),
        (48.85, 2.35, "Europe/Amsterdam", "Europe/Amsterdam"),
    ],
)
def test_the_zone_is_that_of_the_coordinates_where_none_is_named(host, latitude, longitude, given, zone):
    place = STEP1["location"] | {"latitude": latitude, "longitude": longitude}
    answer = host.api.post("/api/property_registration/step1/", STEP1 | {"location": place, "timezone": given})
    assert answer.data["timezone"] == zone
