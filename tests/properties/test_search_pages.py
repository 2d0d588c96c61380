"""Pages of a search: each home once, in order, whatever comes meanwhile."""

import base64
import json
from decimal import Decimal as D
from urllib.parse import urlencode

import pytest

from core.money import round_money
from properties.rules.terms import sum_nights
from properties.selectors.terms import get_terms
from properties.services.search import refresh_search
from tests.factories.properties import make_price_rule
from tests.properties.searching import ADDRESS, day, home, stay

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    "key", ["1E-999999", "1E-16384", "0E-99999", "0E+999999", "-1", "1" * 13, "0." + "1" * 2500, 1e-9]
)
def test_a_cursor_of_somebodys_own_making_is_invalid(api, key):
    """The database takes no number of so many places."""
    home()
    cursor = base64.urlsafe_b64encode(json.dumps(["rating", key, 1]).encode()).decode()
    refusal = api.get(ADDRESS, {"sort": "rating", "cursor": cursor})
    assert (refusal.status_code, refusal.data["code"], [*refusal.data["fields"]]) == (400, "invalid", ["cursor"])
