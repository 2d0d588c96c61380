"""Amounts as people read them: signs, groups, digits; the browser's table is the server's."""

from decimal import Decimal as D

import pytest

from core.amounts import plain_digits, price
from tests.core.amounts import SHOWN
from tools.write_currencies import TARGET, currencies_js


@pytest.mark.parametrize(("amount", "currency", "language", "text"), SHOWN)
def test_an_amount_is_shown_with_sign_groups_and_digits(amount: str, currency: str, language: str, text: str) -> None:
    assert price(D(amount), currency, language) == text


def test_digits_of_a_language_are_read_as_digits() -> None:
    assert plain_digits("৳১২,৩৪৫.৫০ and 7") == "৳12,345.50 and 7"


def test_the_browsers_table_is_the_servers() -> None:
    assert TARGET.read_text() == currencies_js()
