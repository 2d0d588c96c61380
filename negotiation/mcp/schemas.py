"""The JSON Schema of what a tool takes, made from the fields that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.api.serializers import PlainSerializer
from core.errors import DomainError, invalid

Schema = dict[str, Any]

AMOUNT = "A price for the whole stay, before fee and tax, in the negotiation's currency: at most two decimals."
ABOUT: dict[str, str] = {
    "property": "The home's id.",
    "start_date": "The day of check-in, YYYY-MM-DD.",
    "end_date": "The day of check-out, YYYY-MM-DD; its night is not part of the stay.",
    "guests": "How many people stay.",
    "booking_type": "What is booked; get_home's booking_options says what this home offers.",
    "amount": AMOUNT,
    "limit": f"A sealed limit: the most that the guest agrees to. Binding. {AMOUNT}",
    "meals": "Dishes that are ordered with the stay, by kind.",
    "expires_in": "For how many seconds the price stands. It is binding that long. Default 86400.",
    "message": "Words to the other person, sent with the price. They are told that a machine wrote them.",
    "negotiation": "The negotiation's id.",
    "offer": "The id of the standing offer that is meant, as last seen: another one standing by now is refused.",
    "reason": "Why, in words that the other person reads.",
    "text": "Words to the other person, who is told that a machine wrote them.",
    "after_seq": "Entries after this one are wanted: the highest `seq` that was seen so far, 0 for all.",
}
COMMAND_ID: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": 64,
    "pattern": "^[\\x20-\\x7e]{1,64}$",
    "description": "Your own new id for this move, a UUID. Send the same id with the same arguments again where no answer "
    "came: nothing is done twice, and the first answer comes again.",
}


def portable(schema: Mapping[str, Any]) -> Schema:
    """The schema without `oneOf` and lists of types, which some clients do not understand."""
    found = {name: _portable_value(value) for name, value in schema.items()}
    if "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    if isinstance(found.get("type"), list):
        found["anyOf"] = [{"type": kind} for kind in found.pop("type")]
    return found


def _portable_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return portable(value)
    return [_portable_value(item) for item in value] if isinstance(value, list) else value


def arguments_of(fields: type[PlainSerializer], about: Mapping[str, str] | None = None, **more: Schema) -> Schema:
    """The input schema of a tool whose arguments `fields` reads, with `more` that are read elsewhere and may be left out."""
    words = {**ABOUT, **(about or {})}
    properties = {name: portable(schema) for name, schema in fields.schemas().items()}
    for name, schema in properties.items():
        if name in words:
            schema["description"] = words[name]
    needed = [name for name, is_needed in fields.needed().items() if is_needed]
    return an_object({**properties, **more}, needed)


def an_object(properties: Mapping[str, Schema], needed: list[str]) -> Schema:
    """An object with these fields and no others."""
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def check_names(arguments: Mapping[str, Any], schema: Schema) -> None:
    """Raises `invalid` for arguments that the tool does not have: a misspelt one must not be taken for one left out."""
    known = schema["properties"]
    if strange := [name for name in arguments if name not in known]:
        text = f"There is no such argument. This tool takes: {', '.join(known)}."
        raise strange_arguments(strange, text)


def strange_arguments(names: list[str], text: str) -> DomainError:
    """`invalid`, naming each of them."""
    return invalid(**{str(name)[:64]: text for name in names[:20]})
