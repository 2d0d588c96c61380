"""What the search finds and shows: words, filters, maps, sorts."""

from decimal import Decimal as D

import pytest

from core import clock, hooks
from properties.models import Property
from properties.services.search import change_rating, refresh_search
from tests.factories.properties import make_entry, make_user, make_window
from tests.properties.searching import ADDRESS, day, found, home, stay

pytestmark = pytest.mark.django_db


def test_a_home_as_the_list_shows_it(api):
    row = home(amenities=["Wifi"])
    change_rating(row.pk, stars=9, reviews=2)
    [shown] = api.get(ADDRESS, stay() | {"guests": 2}).data["results"]
    assert shown == {
        "property_id": row.pk, "name": "Lake House", "photo": "http://testserver/media/drawn/home/house.png",
        "location_name": "Gulshan, Dhaka",
        "latitude": 23.78, "longitude": 90.40, "property_type": "House", "price_per_night": "1000.00",
        "currency": "BDT", "total": "3450.00", "rating": 4.5, "reviews_count": 2, "stay": True,
        "stay_with_meal": False, "paying_guest": False, "negotiation_availability": True, "superhost": False,
        "availability": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "{}",
        '{"location": "any", "guests": "", "price_range": null}',
        '{"price_range": {"min": null, "max": "any"}}',
    ],
)
def test_a_put_without_filters_finds_all(api, body):
    home()
    response = api.put(ADDRESS, body, content_type="application/json")
    assert [row["name"] for row in response.data["results"]] == ["Lake House"]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("dhaka", {"Lake House", "City Nest"}),
        ("Dhaka lake", {"Lake House"}),
        ("Dahka", {"Lake House", "City Nest"}),
        ("Dhka", {"Lake House", "City Nest"}),
        ("DHAKKA", {"Lake House", "City Nest"}),
        ("coxs bazar", {"Sea Dome"}),
        ("Cox's Bazaar", {"Sea Dome"}),
        ("Cos Bazar", {"Sea Dome"}),
        ("sylet", {"Tea Cabin"}),
        ("syhlet", {"Tea Cabin"}),
        ("sremangl", {"Tea Cabin"}),
        ("séa döme", {"Sea Dome"}),
        ("gulshn", {"Lake House"}),
        ("paris", set()),
        ("%", {"Lake House", "City Nest", "Sea Dome", "Tea Cabin"}),
        # Words that no home has hide nothing.
        ("dhaka' OR 1=1 --", {"Lake House", "City Nest"}),
        ("Cox's Bazar, Chattogram, Bangladesh", {"Sea Dome"}),
        ("Kolatoli Road, Cox's Bazar 4700, Chattogram Division, Bangladesh", {"Sea Dome"}),
        ("কক্সবাজার", {"Sea Dome"}),
        ("Coxsbazar", {"Sea Dome"}),
        ("চট্টগ্রাম বিভাগ", {"Sea Dome"}),
        ("Chittagong", {"Sea Dome"}),
        ("chittagng", {"Sea Dome"}),
        ("4700", {"Sea Dome"}),
        ("৪৭০০", {"Sea Dome"}),
        ("শ্রীমঙ্গল", {"Tea Cabin"}),
        ("Bangladesh", {"Lake House", "City Nest", "Sea Dome", "Tea Cabin"}),
        # Homes that have some of the words where none has all.
        ("Dhanmondi, Sreemangal", {"City Nest", "Tea Cabin"}),
        ("xqzw wqxz", set()),
    ],
)
def test_words_are_found_in_spite_of_slips(api, asked, names):
    home()
    home("City Nest", "Dhanmondi, Dhaka")
    home("Sea Dome", "Kolatoli, Cox’s Bazar")
    home("Tea Cabin", "Sreemangal, Sylhet")
    assert set(found(api, location=asked)) == names


def test_what_is_most_alike_comes_first(api):
    home("Sea Dome", "Kolatoli, Cox’s Bazar")
    home("Tea Cabin", "Sreemangal")
    assert found(api, location="Moulvibazar District")[0] == "Tea Cabin"
    home("Dhara Home", "Khulna")
    home("Nest", "Dhaka")
    assert found(api, location="dhaka") == ["Nest", "Dhara Home"]


