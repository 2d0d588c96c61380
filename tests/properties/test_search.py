from datetime import timedelta
from decimal import Decimal as D
from urllib.parse import urlencode

import pytest

from core import clock
from core.money import round_money
from properties.models import Amenity, Property
from properties.rules.terms import sum_nights
from properties.selectors.terms import get_terms
from properties.services.search import change_rating, refresh_search
from tests.factories.properties import make_entry, make_price_rule, make_property, make_user, make_window

pytestmark = pytest.mark.django_db
ADDRESS = "/api/properties/search/"
TODAY = clock.now().date()


def day(n):
    return TODAY + timedelta(n)


def home(title="Lake House", place="Gulshan, Dhaka", at=(23.78, 90.40), amenities=(), host=None, **fields):
    row = make_property(host, title=title, **fields)
    latitude, longitude = at
    row.location.__class__.objects.filter(pk=row.pk).update(
        selected_location=place, public_latitude=latitude, public_longitude=longitude
    )
    Amenity.objects.bulk_create(Amenity(property=row, kind="regular", name=name) for name in amenities)
    refresh_search([row.pk])
    return row


def found(api, **asked):
    response = api.get(ADDRESS, asked)
    assert response.status_code == 200, response.data
    return [row["name"] for row in response.data["results"]]


def stay(first=10, last=13):
    return {"check_in": day(first).isoformat(), "check_out": day(last).isoformat()}


def test_a_home_as_the_list_shows_it(api):
    row = home(amenities=["Wifi"])
    change_rating(row.pk, stars=9, reviews=2)
    [shown] = api.get(ADDRESS, stay() | {"guests": 2}).data["results"]
    assert shown == {
        "property_id": row.pk, "name": "Lake House", "photo": None, "location_name": "Gulshan, Dhaka",
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
        ("dhaka' OR 1=1 --", set()),
    ],
)
def test_words_are_found_in_spite_of_slips(api, asked, names):
    home()
    home("City Nest", "Dhanmondi, Dhaka")
    home("Sea Dome", "Kolatoli, Cox’s Bazar")
    home("Tea Cabin", "Sreemangal, Sylhet")
    assert set(found(api, location=asked)) == names


def test_what_is_most_alike_comes_first(api):
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


def test_only_listed_homes_are_found(api):
    for status in ("draft", "unlisted"):
        home(status=status)
    assert found(api) == []


def test_every_night_must_be_free(api):
    row = home()
    make_entry(row, day(10), day(13))
    assert found(api, **stay(7, 10)) == ["Lake House"]
    assert found(api, **stay(13, 15)) == ["Lake House"]
    for taken in (stay(12, 14), stay(9, 11), stay(11, 12), stay(1, 30)):
        assert found(api, **taken) == []
    assert found(api) == ["Lake House"]


def test_a_hold_counts_until_it_is_over(api):
    make_entry(home(), day(10), day(13), "hold", held_until=clock.now() + timedelta(minutes=5))
    make_entry(home("Free again"), day(10), day(13), "hold", held_until=clock.now() - timedelta(seconds=1))
    assert found(api, **stay()) == ["Free again"]


def test_nights_must_lie_in_a_window(api):
    row = home()
    make_window(row, day(5), day(12))
    refresh_search([row.pk])
    make_entry(row, day(8), day(9))
    assert found(api, **stay(9, 12)) == ["Lake House"]
    assert found(api, **stay(9, 13)) == []
    [shown] = api.get(ADDRESS).data["results"]
    assert shown["availability"] == [
        {"start_date": day(5).isoformat(), "end_date": day(8).isoformat()},
        {"start_date": day(9).isoformat(), "end_date": day(12).isoformat()},
    ]


def test_the_limits_of_a_stay_are_held(api):
    home("Long", min_nights=5)
    home("Short", max_nights=2)
    home("Slow", notice_days=20)
    home("Any")
    assert set(found(api, **stay())) == {"Any"}
    assert set(found(api, **stay(10, 15))) == {"Long", "Any"}
    assert set(found(api, **stay(30, 32))) == {"Short", "Slow", "Any"}


