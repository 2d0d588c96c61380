"""Gives every schema of the document a title and a type, so that generators have names for them."""

from __future__ import annotations

from typing import Any

from negotiation.schemas import Schema

TYPES = {bool: "boolean", int: "integer", str: "string"}


def camel(name: str) -> str:
    """Returns a name in camel case: `negotiation.open` → NegotiationOpen."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").replace("-", "_").split("_"))


def named(schema: Any, title: str) -> Any:
    """Returns the schema with a title for each object, made from its place, and a type for each constant and enum."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return schema
    shown = typed(schema)
    if "properties" in shown:
        inner = {name: named(part, title + camel(name)) for name, part in shown["properties"].items()}
        shown = {"title": title, **shown, "properties": inner}
    elif shown.get("enum") or "oneOf" in shown or "anyOf" in shown:
        shown = {"title": title, **shown}
    for several in ("oneOf", "anyOf"):
        if several in shown:
            shown[several] = [named(part, f"{title}{number or ''}") for number, part in enumerate(shown[several])]
    if "items" in shown:
        shown["items"] = named(shown["items"], f"{title}Item")
    return shown


def typed(schema: Schema) -> Schema:
    """Returns a constant or an enum with the type of its values."""
    if "type" in schema or not ({"const", "enum"} & set(schema)):
        return dict(schema)
    values = schema.get("enum", [schema.get("const")])
    kinds = list(dict.fromkeys(TYPES[type(value)] for value in values if value is not None))
    kinds += ["null"] if None in values else []
    return {"type": kinds[0] if len(kinds) == 1 else kinds, **schema}
