"""An amount as people read it: sign, groups and digits, in the language of the page.

`core/static/core/currencies.js` is written from these tables (`python -m tools.write_currencies`), so that server and
browser write the same string; Babel and Intl differ from each other and know no English of Bangladesh.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import get_language

SIGNS = {"BDT": "৳", "USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "THB": "฿"}
# Currencies grouped as South Asia counts, 12,34,567, in every language.
LAKH = ("BDT", "INR", "NPR", "PKR", "LKR")
# Languages with their own digits, from 0 to 9.
DIGITS = {"bn": "০১২৩৪৫৬৭৮৯"}
MINUS = "−"


def price(amount: Decimal, currency: str, language: str | None = None) -> str:
    """An amount with its sign and groups, and hundredths where there are any, in `language` or the page's language."""
    whole, hundredths = f"{abs(amount):.2f}".split(".")
    text = group(whole, currency) + (f".{hundredths}" if hundredths != "00" else "")
    return f"{MINUS if amount < 0 else ''}{sign_of(currency)}{own_digits(text, language)}"


def sign_of(currency: str) -> str:
    """What stands in front of an amount of a currency."""
    return SIGNS.get(currency, f"{currency} ")


def group(whole: str, currency: str) -> str:
    """Digits with commas: by thousands, or by lakh and crore."""
    if currency not in LAKH:
        return f"{int(whole):,}"
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return ",".join([*reversed(pairs), tail])


def own_digits(text: str, language: str | None = None) -> str:
    """`text` with the digits of the page's language, or of `language`."""
    digits = DIGITS.get((language or get_language() or "").partition("-")[0])
    return text.translate(str.maketrans("0123456789", digits)) if digits else text


def plain_digits(text: str) -> str:
    """`text` with the digits of our languages replaced by 0 to 9, as users type them into a field."""
    for digits in DIGITS.values():
        text = text.translate(str.maketrans(digits, "0123456789"))
    return text
