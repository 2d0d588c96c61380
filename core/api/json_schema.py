"""Helpers that build JSON Schemas, and the named schemas that operations share.

Source: JSON Schema 2020-12, the dialect of OpenAPI 3.1.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

COMPONENTS: dict[str, Schema] = {}


def component(name: str, schema: Schema) -> Schema:
    """Names a schema, so that generated clients have one type for it. Returns the reference. Raises where the name is taken."""
    if COMPONENTS.setdefault(name, schema) != schema:
        raise ValueError(f"Two schemas are named {name}.")
    return ref(name)


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None, about: str = "") -> Schema:
    """An object; `optional` are the properties that may be absent."""
    described = {"description": about} if about else {}
    return {"type": "object", **described, "required": list(required), "properties": {**required, **(optional or {})}}


def rows(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    if isinstance(schema.get("type"), str):
        enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **enum}
    return {"anyOf": [schema, {"type": "null"}]}


def about(schema: Schema, words: str) -> Schema:
    """The schema with a description beside it."""
    return {**schema, "description": words}


def words(*choices: Any) -> Schema:
    """The schema of one of these texts."""
    return {"type": "string", "enum": [str(getattr(choice, "value", choice)) for choice in choices]}


TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
ID: Schema = {"type": "integer", "format": "int64"}
NUMBER: Schema = {"type": "number"}
YES_NO: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date", "examples": ["2027-03-14"]}
TIME: Schema = {"type": "string", "format": "date-time", "examples": ["2026-11-22T10:00:00.000Z"]}
URL: Schema = {"type": "string", "format": "uri"}
HOUR: Schema = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["14:00"]}

MONEY = component(
    "Money",
    {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$", "description": "Two decimals.", "examples": ["5200.00"]},
)
CURRENCY = component(
    "Currency", {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217.", "examples": ["BDT"]}
)
SPAN = component("Span", record({"start_date": DAY, "end_date": DAY}, about="Half-open: `end_date` is check-out."))
NOTHING = component("Nothing", {"type": "object", "maxProperties": 0, "description": "An empty object."})