def test_every_filter(api):
    home("Plain", price=D(900))
    superb = make_user(is_host=True, superhost=True)
    home("Rich", host=superb, price=D(5000), amenities=["Wifi", "Swimming Pool"], property_type="Castle",
         stay=False, stay_with_meal=True, negotiable=False, guests=9)  # fmt: skip
    for asked in (
        {"min_price": "901"}, {"price_range": None, "min_price": 5000, "max_price": "5000.00"}, {"guests": 5},
        {"property_type": "castle"}, {"category": "stay_with_meals"}, {"category": "stay_with_meal"},
        {"amenities": "wifi, swimming pool"}, {"superhost": "true"}, {"amenities": ["WIFI"]},
    ):  # fmt: skip
        assert [row["name"] for row in api.put(ADDRESS, asked).data["results"]] == ["Rich"], asked
    for asked in (
        {"max_price": 900}, {"price_range": {"max": "900"}}, {"negotiable": True}, {"category": "stay"},
        {"property_type": "House"},
    ):  # fmt: skip
        assert [row["name"] for row in api.put(ADDRESS, asked).data["results"]] == ["Plain"], asked
    both = {"property_type": ["House", "Castle"], "negotiable": False, "superhost": "false", "amenities": []}
    assert len(api.put(ADDRESS, both).data["results"]) == 2
    assert found(api, amenities="wifi,sauna") == []


def test_prices_are_compared_in_one_currency_only(api):
    home("Taka")
    home("Dollar", currency="USD", price=D(50))
    assert found(api, max_price=2000) == ["Taka"]
    assert found(api, max_price=2000, currency="usd") == ["Dollar"]
    assert found(api, sort="price") == ["Taka"]
    assert len(found(api)) == 2


def test_a_search_by_price_says_its_currency_and_what_it_leaves_out(api):
    home("Taka")
    home("Dollar", currency="USD", price=D(50))
    home("Cent", currency="USD", price=D(5), at=(21.43, 92.00))
    home("Euro", currency="EUR", price=D(60), property_type="Castle")
    answer = api.get(ADDRESS, {"max_price": 2000, "property_type": "house"}).data
    assert (answer["currency"], answer["left_out"]) == ("BDT", {"USD": 2})
    near = api.get(ADDRESS, {"sort": "price", "bbox": "90,23,91,24", "currency": "usd"}).data
    assert (near["currency"], near["left_out"]) == ("USD", {"BDT": 1, "EUR": 1})
    assert set(api.get(ADDRESS).data) == {"results", "next"}


def test_places_are_suggested_while_somebody_types(api):
    home("Nest", "Kolatoli, Cox’s Bazar")
    home("Hut", "Coxheath, Maidstone")

    def offered(typed):
        return [place["name"] for place in api.get("/api/properties/places/", {"q": typed}).data["results"]]

    assert offered("cox")[:2] == ["Cox's Bazar", "Cox's Bazar Sadar"]
    assert set(offered("cox")[2:]) == {"Kolatoli, Cox’s Bazar", "Coxheath, Maidstone"}
    assert offered("kolat") == ["Kolatoli, Cox’s Bazar"]
    assert offered("চট্ট")[0] == offered("chitt")[0] == "Chattogram"
    assert offered("c") == offered("") == offered("%_") == offered("zzzz") == []
    assert api.get("/api/properties/places/", {"q": "\0x"}).status_code == 400


def test_only_listed_homes_are_found(api):
    for status in ("draft", "unlisted"):
        home(status=status)
    assert found(api) == []


def test_maps_boxes_and_circles(api):
    home("Dhaka")
    home("Coast", at=(21.43, 92.00))
    home("Fiji", at=(-17.7, 178.0))
    home("Samoa", at=(-13.8, -171.8))
    assert found(api, bbox="90,23,91,24") == ["Dhaka"]
    assert set(found(api, bbox="88,20,93,27")) == {"Dhaka", "Coast"}
    assert set(found(api, bbox="170,-30,-160,0")) == {"Fiji", "Samoa"}
    assert found(api, near="23.79,90.41", radius_km=3) == ["Dhaka"]
    assert found(api, near="23.79,90.41", radius_km=500) == ["Dhaka", "Coast"]
    assert found(api, near="-17.7,-179.5", radius_km=400) == ["Fiji"]
    assert found(api, near="89.9,0", radius_km=10) == []
    [shown] = api.get(ADDRESS, {"near": "23.78,90.40"}).data["results"]
    assert shown["distance_km"] == 0


