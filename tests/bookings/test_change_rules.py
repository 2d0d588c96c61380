"""Which nights a change adds, and what a changed stay costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bookings.rules.changes import added_nights, changed_stay_price
from tests.factories.bookings import day


@pytest.fixture(autouse=True)
def _cheap_cleaning(settings: Any) -> None:
    settings.PAYMENT_GATEWAY = "sandbox"


@pytest.mark.parametrize(
    ("new", "added"),
    [
        ((0, 3), []), ((0, 2), []), ((1, 3), []), ((0, 4), [(3, 4)]), ((-1, 4), [(-1, 0), (3, 4)]), ((5, 8), [(5, 8)]),
        ((-3, -1), [(-3, -1)]), ((3, 5), [(3, 5)]), ((2, 5), [(3, 5)]),
    ],
)  # fmt: skip
def test_the_nights_that_are_added(new: tuple[int, int], added: list[tuple[int, int]]) -> None:
    found = added_nights((day(0), day(3)), (day(new[0]), day(new[1])))
    assert found == [(day(a), day(b)) for a, b in added]


@pytest.mark.parametrize(
    ("listed", "agreed", "agreed_of", "price"),
    [
        ("4000", "2500", "3000", "3333.33"),
        ("4000", "3000", "3000", "4000"),
        ("4000", "0", "0", "4000"),
        ("10", "1", "3", "3.33"),
    ],
)
def test_what_was_haggled_off_stays_off(listed: str, agreed: str, agreed_of: str, price: str) -> None:
    found = changed_stay_price(Decimal(listed), agreed=Decimal(agreed), agreed_of=Decimal(agreed_of))
    assert found == Decimal(price)
