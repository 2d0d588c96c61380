"""Writes core/static/core/currencies.js from the tables of core/amounts.py and core/money.py. A test checks for drift."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.amounts import DIGITS, LAKH, SIGNS
from core.money import UNITS

TARGET = Path(__file__).resolve().parents[1] / "core/static/core/currencies.js"
HEAD = "// Written by `python -m tools.write_currencies` from core/amounts.py and core/money.py.\n"


def currencies_js() -> str:
    """Returns the text of the module, formatted as prettier does."""
    tables = {"SIGNS": _table(SIGNS), "LAKH": _list(LAKH), "DIGITS": _table(DIGITS), "UNITS": _table(UNITS)}
    return HEAD + "".join(f"export const {name} = {table};\n" for name, table in tables.items())


def _table(values: Mapping[str, object]) -> str:
    return "{ " + ", ".join(f"{key}: {_text(value)}" for key, value in values.items()) + " }"


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


if __name__ == "__main__":
    TARGET.write_text(currencies_js())
