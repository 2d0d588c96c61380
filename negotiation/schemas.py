"""JSON Schemas of the values that travel; `core/api/fields.py` has those of what clients send."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time", "description": "ISO 8601, UTC, ends in Z"}
DATE: Schema = {"type": "string", "format": "date"}
MONEY: Schema = {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$"}
SIDE: Schema = {"enum": ["guest", "host"]}


def ref(name: str) -> Schema:
    """One of the document's own objects."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """That, or null."""
    return {"oneOf": [schema, {"type": "null"}]}


def an_object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with these fields; more are allowed."""
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def per_side(schema: Schema) -> Schema:
    """One for the guest and one for the host."""
    return an_object({"guest": schema, "host": schema})


def list_of(schema: Schema) -> Schema:
    """A list of them."""
    return {"type": "array", "items": schema}


LIMITS = per_side({"enum": ["none", "sealed", "spent"]})
NO_DATA = an_object({})
SEQ = an_object({"seq": NUMBER})
OFFER_REPLY = an_object({"offer": ref("offer"), "seq": NUMBER})
