"""Writes values for PostgreSQL and reads them back, in its text format. They are the same as psycopg2 gives through Django."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

# Patterns for an array's text: an element, quoted or plain, and a character after a backslash.
ELEMENT, ESCAPED = re.compile(rb'("(?:[^"\\]|\\.)*")|([^,]+)', re.DOTALL), re.compile(rb"\\(.)", re.DOTALL)
Encode = Callable[[Any], bytes]
Decode = Callable[[bytes], Any]


def _text(value: str) -> bytes:
    encoded = value.encode()
    if 0 in encoded:  # libpq would send only the part before it
        raise ValueError("A text for PostgreSQL can't hold NUL.")
    return encoded


def _json(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else _text(value)


# A move writes the same moment into most of its columns.
@lru_cache(maxsize=1024)
def _moment(value: date | datetime) -> bytes:
    if (
        getattr(value, "tzinfo", None) is UTC
    ):  # orjson takes a third of the time, but rounds an odd zone's distance from UTC
        return orjson.dumps(value)[1:-1]
    return value.isoformat().encode()


def _interval(value: timedelta) -> bytes:
    return f"{value.days} days {value.seconds}.{value.microseconds:06} seconds".encode()


def _number(value: Decimal | int) -> bytes:
    return str(value).encode()


def _flag(value: bool) -> bytes:
    return b"t" if value else b"f"


def _bytea(value: bytes) -> bytes:
    return b"\\x" + value.hex().encode()


def _array(encode: Encode) -> Encode:
    def encoded(values: Iterable[Any]) -> bytes:
        return b"{" + b",".join([b"NULL" if value is None else encode(value) for value in values]) + b"}"

    return encoded


def _in_quotes(encode: Encode) -> Encode:
    """Quotes an array's element, for types whose text may contain a comma, a brace, a quote or the word NULL."""

    def encoded(value: Any) -> bytes:
        return b'"' + encode(value).replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'

    return encoded


# PostgreSQL's type → (its OID, the OID of its array, how a parameter is written). Source of the OIDs: pg_type.dat.
TYPES: dict[str, tuple[int, int, Encode]] = {
    "bool": (16, 1000, _flag),
    "bytea": (17, 1001, _bytea),
    "bigint": (20, 1016, _number),
    "smallint": (21, 1005, _number),
    "int": (23, 1007, _number),
    "text": (25, 1009, _text),
    "json": (114, 199, _json),
    "date": (1082, 1182, _moment),
    "timestamptz": (1184, 1185, _moment),
    "interval": (1186, 1187, _interval),
    "numeric": (1700, 1231, _number),
    "jsonb": (3802, 3807, _json),
    "daterange": (3912, 3913, _text),
}
QUOTED = ("bytea", "text", "json", "interval", "jsonb", "daterange")
PARAMETERS: dict[str, tuple[int, Encode]] = {
    name: parameter
    for kind, (number, many, encode) in TYPES.items()
    for name, parameter in (
        (kind, (number, encode)),
        (f"{kind}[]", (many, _array(_in_quotes(encode) if kind in QUOTED else encode))),
    )
}


def _decimal(raw: bytes) -> Decimal:
    return Decimal(raw.decode())


def _listed(decode: Decode) -> Decode:
    """Returns a reader for arrays of one dimension, such as {1,NULL,"a \\"quoted\\" one"}."""

    def read(raw: bytes) -> list[Any]:
        found = ELEMENT.findall(raw[1:-1])
        return [
            decode(ESCAPED.sub(rb"\1", quoted[1:-1])) if quoted else None if plain == b"NULL" else decode(plain)
            for quoted, plain in found
        ]

    return read


def _bytes(raw: bytes) -> bytes:
    return bytes.fromhex(raw[2:].decode())


def _read_flag(raw: bytes) -> bool:
    return raw == b"t"


def _read_day(raw: bytes) -> date:
    return date.fromisoformat(raw.decode())


# OID of a type → how its values are read. json is parsed, as psycopg2 does; jsonb stays text, as in Django.
RESULTS: dict[int, Decode] = {
    16: _read_flag,
    17: _bytes,
    20: int,
    21: int,
    23: int,
    25: bytes.decode,
    114: orjson.loads,
    1000: _listed(_read_flag),
    1005: _listed(int),
    1007: _listed(int),
    1009: _listed(bytes.decode),
    1015: _listed(bytes.decode),
    1016: _listed(int),
    1043: bytes.decode,
    1082: _read_day,
    1083: lambda raw: time.fromisoformat(raw.decode()),
    1182: _listed(_read_day),
    1184: lambda raw: datetime.fromisoformat(raw.decode()),
    1700: _decimal,
    3802: bytes.decode,
}


def encoders(types: Sequence[str]) -> list[Encode]:
    """Returns the functions that write parameters of these types. Raises KeyError for a type not in `PARAMETERS`."""
    return [PARAMETERS[kind][1] for kind in types]


def type_numbers(types: Sequence[str]) -> list[int]:
    """Returns the OIDs of these types. Raises KeyError for a type not in `PARAMETERS`."""
    return [PARAMETERS[kind][0] for kind in types]


def decoder(type_number: int) -> Decode:
    """Returns the function that reads a column of this type. Raises LookupError for an unknown type, which would be misread
    as text."""
    if type_number not in RESULTS:
        raise LookupError(f"The lane reads no column of PostgreSQL's type {type_number}; add it to RESULTS.")
    return RESULTS[type_number]
