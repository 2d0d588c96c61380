"""Sets of nights, months, prices over prices, and what stars come to."""

from datetime import date, timedelta
from decimal import Decimal as D
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.rules.months import month_of, month_spans, months_around, months_later
from properties.rules.ratings import mean_rating, score, shown_rating
from properties.rules.seasons import MOST_RULES, overlaid
from properties.rules.spans import joined, span_of, within, without
from properties.rules.terms import SeasonPrice

FIRST = date(2026, 6, 1)


def spans(*pairs):
    return [(FIRST + timedelta(start), FIRST + timedelta(end)) for start, end in pairs]


@pytest.mark.parametrize(
    ("given", "union"),
    [
        ([], []),
        ([(1, 1)], []),
        ([(3, 1)], []),
        ([(1, 3)], [(1, 3)]),
        ([(4, 6), (1, 3)], [(1, 3), (4, 6)]),
        ([(1, 3), (3, 5)], [(1, 5)]),
        ([(1, 9), (2, 3), (8, 10)], [(1, 10)]),
        ([(1, 5), (1, 2)], [(1, 5)]),
    ],
)
def test_a_union_is_sorted_and_touches_itself_nowhere(given, union):
    assert joined(spans(*given)) == spans(*union)


@pytest.mark.parametrize(
    ("given", "gone", "left"),
    [
        ([(1, 5)], [], [(1, 5)]),
        ([(1, 5)], [(1, 5)], []),
        ([(1, 5)], [(0, 9)], []),
        ([(1, 5)], [(2, 3)], [(1, 2), (3, 5)]),
        ([(1, 5)], [(5, 7)], [(1, 5)]),
        ([(1, 5)], [(0, 1)], [(1, 5)]),
        ([(1, 5), (7, 9)], [(4, 8)], [(1, 4), (8, 9)]),
        ([(1, 9)], [(2, 3), (5, 6)], [(1, 2), (3, 5), (6, 9)]),
    ],
)
def test_what_is_left_without_some_nights(given, gone, left):
    assert without(spans(*given), spans(*gone)) == spans(*left)


PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=6)


def nights(pairs):
    return {FIRST + timedelta(day) for start, end in pairs for day in range(start, end)}


def nights_of(found):
    return {start + timedelta(day) for start, end in found for day in range((end - start).days)}


@given(PAIRS, PAIRS)
def test_spans_are_sets_of_nights(one, other):
    assert nights_of(joined(spans(*one))) == nights(one)
    assert nights_of(without(spans(*one), spans(*other))) == nights(one) - nights(other)
    start, end = FIRST + timedelta(5), FIRST + timedelta(15)
    assert nights_of(within(spans(*one), start, end)) == {night for night in nights(one) if start <= night < end}


def test_a_range_of_the_database_is_a_span():
    assert span_of(SimpleNamespace(lower=1, upper=2)) == (1, 2)


@pytest.mark.parametrize(
    ("month", "count", "expected"),
    [
        ((2026, 1), 0, (2026, 1)), ((2026, 1), 1, (2026, 2)), ((2026, 12), 1, (2027, 1)), ((2026, 1), -1, (2025, 12)),
        ((2026, 6), 12, (2027, 6)), ((2026, 6), -18, (2024, 12)), ((2026, 11), 25, (2028, 12)),
    ],
)  # fmt: skip
def test_months_are_counted_over_the_turn_of_the_year(month, count, expected):
    assert months_later(date(month[0], month[1], 1), count) == date(expected[0], expected[1], 1)


def test_a_dashboard_has_fifteen_months_with_their_first_days():
    months = months_around(date(2026, 2, 28))
    assert (months[0], months[11], months[-1], len(months)) == (
        date(2025, 3, 1),
        date(2026, 2, 1),
        date(2026, 5, 1),
        15,
    )
    assert month_of(date(2026, 2, 28)) == date(2026, 2, 1)
    assert list(month_spans(months))[-1] == (date(2026, 5, 1), date(2026, 6, 1))


def season(start, end, price=1):
    return SeasonPrice(FIRST + timedelta(start), FIRST + timedelta(end), None, D(price))


def test_a_new_price_takes_away_what_lies_wholly_under_it():
    rules = [season(0, 5), season(2, 4), season(4, 9), season(6, 8), season(5, 6)]
    new = season(2, 6, 9)
    assert overlaid(rules, new, FIRST) == [season(0, 5), season(4, 9), season(6, 8), new]


def test_where_there_are_too_many_those_that_have_passed_go():
    today = FIRST + timedelta(3)
    rules = [season(0, 3), season(0, 4), *(season(day, day + 9) for day in range(20, 20 + MOST_RULES - 2))]
    new = season(1, 2)
    assert len(rules) == MOST_RULES
    assert overlaid(rules, new, today) == [*rules[1:], new]
    assert overlaid(rules[:-1], new, today) == [*rules[:-1], new]


@pytest.mark.parametrize(
    ("stars", "reviews", "mean", "ranked"),
    [(0, 0, None, "4.300"), (5, 1, "5.00", "4.417"), (9, 2, "4.50", "4.357"), (14, 3, "4.67", "4.438"),
     (1, 1, "1.00", "3.750"), (485, 100, "4.85", "4.824"), (1209, 400, "3.02", "3.038")],
)  # fmt: skip
def test_stars(stars, reviews, mean, ranked):
    assert mean_rating(stars, reviews) == (None if mean is None else D(mean))
    assert shown_rating(stars, reviews) == (None if mean is None else float(mean))
    assert score(stars, reviews) == D(ranked)
