"""A title, a type and an example for every schema of the document, so that generators have names and readers see frames."""

from __future__ import annotations

from typing import Any

from negotiation.schemas import Schema

# Examples by the name of a field, where its schema alone says too little.
BY_NAME: dict[str, Any] = {
    "id": 17, "negotiation": 17, "offer": 31, "booking": 90, "property": 4, "seq": 5, "after_seq": 0, "last_seq": 5,
    "guests": 2, "nights": 3, "quantity": 2, "unread": 3, "protocol": 1, "amount": "5200.00", "limit": "5600.00",
    "list_amount": "6000.00", "platform_fee": "260.00", "tax": "520.00", "meals": "300.00", "cleaning": "0.00",
    "total": "6280.00", "currency": "BDT", "name": "Rahim Uddin", "title": "Lake House on Kaptai",
    "text": "Could we come by boat?", "message": "We are two quiet people.", "reason": "The dates don't suit us.",
    "expires_in": 86400, "start_date": "2027-03-14", "end_date": "2027-03-17", "check_in": "2027-03-14",
    "photo": "https://stay.example/media/drawn/home/house.png",
    "property_photo": "https://stay.example/media/drawn/home/house.png",
}  # fmt: skip
COMMAND_ID = "0b6f0a52-6d0c-4b0e-9d6e-2f6f2f0f7c11"
FORMATS = {
    "date": "2027-03-14",
    "date-time": "2026-11-22T10:00:00.000Z",
    "uri": "https://stay.example/media/drawn/home/house.png",
}
TYPES = {bool: "boolean", int: "integer", str: "string"}


def camel(name: str) -> str:
    """`negotiation.open` → NegotiationOpen."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace(".", "_").replace("-", "_").split("_"))


def named(schema: Any, title: str) -> Any:
    """The schema with a title at each object in it, named by where it stands, and a type at each constant and enum."""
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
    """A constant or an enum with the type of its values."""
    if "type" in schema or not ({"const", "enum"} & set(schema)):
        return dict(schema)
    values = schema.get("enum", [schema.get("const")])
    kinds = list(dict.fromkeys(TYPES[type(value)] for value in values if value is not None))
    kinds += ["null"] if None in values else []
    return {"type": kinds[0] if len(kinds) == 1 else kinds, **schema}


def example_of(schema: Schema, schemas: dict[str, Schema], name: str = "") -> Any:
    """A value that the schema allows: what has to be there, with plausible values."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, name)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return example_of(schema[several][0], schemas, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = [part for part in schema.get("properties", {}) if part in schema.get("required", ())]
        return {part: example_of(schema["properties"][part], schemas, part) for part in wanted}
    if kind == "array":
        return [example_of(schema["items"], schemas, name)]
    return value_of(kind, schema, name)


def value_of(kind: Any, schema: Schema, name: str) -> Any:
    """A plain value."""
    if kind == "boolean":
        return True
    if schema.get("format") in FORMATS:
        return BY_NAME.get(name, FORMATS[schema["format"]])
    if examples := schema.get("examples"):
        return examples[0]
    known = BY_NAME.get(name)
    if kind in ("integer", "number"):
        return known if isinstance(known, int) else max(1, schema.get("minimum", 1))
    if name == "id":
        return COMMAND_ID
    if isinstance(known, str):
        return known
    return "5200.00" if schema.get("pattern", "").endswith(r"\.[0-9]{2}$") else "text"
