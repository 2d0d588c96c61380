"""Builds the AsyncAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from accounts.events import NOTIFICATION_KINDS
from bookings.views.answers import BOOKING
from core.api.examples import example_of
from core.api.json_schema import COMPONENTS
from core.api.openapi import reach
from core.command_id import MAX_LENGTH
from core.errors import STATUS
from core.live.frames import MAX_FRAME
from core.live.socket import CLOSE_REASONS
from negotiation.events import AGENT, ENTRY_KINDS
from negotiation.live.asyncapi.naming import camel, named
from negotiation.live.asyncapi.objects import (
    ENTRY_DATA,
    NUMBER,
    OBJECTS,
    REPLY_DATA,
    SIDE,
    TEXT,
    TIME,
    Schema,
    an_object,
    nullable,
    ref,
)
from negotiation.live.commands import COMMANDS, Command

PROTOCOL = 1
COMMAND_ID: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": r"^[\x01-\x7f]+$"}


def document(host: str = "localhost:8000", *, secure: bool = False) -> dict[str, Any]:
    """Returns the AsyncAPI 3.0 document of `/ws/` on this host.

    Names in `components` have only letters, digits, dots, `-` and `_`, as AsyncAPI demands.
    """
    messages = {**command_messages(), **reply_messages(), **push_messages()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "StayNest live protocol", "version": f"{PROTOCOL}.0.0", "description": description()},
        "defaultContentType": "application/json",
        "servers": {"hub": server(host, "wss" if secure else "ws")},
        "channels": {"hub": hub_channel(messages)},
        "operations": {
            **{name: operation(command) for name, command in COMMANDS.items()},
            "push": {
                "action": "send",
                "title": "What the hub sends by itself",
                "channel": at("channels", "hub"),
                "messages": messages_named(list(push_messages())),
            },
        },
        "components": {"messages": messages, "schemas": schemas(), "securitySchemes": security()},
    }


def description() -> str:
    closes = "\n".join(f"* {code}: {reason}" for code, reason in CLOSE_REASONS.items())
    return (
        f"One JSON object a text frame, at most {MAX_FRAME} bytes. The whole story is in docs/protocol.md.\n\n"
        f"Close codes:\n{closes}"
    )


def server(host: str, protocol: str) -> dict[str, Any]:
    by = [at("components", "securitySchemes", name) for name in security()]
    return {"host": host, "protocol": protocol, "security": by}


def hub_channel(messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": "/ws/",
        "messages": {name: at("components", "messages", name) for name in messages},
        "bindings": {"ws": {"query": an_object({}, {"ticket": TEXT})}},
    }


def at(*path: str) -> dict[str, str]:
    return {"$ref": "#/" + "/".join(path)}


def operation(command: Command) -> dict[str, Any]:
    """Returns the operation of a command, with its reply."""
    return {
        "action": "receive",
        "title": command.name,
        "summary": command.declaration.description,
        "channel": at("channels", "hub"),
        "messages": messages_named([command_name(command.name)]),
        "reply": {
            "channel": at("channels", "hub"),
            "messages": messages_named([f"reply.{command.name}", "refusal"]),
        },
    }


def messages_named(names: list[str]) -> list[dict[str, str]]:
    return [at("channels", "hub", "messages", name) for name in names]


def security() -> dict[str, Any]:
    return {
        "token": {"type": "httpApiKey", "in": "header", "name": "Authorization", "description": "`Token <key>`"},
        "ticket": {"type": "httpApiKey", "in": "query", "name": "ticket", "description": "from POST /auth/ws-ticket/"},
        "session": {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
    }


# -- messages ----------------------------------------------------------------------------------------------------------


def command_name(name: str) -> str:
    return f"command.{name}"


def command_messages() -> dict[str, Any]:
    return {
        command_name(command.name): message(
            command.name,
            title(command),
            command_payload(command),
            f"{camel(command.name)}Command",
            summary=command.declaration.description,
        )
        for command in COMMANDS.values()
    }


def message(name: str, words: str, payload: Schema, type_name: str, **more: str) -> dict[str, Any]:
    """Returns a message with an example. Its payload and all parts of the payload have names."""
    shown = payload if "$ref" in payload else named(payload, type_name)
    return {
        "name": name,
        "title": words,
        **more,
        "payload": shown,
        "examples": [{"name": type_name, "payload": example_of(shown, schemas())}],
    }


def title(command: Command) -> str:
    again = "its id is its idempotency key for 24 h" if command.kept else "runs again each time"
    return f"{command.name} ({again})"


def command_payload(command: Command) -> Schema:
    schemas = command.declaration.fields.schemas()
    needed = {name: schemas[name] for name, is_needed in command.fields.items() if is_needed}
    optional = {name: nullable(schemas[name]) for name, is_needed in command.fields.items() if not is_needed}
    return an_object({"id": COMMAND_ID, "type": {"const": command.name}, **needed}, optional)


def reply_messages() -> dict[str, Any]:
    done = {
        f"reply.{name}": message(
            f"reply.{name}", f"what {name} came to", reply_payload(REPLY_DATA[name]), f"{camel(name)}Reply"
        )
        for name in COMMANDS
    }
    return {**done, "refusal": message("refusal", "a command was refused", refusal_payload(), "Refusal")}


def reply_payload(data: Schema) -> Schema:
    return an_object({"type": {"const": "reply"}, "id": COMMAND_ID, "ok": {"const": True}, "data": data})


def refusal_payload() -> Schema:
    told = {"type": {"const": "reply"}, "id": nullable(COMMAND_ID), "ok": {"const": False}, "error": ref("error")}
    return an_object(told)


def push_messages() -> dict[str, Any]:
    of_a_room = {"negotiation": NUMBER, "actor": SIDE}
    payloads = {
        "welcome": {
            "protocol": {"const": PROTOCOL},
            "user": an_object({"id": NUMBER, "name": TEXT, "is_host": {"type": "boolean"}}),
            "server_time": TIME,
            "unread": NUMBER,
        },
        "typing": {**of_a_room, "typing": {"type": "boolean"}},
        "seen": {**of_a_room, "seq": NUMBER},
        "presence": {**of_a_room, "online": {"type": "boolean"}},
        "nights": {"negotiation": NUMBER, "free": {"type": "boolean"}},
        "notification": notification_fields(),
        "unread": {"unread": NUMBER},
    }
    pushes = {
        name: message(name, TITLES[name], an_object({"type": {"const": name}, **fields}), camel(name))
        for name, fields in payloads.items()
    }
    return {"entry": message("entry", "a line of the log", ref("entry"), "Entry"), **pushes}


TITLES = {
    "welcome": "the first frame",
    "typing": "a party types, or has stopped",
    "seen": "a party has seen the log up to an entry",
    "presence": "a party came or went",
    "nights": "the nights that are haggled about went, or are free again",
    "notification": "something the account is told",
    "unread": "how many notifications are unread",
}


def notification_fields() -> dict[str, Schema]:
    return {
        "id": NUMBER,
        "kind": {"enum": list(NOTIFICATION_KINDS)},
        "title": TEXT,
        "negotiation": nullable(NUMBER),
        "booking": nullable(NUMBER),
        "property": nullable(NUMBER),
        "at": TIME,
        "read": {"type": "boolean"},
    }


# -- schemas -----------------------------------------------------------------------------------------------------------


@cache
def schemas() -> dict[str, Schema]:
    """Returns the named schemas, each with a title. An accept's booking, and what it refers to, come from the REST schema."""
    return {name: named(schema, TYPE_NAMES.get(name, camel(name))) for name, schema in untitled_schemas().items()}


# Titles of schemas that have this name in the REST schema too.
TYPE_NAMES = {"error_code": "ErrorCode"}


def untitled_schemas() -> dict[str, Schema]:
    statuses = {code.value: status for code, status in STATUS.items()}
    kinds = {f"entry.{kind}": entry_schema(kind, actors) for kind, actors in ENTRY_KINDS.items()}
    return {
        **OBJECTS,
        "error_code": {"enum": list(statuses), "x-http-status": statuses},
        "entry": {"oneOf": [ref(name) for name in kinds], "discriminator": "kind"},
        **kinds,
        **{name: COMPONENTS[name] for name in reach(BOOKING, COMPONENTS)},
    }


def entry_schema(kind: str, actors: tuple[str, ...]) -> Schema:
    return an_object(
        {
            "type": {"const": "entry"},
            "negotiation": NUMBER,
            "seq": {"type": "integer", "minimum": 1},
            "at": TIME,
            "kind": {"const": kind},
            "actor": {"enum": list(actors)},
            "data": ENTRY_DATA[kind],
        },
        {} if actors == ("system",) else {"via": {"const": AGENT}},
    )
