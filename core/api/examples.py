"""Makes an example for every schema of a document: plausible bodies and frames that are always valid."""

from __future__ import annotations

from typing import Any

from core.api.json_schema import Schema

# Examples by a field's name, where its schema alone is too vague.
BY_NAME: dict[str, Any] = {
    "username": "maya", "first_name": "Maya", "last_name": "Sen", "password": "a-Long-one-71", "phone": "+880 1911 000004",
    "address": "Road 11, Dhaka", "selected_location": "Kaptai Lake, Rangamati", "location_name": "Kaptai Lake, Rangamati",
    "property_name": "Lake House on Kaptai", "house_title": "Lake House on Kaptai", "timezone": "Asia/Dhaka",
    "description": "Three rooms over the water.", "token": "tok_ok", "reviewer_name": "Lena Fischer", "review": "Quiet.",
    "item": "Paratha", "meal_name": "Paratha", "online_type": "", "method": "card", "latitude": 22.63, "longitude": 92.19,

    "id": 17, "negotiation": 17, "property_id": 4, "booking_id": 90, "reservation_id": 90, "negotiation_id": 17, "user_id": 7,
    "payment_id": 8, "number_of_guests": 2, "offer": 31, "booking": 90, "property": 4, "seq": 5, "after_seq": 0, "last_seq": 5,
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
    "email": "maya@example.org",
    "uri": "https://stay.example/media/drawn/home/house.png",
}


def example_of(schema: Schema, schemas: dict[str, Schema], name: str = "") -> Any:
    """A value that the schema allows: what has to be there, with plausible values."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, name)
    if "examples" in schema:
        return schema["examples"][0]
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
    known = BY_NAME.get(name)
    if kind in ("integer", "number"):
        return known if isinstance(known, int | float) else max(1, schema.get("minimum", 1))
    if name == "id":
        return COMMAND_ID
    if isinstance(known, str):
        return known
    return "5200.00" if schema.get("pattern", "").endswith(r"\.[0-9]{2}$") else "text"
