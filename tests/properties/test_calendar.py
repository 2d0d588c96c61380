from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError
from properties.models import CalendarEntry
from properties.rules.terms import MenuItem, SeasonPrice
from properties.selectors.calendar import has_free_nights, list_taken
from properties.selectors.terms import get_terms, get_terms_map
from properties.services.calendar import free_nights, lock_property, take_nights
from tests.factories.properties import make_entry, make_meal, make_price_rule, make_property, make_window

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def day(n):
    return date(2026, 7, n)


def test_terms_of_a_property_in_one_query():
    row = make_property(
        weekly_percent=D("7.50"), check_in_from=time(15), stay_with_meal=True, meal_price=D(80), cleaning_fee=D("55.50")
    )  # fmt: skip
    make_price_rule(row, day(1), day(9), "1500.00", [4, 5])
    make_price_rule(row, day(3), day(5), "1800.55")
    dish = make_meal(row)
    make_meal(row, "Gone").__class__.objects.filter(name="Gone").update(removed_at=NOW)
    make_window(row, day(1), day(20))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        terms = get_terms(row.pk)
    assert len(queries) == 1
    assert terms.price_rules == (
        SeasonPrice(day(1), day(9), (4, 5), D("1500.00")), SeasonPrice(day(3), day(5), None, D("1800.55"))
    )  # fmt: skip
    assert terms.menu == (MenuItem(dish.pk, "breakfast", "Paratha", D("150.00")),)
    assert (terms.windows, terms.always_open) == (((day(1), day(20)),), False)
    for name in ("host_id", "status", "title", "currency", "price", "weekly_percent", "cleaning_fee", "min_nights",
                 "max_nights", "notice_days", "timezone", "check_in_from", "check_out_by", "stay", "stay_with_meal",
                 "paying_guest", "meal_price", "cancellation_policy", "instant_book", "negotiable", "offers_per_side",
                 "auto_accept_percent", "auto_decline_percent"):  # fmt: skip
        assert getattr(terms, name) == getattr(row, name), name
    assert terms.max_guests == 4
    assert terms.is_listed


def test_terms_of_a_draft_and_of_nothing():
    draft = make_property(status="draft", price=None)
    assert get_terms(draft.pk).price == 0
    assert get_terms(draft.pk + 1) is None
    assert get_terms_map([]) == {}


def take(row, start, end, kind="stay", now=NOW, **fields):
    return take_nights(property_id=row.pk, start_date=start, end_date=end, kind=kind, now=now, **fields)


def test_nights_are_taken_once_and_the_check_out_day_is_free():
    row = make_property()
    with transaction.atomic():
        lock_property(row.pk)
        take(row, day(1), day(4))
        with pytest.raises(DomainError) as refusal:
            take(row, day(3), day(6))
        assert refusal.value.code == "dates.taken"
        take(row, day(4), day(6), "block")
    assert list_taken(row.pk, day(1), day(30), NOW) == [(day(1), day(6))]
    assert list_taken(row.pk, day(2), day(3), NOW) == [(day(2), day(3))]
    assert not has_free_nights(property_id=row.pk, start_date=day(5), end_date=day(7), now=NOW)
    assert has_free_nights(property_id=row.pk, start_date=day(6), end_date=day(7), now=NOW)


def test_an_expired_hold_takes_nothing_and_makes_way():
    row = make_property()
    hold = take(row, day(1), day(4), "hold", held_until=NOW + timedelta(minutes=15))
    later = NOW + timedelta(minutes=15)
    assert list_taken(row.pk, day(1), day(9), NOW) == [(day(1), day(4))]
    assert list_taken(row.pk, day(1), day(9), later) == []
    take(row, day(3), day(5), now=later)
    assert not CalendarEntry.objects.filter(pk=hold.pk).exists()
    assert list_taken(row.pk, day(1), day(9), later) == [(day(3), day(5))]


def test_freed_nights_can_be_taken_again_and_freeing_twice_is_harmless():
    row = make_property()
    entry = make_entry(row, day(1), day(4))
    assert has_free_nights(property_id=row.pk, start_date=day(1), end_date=day(4), now=NOW, but=[entry.pk])
    free_nights(entry.pk, property_id=entry.property_id, now=NOW)
    free_nights(entry.pk, property_id=entry.property_id, now=NOW)
    assert take(row, day(1), day(4)).pk != entry.pk


def test_locking_what_is_not_there():
    with transaction.atomic(), pytest.raises(DomainError) as refusal:
        lock_property(0)
    assert refusal.value.code == "not_found"
