"""Amounts as people write them in a form: `12,500`, `৳ 12 500`, `১২,৫০০`."""

from __future__ import annotations

import re
import unicodedata

from core.amounts import SIGNS

# The fields of the wizard's forms that are amounts, by the last part of their names.
AMOUNTS = frozenset({"price", "cleaning_fee", "meal_price"})
# Commas between thousands, or as South Asia sets them: 12,500 and 1,25,000.
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?\Z|\d{1,2}(,\d{2})*,\d{3}(\.\d*)?\Z")
BESIDE = re.compile(rf"[\s\u00a0\u202f{re.escape(''.join(SIGNS.values()))}]")


def plain_amount(text: str) -> str:
    """The amount in plain digits; other text comes back unchanged, so that the field refuses it."""
    bare = "".join(_digit(sign) for sign in BESIDE.sub("", text))
    return bare.replace(",", "") if GROUPED.match(bare) else bare or text


def _digit(sign: str) -> str:
    """The ASCII digit of a digit in any script."""
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)
