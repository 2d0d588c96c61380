"""The search page: what REST finds, as cards; filters with the number of homes each would leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from properties.models import Amenity, Property
from properties.rules.facets import Traits, count_facets
from properties.rules.search import SearchQuery
from properties.services.search import refresh_search
from tests.factories.accounts import make_user
from tests.factories.properties import make_property


def traits(kind: str = "House", *amenities: str, negotiable: bool = True, superhost: bool = False) -> Traits:
    return Traits(kind, frozenset({"stay"}), negotiable, superhost, frozenset(amenities))


HOMES = [traits("House", "wifi"), traits("House", "wifi", "pool"), traits("Cabin", "pool", negotiable=False)]


def test_a_choice_counts_what_it_would_leave() -> None:
    counted = count_facets(HOMES, SearchQuery(property_types=("House",)))
    # Types add up, so the other type still counts its own; all else counts among houses only.
    assert counted.types == {"House": 2, "Cabin": 1}
    assert counted.amenities == {"wifi": 2, "pool": 1}
    assert counted.negotiable == 2


def test_amenities_add_up() -> None:
    counted = count_facets(HOMES, SearchQuery(amenities=("pool",)))
    assert counted.types == {"House": 1, "Cabin": 1}
    assert counted.amenities == {"wifi": 1, "pool": 2}
    assert (counted.negotiable, counted.superhost, counted.stays["stay"]) == (1, 0, 2)


def test_without_homes_all_is_nothing() -> None:
    counted = count_facets([], SearchQuery(negotiable=True))
    assert (counted.types["House"], counted.negotiable) == (0, 0)


def listed(title: str, *amenities: str, **fields: Any) -> Property:
    row = make_property(title=title, **fields)
    Amenity.objects.bulk_create(Amenity(property=row, kind="regular", name=name) for name in amenities)
    refresh_search([row.pk])
    return row


@pytest.mark.django_db
class TestPage:
    def test_cards_and_counts(self, client: Client) -> None:
        lake, cabin = listed("Lake House", "Wifi"), listed("Hill cabin", property_type="Cabin", negotiable=False)
        page = client.get("/")
        assert page.status_code == 200
        assert {home["property_id"] for home in page.context["homes"]} == {lake.pk, cabin.pk}
        counts = {pill.value: pill.count for pill in page.context["types"]}
        assert (counts["House"], counts["Cabin"], counts["Castle"]) == (1, 1, 0)
        assert page.context["negotiable"].count == 1
        assert [(pill.value, pill.count) for pill in page.context["amenities"]] == [("wifi", 1)]

    def test_filters_and_dates_reach_the_search_and_go_along(self, client: Client) -> None:
        lake = listed("Lake House", "Wifi")
        listed("Hill cabin", property_type="Cabin")
        asked = "property_type=House&amenities=wifi&guests=2&check_in=2027-03-01&check_out=2027-03-04&category=stay"
        page = client.get(f"/?{asked}")
        assert [home["property_id"] for home in page.context["homes"]] == [lake.pk]
        link = f'href="/homes/{lake.pk}/?check_in=2027-03-01&amp;check_out=2027-03-04&amp;guests=2"'
        assert link in page.content.decode()

    def test_half_a_stay_is_no_date_yet(self, client: Client) -> None:
        listed("Lake House")
        page = client.get("/?check_in=2027-03-01")
        assert (len(page.context["homes"]), page.context["problem"]) == (1, "")

    def test_what_can_not_be_searched_is_said(self, client: Client) -> None:
        listed("Lake House")
        page = client.get("/?check_in=2020-03-01&check_out=2020-03-02")
        assert page.status_code == 200
        assert (page.context["homes"], bool(page.context["problem"])) == ([], True)

    @pytest.mark.parametrize("query", [
        "bbox=1,2", "guests=x", "min_price=%00", "property_type=Palace", "cursor=%F0", "sort=distance", "location=%00",
        "category=stay&category=paying_guest", "limit=9999", "amenities=" + "x" * 3000,
    ])  # fmt: skip
    def test_junk(self, client: Client, query: str) -> None:
        assert client.get(f"/?{query}").status_code == 200
        assert client.get(f"/found/?{query}").status_code == 200

    def test_pages(self, client: Client, django_assert_max_num_queries: Any) -> None:
        host = make_user()
        homes = {listed(f"Home {n}", host=host).pk for n in range(30)}
        with django_assert_max_num_queries(15):
            first = client.get("/")
        second = client.get(f"/?{first.context['more']}")
        shown = [home["property_id"] for page in (first, second) for home in page.context["homes"]]
        assert (len(shown), set(shown), second.context["more"]) == (30, homes, "")

    def test_the_part_for_the_script_has_homes_and_counts_alone(self, client: Client) -> None:
        listed("Lake House")
        part = client.get("/found/").content.decode()
        assert "Lake House" in part
        assert 'data-count="House"' in part
        assert "<html" not in part

    def test_tiles_only_where_the_deployment_has_them(self, client: Client, settings: Any) -> None:
        assert 'data-tiles=""' in client.get("/").content.decode()
        settings.MAPTILER_KEY = "k-1"
        assert "api.maptiler.com/maps/streets-v2/256/{z}/{x}/{y}.png?key=k-1" in client.get("/").content.decode()
        settings.MAP_TILE_URL = "https://tiles.example/{z}/{x}/{y}.png"
        assert 'data-tiles="https://tiles.example/{z}/{x}/{y}.png"' in client.get("/").content.decode()


@pytest.mark.django_db
def test_the_map_has_all_homes_found_whichever_page_is_shown(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("properties.pages.search.PAGE", 2)
    host = make_user(is_host=True)
    rows = [listed(f"Home {n}", host=host) for n in range(5)]
    later = "/?" + client.get("/found/").context["more"]
    pages = [client.get("/found/"), client.get(later)]
    assert [len(page.context["homes"]) for page in pages] == [2, 2]
    for page in pages:
        assert {pin["id"] for pin in page.context["pins"]} == {str(row.pk) for row in rows}
    assert set(pages[0].context["pins"][0]) == {"id", "name", "latitude", "longitude", "price", "currency"}
    card = client.get(f"/found/{rows[4].pk}/?guests=2")
    assert (card.status_code, f'data-id="{rows[4].pk}"' in card.content.decode()) == (200, True)
    assert client.get("/found/999999/").status_code == 404


@pytest.mark.django_db
def test_a_search_by_price_says_what_it_leaves_out(client: Client) -> None:
    host = make_user("nasrin", is_host=True)
    homes = [make_property(host, title=title) for title in ("Lake House", "Villa", "Hut")]
    Property.objects.filter(pk__in=[row.pk for row in homes[1:]]).update(currency="USD", price=50)
    refresh_search([row.pk for row in homes])
    page = client.get("/?max_price=5000").content.decode()
    assert "Prices are compared in BDT: 2 homes priced in USD are left out." in page
    assert 'href="/?currency=USD"' in page
    page = client.get("/?max_price=5000&currency=USD").content.decode()
    assert "Prices are compared in USD: 1 home priced in BDT is left out." in page
    assert "left out" not in client.get("/").content.decode()
