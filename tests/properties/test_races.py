"""What if two do this at once: real threads on the real database."""

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import transaction

from core import clock
from properties.models import CalendarEntry, Meal, Photo, Property, SearchEntry, Window
from properties.rules.spans import span_of
from properties.serializers.steps import Step2, Step4, Step5, Step7
from properties.services.blocks import block_nights, free_interval
from properties.services.calendar import lock_property, take_nights
from properties.services.listings import relist_property, unlist_property
from properties.services.steps import save_step
from tests.factories.properties import make_property
from tests.properties.conftest import STEP4, data_url, step2, stored_files
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(4)
NOW = clock.now()


def day(n):
    return NOW.date() + timedelta(n)


def save(row, step, data):
    return partial(save_step, step=step, property_id=row.pk, actor=row.host, data=data, now=NOW)


def test_two_puts_of_one_step_leave_one_of_them_whole():
    for n in ROUNDS:
        row = make_property(title=f"Home {n}")
        rules = [{"start_date": "2190-01-01", "end_date": "2190-02-01", "price": 100 + i} for i in range(5)]
        one = Step4.read(STEP4 | {"price": "1111", "min_nights": 2, "price_rules": rules[:2]})
        two = Step4.read(STEP4 | {"price": "2222", "min_nights": 3, "price_rules": rules[2:]})
        at_once(*[save(row, 4, one), save(row, 4, two)] * 2)
        row.refresh_from_db()
        prices = [int(rule.price) for rule in row.price_rules.all()]
        whole = (int(row.price), row.min_nights, prices)
        assert whole in [(1111, 2, [100, 101]), (2222, 3, [102, 103, 104])]
        assert SearchEntry.objects.get(pk=row.pk).price == row.price


def test_menus_and_windows_sent_twice_at_once_stand_once():
    for n in ROUNDS:
        row = make_property(title=f"Home {n}")
        menu = Step5.read({"lunch": [{"name": "Rice", "price": 5}, {"name": "Dal", "price": 3}]})
        dates = Step7.read({"selected_dates": [{"start_date": "2190-01-01", "end_date": "2190-02-01"}]})
        at_once(*[save(row, 5, menu), save(row, 7, dates)] * 3)
        assert Meal.objects.filter(property=row, removed_at=None).count() == 2
        assert Window.objects.filter(property=row).count() == 1


def test_photos_sent_twice_at_once_stand_once_and_every_row_has_its_files():
    row = make_property()
    for n in ROUNDS:
        red, blue = data_url("red", size=(40 + n, 40)), data_url("blue", size=(40 + n, 40))
        at_once(*[save(row, 2, Step2.read(step2(red, blue))), save(row, 2, Step2.read(step2(blue)))] * 2)
        photos = Photo.objects.filter(property=row)
        assert photos.count() in (1, 2)
        assert stored_files() == sorted(str(file) for p in photos for file in (p.image, p.thumbnail))


def take(row, first, last):
    with transaction.atomic():
        lock_property(row.pk)
        take_nights(property_id=row.pk, start_date=day(first), end_date=day(last), kind="stay", now=NOW)
        return "stay"


def change(what, row, first, last):
    return what(property_id=row.pk, start_date=day(first), end_date=day(last), actor=row.host, now=NOW)


def test_a_block_and_a_stay_at_once_never_share_a_night():
    for n in ROUNDS:
        row = make_property(title=f"Home {n}")
        calls = [partial(change, block_nights, row, 5 + i % 3, 9 + i % 3) for i in range(4)]
        calls += [partial(take, row, 6 + i, 8 + i) for i in range(3)]
        results = at_once(*calls)
        assert set(results) <= {None, "stay", "dates.taken"}
        assert None in results or "stay" in results
        entries = list(CalendarEntry.objects.filter(property=row).order_by("nights"))
        assert all(span_of(a.nights)[1] <= span_of(b.nights)[0] for a, b in pairwise(entries))
        assert results.count("stay") == sum(entry.kind == "stay" for entry in entries)


def test_blocking_and_freeing_at_once_loses_nothing():
    for n in ROUNDS:
        row = make_property(title=f"Home {n}", always_open=False)
        calls = [partial(change, free_interval, row, i, i + 2) for i in range(1, 9, 2)]
        calls += [partial(change, block_nights, row, 20 + i, 22 + i) for i in range(4)]
        assert set(at_once(*calls)) == {None}
        windows = [(w.nights.lower, w.nights.upper) for w in row.windows.all()]
        assert windows == [(day(1), day(9))]
        [block] = CalendarEntry.objects.filter(property=row)
        assert (block.nights.lower, block.nights.upper) == (day(20), day(25))


def test_unlisting_and_relisting_at_once_leaves_search_in_step():
    for n in ROUNDS:
        row = make_property(title=f"Home {n}")
        call = {"property_id": row.pk, "actor": row.host, "now": NOW}
        at_once(*[partial(unlist_property, **call), partial(relist_property, **call)] * 3)
        listed = Property.objects.get(pk=row.pk).status == "listed"
        # Nobody listed it through the steps: the first change of its state writes its search row.
        assert SearchEntry.objects.filter(pk=row.pk).exists() is listed
