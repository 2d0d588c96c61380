"""Reads the fields of a command or a body: tolerant of how a value is written, exact about what it may be.

Both doors read with this, so that they refuse the same things with the same words. Every wrong field is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from core.errors import invalid
from core.money import CENT, MAX_DIGITS

AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?\Z")
DIGITS = re.compile(r"[0-9]{1,19}\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
MAX_ID = 2**63 - 1
MAX_INTEGER = 2**31 - 1

NEEDED, PLAIN = "This field is needed.", "Give plain text."
WHOLE, NUMBER = "Give a whole number", "Give a number"
OBJECT, LIST = "Give an object of names and values.", "Give a list."
_LENGTHS = {"min_length": "Give at least {min_length}.", "max_length": "Give at most {max_length}."}
# What the REST framework's kinds of field say of a wrong value, in place of its own words: how to mend it.
WORDS: dict[str, dict[str, str]] = {
    "Field": {"required": NEEDED, "null": NEEDED},
    "BooleanField": {"invalid": "Give true or false."},
    "CharField": {
        "invalid": PLAIN,
        "blank": NEEDED,
        "max_length": "At most {max_length} characters.",
        "min_length": "At least {min_length} characters.",
    },
    "EmailField": {"invalid": "Give an e-mail address, such as name@example.com."},
    "IntegerField": {
        "invalid": f"{WHOLE}.",
        "max_value": f"{WHOLE} of at most {{max_value}}.",
        "min_value": f"{WHOLE} of at least {{min_value}}.",
        "max_string_length": f"{WHOLE}.",
    },
    "FloatField": {
        "invalid": f"{NUMBER}.",
        "max_value": f"{NUMBER} of at most {{max_value}}.",
        "min_value": f"{NUMBER} of at least {{min_value}}.",
        "max_string_length": f"{NUMBER}.",
        "overflow": f"{NUMBER}.",
    },
    "DecimalField": {
        "invalid": f"{NUMBER} in plain digits, such as 12.50.",
        "max_value": f"{NUMBER} of at most {{max_value}}.",
        "min_value": f"{NUMBER} of at least {{min_value}}.",
        "max_digits": f"{NUMBER} of at most {{max_digits}} digits.",
        "max_decimal_places": f"{NUMBER} with at most {{max_decimal_places}} decimals.",
        "max_whole_digits": f"{NUMBER} with at most {{max_whole_digits}} digits before the point.",
        "max_string_length": f"{NUMBER} in plain digits, such as 12.50.",
    },
    "DateField": {"invalid": "Give a date as YYYY-MM-DD.", "datetime": "Give a date as YYYY-MM-DD."},
    "TimeField": {"invalid": "Give a time as HH:MM."},
    "FileField": {
        "required": "Upload a file.",
        "invalid": "Upload a file, as multipart/form-data.",
        "no_name": "Give the file a name.",
        "empty": "Upload a file that is not empty.",
        "max_length": "Give the file a name of at most {max_length} characters.",
    },
    "ListField": {"not_a_list": LIST, "empty": "Give at least one.", **_LENGTHS},
    "DictField": {"not_a_dict": OBJECT, "empty": "Give at least one."},
    "Serializer": {"invalid": OBJECT},
    "ListSerializer": {"not_a_list": LIST, "empty": "Give at least one.", **_LENGTHS},
}


class Fields:
    """The fields of `raw`; `""` and null mean not given. Read all of them, then `check()`."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.errors: dict[str, list[str]] = {}

    def given(self, name: str) -> Any:
        """The value as sent, None where it was not given."""
        value = self.raw.get(name)
        return None if value == "" else value

    def wrong(self, name: str, text: str) -> None:
        """Notes what is wrong with a field, and how to mend it."""
        self.errors.setdefault(name, []).append(text)

    def check(self) -> None:
        """Raises `invalid` with every field that was wrong."""
        if self.errors:
            raise invalid(**self.errors)

    def id(self, name: str, *, required: bool = True) -> int:
        """An id, as a number or a string of digits; 0 where it is wrong or not given."""
        number = self._whole(name, "an id: a whole number", MAX_ID, required)
        return number or 0

    def optional_id(self, name: str) -> int | None:
        """An id or None."""
        return self._whole(name, "an id: a whole number", MAX_ID, False)

    def integer(self, name: str, *, least: int = 0, most: int = MAX_INTEGER, required: bool = True) -> int | None:
        """A whole number from `least` to `most`."""
        number = self._whole(name, f"a whole number from {least} to {most}", MAX_ID, required)
        if number is not None and not least <= number <= most:
            self.wrong(name, f"Give a whole number from {least} to {most}.")
            return None
        return number

    def amount(self, name: str, *, required: bool = True) -> Decimal | None:
        """Money: above 0, at most two decimals and 12 digits, no exponent. Two places."""
        value = self.given(name)
        if value is None:
            self._missing(name, required)
            return None
        text = value.strip() if isinstance(value, str) else _number_text(value)
        if not AMOUNT.match(text) or len(text.replace(".", "")) > MAX_DIGITS or not Decimal(text):
            self.wrong(name, "Give an amount above 0 with at most two decimals, such as 5200.00.")
            return None
        return Decimal(text).quantize(CENT)

    def date(self, name: str, *, required: bool = True) -> date | None:
        """A date, YYYY-MM-DD."""
        value = self.given(name)
        if value is None:
            self._missing(name, required)
            return None
        try:
            if isinstance(value, str) and DATE.match(value.strip()):
                return date.fromisoformat(value.strip())
        except ValueError:
            pass
        self.wrong(name, WORDS["DateField"]["invalid"])
        return None

    def text(self, name: str, *, most: int, required: bool = True) -> str | None:
        """Words: at most `most` characters, not only blanks."""
        value = self.given(name)
        if value is None:
            self._missing(name, required)
            return None
        if not isinstance(value, str) or not is_clean(value):
            self.wrong(name, PLAIN)
        elif len(value) > most:
            self.wrong(name, f"At most {most} characters.")
        elif not value.strip():
            self._missing(name, required)
            return None
        else:
            return value
        return None

    def boolean(self, name: str) -> bool:
        """True or false; not given is false."""
        value = self.given(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        if str(value).lower() in ("true", "1", "false", "0"):
            return str(value).lower() in ("true", "1")
        self.wrong(name, WORDS["BooleanField"]["invalid"])
        return False

    def _missing(self, name: str, required: bool) -> None:
        if required:
            self.wrong(name, NEEDED)

    def _whole(self, name: str, what: str, most: int, required: bool) -> int | None:
        value = self.given(name)
        if value is None:
            self._missing(name, required)
            return None
        number = value if isinstance(value, int) and not isinstance(value, bool) else None
        if isinstance(value, str) and DIGITS.match(value.strip()):
            number = int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
            number = int(value)
        if number is None or not 0 <= number <= most:
            self.wrong(name, f"Give {what}.")
            return None
        return number


def is_clean(text: str) -> bool:
    """Whether a text can be stored and sent: no NUL, no lone surrogate."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def clean_or_invalid(name: str, value: str) -> str:
    """`value`. Raises `invalid` with its field for a NUL or a lone surrogate in it."""
    if not is_clean(value):
        raise invalid(**{name: PLAIN})
    return value


def _number_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return ""
    text = str(value)
    return text.removesuffix(".0") if isinstance(value, float) else text