def test_sorts(api):
    cheap, good, far = home("Cheap", price=D(500)), home("Good"), home("Far", price=D(2000), at=(23.9, 90.5))
    change_rating(good.pk, stars=50, reviews=10)
    change_rating(far.pk, stars=5, reviews=1)
    change_rating(cheap.pk, stars=12, reviews=4)
    assert found(api, sort="price") == ["Cheap", "Good", "Far"]
    assert found(api, sort="rating") == ["Good", "Far", "Cheap"]
    assert found(api, near="23.9,90.5") == ["Far", "Good", "Cheap"][:1] + found(api, near="23.9,90.5")[1:]
    assert found(api)[0] == "Good"


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({"check_in": "2001-01-01", "check_out": "2001-01-05"}, "dates.invalid", "check_in"),
        (stay(13, 10), "dates.invalid", "check_out"),
        (stay(10, 10), "dates.invalid", "check_out"),
        (stay(10, 400), "dates.invalid", "check_out"),
        (stay(800, 801), "dates.invalid", "check_in"),
        ({"check_in": "9999-12-31", "check_out": "9999-12-31"}, "dates.invalid", "check_out"),
        ({"check_in": day(3).isoformat()}, "dates.invalid", "check_out"),
        ({"check_out": day(3).isoformat()}, "dates.invalid", "check_in"),
        ({"check_in": "tomorrow"}, "invalid", "check_in"),
        ({"guests": 0}, "invalid", "guests"),
        ({"guests": 10**20}, "invalid", "guests"),
        ({"min_price": "-1"}, "invalid", "min_price"),
        ({"min_price": "NaN"}, "invalid", "min_price"),
        ({"bbox": "1,2,3"}, "invalid", "bbox"),
        ({"bbox": "1,95,3,96"}, "invalid", "bbox"),
        ({"bbox": "nan,nan,nan,nan"}, "invalid", "bbox"),
        ({"near": "95,0"}, "invalid", "near"),
        ({"near": "1,1", "radius_km": "inf"}, "invalid", "radius_km"),
        ({"near": "1,1", "radius_km": -1}, "invalid", "radius_km"),
        ({"sort": "distance"}, "invalid", "near"),
        ({"sort": "beauty"}, "invalid", "sort"),
        ({"category": "camping"}, "invalid", "category"),
        ({"property_type": "Spaceship"}, "invalid", "property_type"),
        ({"limit": 201}, "invalid", "limit"),
        ({"cursor": "%%%"}, "invalid", "cursor"),
        ({"cursor": "bnVsbA"}, "invalid", "cursor"),
        ({"cursor": "WyJyZWxldmFuY2UiLCJOYU4iLDFd"}, "invalid", "cursor"),
        ({"location": "x" * 201}, "invalid", "location"),
        ({"location": "a\x00b"}, "invalid", "location"),
    ],
)
def test_what_cannot_be_searched_for(api, asked, code, field):
    home()
    response = api.get(ADDRESS, asked)
    assert (response.status_code, response.data["code"]) == (400, code)
    assert field in response.data["fields"]


def test_a_bad_token_is_no_hindrance(api):
    assert api.get(ADDRESS, headers={"authorization": "Token wrong"}).status_code == 200


def test_a_page_takes_as_many_queries_for_many(api, django_assert_max_num_queries):
    def windowed(n):
        row = home(f"Lake {n}")
        make_window(row, day(1), day(300))
        make_entry(row, day(5), day(6))
        refresh_search([row.pk])

    for n in range(2):
        windowed(n)
    with django_assert_max_num_queries(9) as few:
        assert len(found(api, **stay(), location="lake")) == 2
    for n in range(2, 12):
        windowed(n)
    with django_assert_max_num_queries(len(few)) as many:
        assert len(found(api, **stay(), location="lake")) == 12
    assert len(many) == len(few)


def test_a_closed_hosts_homes_leave_the_search(api):
    row = home()
    hooks.account_closed(user_id=row.host_id, now=clock.now())
    assert found(api) == []
    assert Property.objects.get(pk=row.pk).status == "unlisted"
