"""That search, whichever way it takes, finds what one finds who looks at every home and every night."""

import math
import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from core.money import round_money
from properties.models import CalendarEntry, Location, Property, SearchEntry, SomeBasics
from properties.rules.places import EARTH_M
from properties.rules.search import DESCENDING, Cursor, Near, SearchQuery
from properties.rules.spans import span_of
from properties.rules.terms import MAX_DAYS_AHEAD, inside_windows, local_today, sum_nights
from properties.selectors.search import results
from properties.selectors.search.words import likest, match_words, next_likest
from properties.selectors.search.words import searched as searched_words
from properties.selectors.terms import get_terms_map
from properties.services.search import refresh_search
from tests.factories.properties import make_user
from tests.properties.thrown_homes import HOMES, NOW, asked, home, settle

pytestmark = pytest.mark.django_db
QUERIES = 40


@pytest.fixture
def few(monkeypatch):
    """Ten homes are many: so boxes are wide ones, and circles grow ring by ring; and any words are common."""
    monkeypatch.setattr(results, "NARROW", 10)
    monkeypatch.setattr(results, "COMMON", -1)


def metres(near, entry):
    north, east = math.radians(entry.latitude - near.latitude), math.radians(entry.longitude - near.longitude)
    shrink = math.cos(math.radians(near.latitude)) * math.cos(math.radians(entry.latitude))
    return 2 * EARTH_M * math.asin(min(1, math.sqrt(math.sin(north / 2) ** 2 + shrink * math.sin(east / 2) ** 2)))


def naive(query, ids):
    """The ids of all homes found, in order, each with the day on which its stay begins (None without flexible dates)."""
    with transaction.atomic():
        matches = searched_words(match_words(query.words), query.words)
    if query.words and not matches:
        return []
    terms, searched = get_terms_map(ids), SearchEntry.objects.in_bulk(ids)
    taken = {}
    for one in CalendarEntry.objects.all():
        if one.held_until is None or one.held_until > NOW:
            taken.setdefault(one.property_id, []).append(span_of(one.nights))
    dated = {pk: nearest(query, terms[pk], searched[pk], taken.get(pk, [])) for pk in ids}
    fitting = [pk for pk in ids if dated[pk]]
    likeness = {pk: alike(matches, searched[pk]) for pk in fitting}
    if matches and not any(one is not None for one in likeness.values()):
        likeness = {pk: partly_alike(matches, searched[pk]) for pk in fitting}
    keys = {pk: key_of(dated[pk], terms[pk], searched[pk], likeness[pk]) for pk in fitting if likeness[pk] is not None}
    order = sorted(keys, key=lambda pk: (keys[pk], pk), reverse=query.sort in DESCENDING)
    return [(pk, dated[pk].check_in if query.is_flexible else None) for pk in order]


def nearest(query, terms, entry, taken):
    """The search with the start that fits and lies nearest to the one asked for, of two the sooner; None where none fits."""
    starts = [query]
    for days in range(1, query.flexible_days + 1 if query.nights else 1):
        moved = [(query.check_in + timedelta(by), query.check_out + timedelta(by)) for by in (-days, days)]
        starts += [replace(query, check_in=first, check_out=last) for first, last in moved]
    return next((one for one in starts if fits(one, terms, entry, taken)), None)


def fits(query, terms, entry, taken):
    price = mean(query, terms)
    inside = [w <= entry.longitude <= e and s <= entry.latitude <= n for w, s, e, n in query.boxes]
    return (
        (not query.nights or may_stay(query, terms, taken))
        and (not query.compares_prices or entry.currency == query.currency)
        and (query.min_price or 0) <= price <= (query.max_price or 10**9)
        and terms.max_guests >= (query.guests or 1)
        and (not query.property_types or entry.property_type in query.property_types)
        and (not query.category or getattr(terms, query.category))
        and set(query.amenities) <= set(entry.amenities)
        and (not query.boxes or any(inside))
        and (query.near is None or round(metres(query.near, entry), 1) <= query.near.radius_km * 1000)
        and (terms.negotiable or not query.negotiable)
        and (entry.superhost or not query.superhost)
    )


def may_stay(query, terms, taken):
    free = all(last <= query.check_in or query.check_out <= first for first, last in taken)
    notice = (query.check_in - local_today(terms, NOW)).days >= terms.notice_days
    allowed = query.nights <= terms.max_nights and (query.nights >= least(query, terms) or gap(query, terms))
    return free and notice and allowed and inside_windows(terms, query.check_in, query.check_out)


def least(query, terms):
    said = [rule.min_nights for rule in terms.price_rules if rule.min_nights and rule.covers(query.check_in)]
    return said[-1] if said else terms.min_nights


def gap(query, terms):
    today = local_today(terms, NOW)
    kept = CalendarEntry.objects.filter(property_id=terms.id).exclude(kind="hold")
    spans = [span_of(one.nights) for one in kept]

    def gone(night):
        taken = any(first <= night < last for first, last in spans)
        open_then = terms.notice_days <= (night - today).days <= MAX_DAYS_AHEAD
        return taken or not open_then or not inside_windows(terms, night, night + timedelta(1))

    return terms.fill_gaps and gone(query.check_in - timedelta(1)) and gone(query.check_out)