def test_with_dates_the_mean_price_counts(api):
    row = home()
    make_price_rule(row, day(11), day(13), "4000.00")
    refresh_search([row.pk])
    [shown] = api.get(ADDRESS, stay()).data["results"]
    assert shown["price_per_night"] == "3000.00"
    assert found(api, **stay(), max_price=2999) == []
    assert found(api, **stay(), max_price=3000, min_price=3000) == ["Lake House"]
    assert found(api, max_price=1000) == ["Lake House"]
    assert found(api, **stay(20, 22), max_price=1000) == ["Lake House"]


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
    "asked", [{}, {"sort": "price"}, {"sort": "rating"}, {"near": "23.8,90.4"}, {"location": "lake"}]
)
def test_pages_hold_each_home_once_even_while_others_come(api, asked):
    for n in range(7):
        home(f"Lake {n}", price=D(1000 + n // 2))
    seen, address = [], None
    for late in range(9):
        response = api.get(address) if address else api.get(ADDRESS, asked | {"limit": 2})
        seen += [row["name"] for row in response.data["results"]]
        address = response.data["next"]
        if not address:
            break
        home(f"Lake late {late}", price=D(1), at=(23.8, 90.4))
    first = [name for name in seen if "late" not in name]
    assert sorted(first) == [f"Lake {n}" for n in range(7)]
    assert len(set(seen)) == len(seen)


def test_the_next_page_of_a_put(api):
    for n in range(3):
        home(f"Home {n}")
    first = api.put(ADDRESS, {"limit": 2}).data
    second = api.put(ADDRESS, {"limit": 2, "cursor": first["next"]}).data
    assert len({row["property_id"] for row in first["results"] + second["results"]}) == 3
    assert second["next"] is None


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
    from core import hooks

    row = home()
    hooks.account_closed(user_id=row.host_id, now=clock.now())
    assert found(api) == []
    assert Property.objects.get(pk=row.pk).status == "unlisted"


def test_dates_are_the_homes_own(api):
    """At the date line it may be the day before, or the day after."""
    home("Kiritimati", timezone="Pacific/Kiritimati")
    home("Niue", timezone="Pacific/Niue")
    now = clock.now()
    for offset in (-1, 0, 1):
        first = (now + timedelta(days=offset)).date()
        local = {"Kiritimati": (now + timedelta(hours=14)).date(), "Niue": (now - timedelta(hours=11)).date()}
        bookable = {name for name, today in local.items() if first >= today}
        if first >= (now - timedelta(hours=12)).date():
            asked = {"check_in": first.isoformat(), "check_out": (first + timedelta(1)).isoformat()}
            assert set(found(api, **asked)) == bookable


def test_sql_and_rules_agree_on_the_mean_price():
    from django.db import connection

    from properties.rules.search import SearchQuery
    from properties.selectors.search.sql import MEAN_PRICE

    row = home(price=D("333.33"))
    for n, (first, last, price, weekdays) in enumerate(
        [(5, 40, "500.05", None), (8, 20, "701.10", [4, 5]), (15, 18, "99.99", None), (16, 60, "250.00", [0])]
    ):
        assert make_price_rule(row, day(first), day(last), price, weekdays).position == n
    refresh_search([row.pk])
    terms = get_terms(row.pk)
    for first in range(0, 45, 3):
        for nights in (1, 2, 7, 30):
            query = SearchQuery(check_in=day(first), check_out=day(first + nights))
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {MEAN_PRICE} FROM properties_searchentry s",
                    {"check_in": query.check_in, "check_out": query.check_out},
                )
                [(mean,)] = cursor.fetchall()
            assert mean == round_money(sum_nights(terms, query.check_in, nights) / nights)


@pytest.mark.parametrize("limits", [{}, {"min_price": 900, "max_price": "1400"}])
def test_pages_by_price_are_in_the_order_of_the_mean_prices_of_the_nights(api, limits):
    """Whatever seasons do to a home's price: cheap ones with dear nights, dear ones with cheap nights, and plain ones."""
    means = {}
    for n in range(10):
        row = home(f"Home {n}", price=D(800 + 50 * (n * 3 % 10)))
        if n % 3:
            make_price_rule(row, day(11 - n % 2), day(40), D(400 + 300 * (n % 5)), [0, 2, 4, 6] if n % 4 else None)
        refresh_search([row.pk])
        terms = get_terms(row.pk)
        means[terms.title] = round_money(sum_nights(terms, day(10), 4) / 4)
    least, most = D(limits.get("min_price", 0)), D(limits.get("max_price", 10**6))
    wanted = [name for mean, name in sorted((means[name], name) for name in means) if least <= means[name] <= most]
    address, seen = f"{ADDRESS}?{urlencode(stay(10, 14) | limits | {'sort': 'price', 'limit': 3})}", []
    while address:
        page = api.get(address).data
        seen += [(row["price_per_night"], row["name"]) for row in page["results"]]
        address = page["next"]
    assert seen == sorted(seen, key=lambda row: D(row[0]))
    assert {name: D(price) for price, name in seen} == {name: means[name] for name in wanted}
    assert len(seen) == len(wanted)
