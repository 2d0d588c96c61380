"""The fields of a command or a body: tolerant of how a value is written, exact about what it may be.

Both doors read with these, so that they refuse the same things with the same words.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from rest_framework import serializers

from core.errors import invalid
from core.money import CENT, MAX_DIGITS
from core.said import said

AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?\Z")
DIGITS = re.compile(r"[0-9]{1,19}\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
# Zero width non-joiner and joiner: Bangla and emoji are written with them.
JOINERS = "\u200c\u200d"
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
MAX_ID = 2**63 - 1
MAX_INTEGER = 2**31 - 1

NEEDED, PLAIN = said("This field is needed."), said("Give plain text.")
OBJECT, LIST = said("Give an object of names and values."), said("Give a list.")
_LENGTHS = {"min_length": "Give at least {min_length}.", "max_length": "Give at most {max_length}."}
# Texts for wrong values that replace the REST framework's own: they say how to mend the value.
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
        "invalid": "Give a whole number.",
        "max_value": "Give a whole number of at most {max_value}.",
        "min_value": "Give a whole number of at least {min_value}.",
        "max_string_length": "Give a whole number.",
    },
    "FloatField": {
        "invalid": "Give a number.",
        "max_value": "Give a number of at most {max_value}.",
        "min_value": "Give a number of at least {min_value}.",
        "max_string_length": "Give a number.",
        "overflow": "Give a number.",
    },
    "DecimalField": {
        "invalid": "Give a number in plain digits, such as 12.50.",
        "max_value": "Give a number of at most {max_value}.",
        "min_value": "Give a number of at least {min_value}.",
        "max_digits": "Give a number of at most {max_digits} digits.",
        "max_decimal_places": "Give a number with at most {max_decimal_places} decimals.",
        "max_whole_digits": "Give a number with at most {max_whole_digits} digits before the point.",
        "max_string_length": "Give a number in plain digits, such as 12.50.",
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


class PlainField(serializers.Field[Any, Any, Any, Any]):
    """A field of a `PlainSerializer`. `schema()` is its JSON Schema."""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the field's values."""
        raise NotImplementedError

    def refuse(self, text: str) -> NoReturn:
        """Raises ValidationError with what is wrong and how to mend it."""
        raise serializers.ValidationError([text])


class IdField(PlainField):
    """An id, as a number or a string of digits."""

    def to_internal_value(self, data: Any) -> int:
        number = whole_number(data)
        if number is None:
            self.refuse("Give an id: a whole number.")
        return number

    def schema(self) -> dict[str, Any]:
        return {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}


class WholeField(PlainField):
    """A whole number from `least` to `most`, as a number or a string of digits."""

    def __init__(self, *, least: int = 0, most: int = MAX_INTEGER, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def to_internal_value(self, data: Any) -> int:
        number, least = whole_number(data), self.lowest()
        if number is None or not least <= number <= self.most:
            self.refuse(said("Give a whole number from %(least)s to %(most)s.", least=least, most=self.most))
        return number

    def lowest(self) -> int:
        """The least value allowed now."""
        return self.least

    def schema(self) -> dict[str, Any]:
        limit = {} if self.most == MAX_INTEGER else {"maximum": self.most}
        return {"type": "integer", "minimum": self.least, **limit}


class PriceField(PlainField):
    """Money: above 0, at most two decimals and 12 digits, no exponent. Two places."""

    def to_internal_value(self, data: Any) -> Decimal:
        text = data.strip() if isinstance(data, str) else _number_text(data)
        if AMOUNT.match(text) and len(text.replace(".", "")) <= MAX_DIGITS and (amount := Decimal(text)):
            return amount.quantize(CENT)
        self.refuse("Give an amount above 0 with at most two decimals, such as 5200.00.")

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "number"], "description": "above 0, at most two decimals and 12 digits"}


class DayField(PlainField):
    """A date, `YYYY-MM-DD`."""

    def to_internal_value(self, data: Any) -> date:
        try:
            if isinstance(data, str) and DATE.match(data.strip()):
                return date.fromisoformat(data.strip())
        except ValueError:
            pass
        self.refuse(WORDS["DateField"]["invalid"])

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}


class TextField(PlainField):
    """A text of at most `most` characters; a text of blanks counts as not given."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not is_clean(data):
            self.refuse(PLAIN)
        if len(data) > self.most:
            self.refuse(said("At most %(most)s characters.", most=self.most))
        if data.strip():
            return data
        if self.required:
            self.refuse(NEEDED)
        raise serializers.SkipField

    def schema(self) -> dict[str, Any]:
        return {"type": "string", **({"minLength": 1} if self.required else {}), "maxLength": self.most}


class YesNoField(PlainField):
    """True or false, however it is written."""

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(data, bool):
            return data
        word = str(data).lower()
        if word not in ("true", "1", "false", "0"):
            self.refuse(WORDS["BooleanField"]["invalid"])
        return word in ("true", "1")

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def whole_number(value: Any) -> int | None:
    """A whole number of 0 or more that a bigint holds, written as a number or in digits; None for anything else."""
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and DIGITS.match(value.strip()):
        number = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        number = int(value)
    return number if number is not None and 0 <= number <= MAX_ID else None


def is_clean(text: str) -> bool:
    """Whether a text can be stored and sent: no NUL, no lone surrogate."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def one_line(text: str) -> str:
    """The text as one line, for lists, mails and titles: runs of blanks and line breaks become one blank; control characters and
    changes of direction are dropped; joiners stay, because scripts need them."""
    seen = (char for char in " ".join(text.split()) if char in JOINERS or unicodedata.category(char) not in UNSEEN)
    return "".join(seen).strip()


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