def mean(query, terms):
    return round_money(sum_nights(terms, query.check_in, query.nights) / query.nights) if query.nights else terms.price


def alike(matches, entry):
    """None where a word is not there."""
    found = [[share for share, words in match.items() if set(words) & set(entry.words)] for match in matches]
    return round_money(sum(map(max, found)) / len(found)) if found and all(found) else (None if found else Decimal(0))


def partly_alike(matches, entry):
    """None where no word is there."""
    found = [[share for share, words in match.items() if set(words) & set(entry.words)] for match in matches]
    shares = [max(shares, default=0) for shares in found]
    return round_money(Decimal(sum(shares)) / len(shares)) if any(found) else None


def key_of(query, terms, entry, likeness):
    if query.sort == "price":
        return mean(query, terms)
    if query.sort == "distance":
        return round(metres(query.near, entry), 1)
    if query.sort == "rating":
        return (entry.rating or 0, entry.rating_count)
    return (likeness, entry.score)


def walked(query):
    """The homes of all pages, one after the other."""
    ids = []
    for _ in range(HOMES):
        rows = results.find(query, NOW)
        ids += [(row.property_id, row.check_in) for row in rows[: query.limit]]
        if len(rows) <= query.limit:
            return ids
        last = rows[query.limit - 1]
        query = replace(query, cursor=Cursor(query.sort, last.key, last.property_id))
    raise AssertionError("pages without end")


def test_pages_of_any_search_are_those_of_who_looks_at_every_home(few, rounds):
    for seed in range(rounds(1, 20)):
        dice = random.Random(seed)
        ids, found = settle(dice), 0
        for _ in range(QUERIES):
            query = asked(dice)
            wanted = naive(query, ids)
            assert walked(query) == wanted, (seed, query)
            found += bool(wanted)
        assert found > QUERIES / 2
        CalendarEntry.objects.all().delete()
        Property.objects.all().delete()


@pytest.mark.parametrize(
    ("shares", "stands_out"),
    [
        ([["0.44"]], False),  # all homes are equally alike: the whole search has the index's order by itself
        ([["1.00", "0.99"]], True),
        ([["1.00", "0.99"], ["1.00"]], False),
        ([["1.00", "0.98"], ["0.60", "0.30"]], True),
        ([["1.00", "0.97"], ["1.00"], ["1.00", "0.98"]], False),
    ],
)
def test_the_likest_homes_are_searched_first_where_no_other_can_rank_among_them(shares, stands_out):
    """The mean of several words is rounded: a hundredth in one of them may not show."""
    matches = [{Decimal(share): [f"word {share}"] for share in word} for word in shares]
    best = [{Decimal(word[0]): [f"word {word[0]}"]} for word in shares]
    assert likest(matches) == (best if stands_out else [])


@pytest.mark.parametrize(
    ("shares", "second"),
    [
        ([["1.00", "0.90"], ["1.00", "0.60"]], 0),
        ([["1.00", "0.60"], ["1.00", "0.90", "0.80"]], 1),
        ([["1.00"], ["1.00", "0.90"], ["1.00"]], 1),
        ([["1.00", "0.90"], ["1.00", "0.89"]], None),  # another word's second choice is nearly as good
        ([["1.00", "0.90", "0.89"], ["1.00"]], None),  # its own third choice is nearly as good
        ([["1.00"], ["0.70"]], None),
    ],
)
def test_one_words_second_choice_comes_next_where_no_other_can_rank_among_them(shares, second):
    matches = [{Decimal(share): [f"word {share}"] for share in word} for word in shares]
    chosen, without = next_likest(matches)
    wanted = [word[int(number == second)] for number, word in enumerate(shares)] if second is not None else []
    assert [[str(share) for share in one] for one in chosen] == [[share] for share in wanted]
    assert without == ([f"word {shares[second][0]}"] if second is not None else [])


def test_a_home_at_the_edge_of_a_circle_is_in_it():
    host = make_user(is_host=True)
    dice = random.Random(1)
    row = home(dice, host)
    row.save()
    Location.objects.create(
        property=row, latitude=0, longitude=0, public_latitude=23.0 + math.degrees(99_950 / EARTH_M),
        public_longitude=90.0, selected_location="Edge",
    )  # fmt: skip
    SomeBasics.objects.create(
        property=row, number_of_guests=2, number_of_bedrooms=1, number_of_beds=1, number_of_bathrooms=1
    )
    refresh_search([row.pk])
    [found] = results.find(SearchQuery(near=Near(23.0, 90.0, 100.0), sort="distance"), NOW)
    assert (found.property_id, round(found.metres)) == (row.pk, 99_950)
    assert results.find(SearchQuery(near=Near(23.0, 90.0, 99.9), sort="distance"), NOW) == []
