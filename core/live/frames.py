"""Frames of a websocket: reads a command from text, and writes the text of a reply or a refusal.

This file does not know what the commands mean; `negotiation.live.commands` has their table.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from core.command_id import MAX_LENGTH, is_command_id
from core.errors import Code, DomainError
from core.live.topics import Message
from core.said import said

MAX_FRAME = 16_384

HOW_TO_SEND = said(
    'Send one JSON object in a text frame of at most %(bytes)s bytes, with a "type" and an "id" of 1–%(most)s ASCII characters.',
    bytes=MAX_FRAME,
    most=MAX_LENGTH,
)


class MalformedFrame(Exception):
    """The frame is no command, so the reply can't name a command's id."""


def parse_frame(message: Message) -> tuple[str, str, dict[str, Any]]:
    """Returns `(id, type, command)` of a `websocket.receive` event. Raises MalformedFrame."""
    text = message.get("text")
    if text is None or len(text) > MAX_FRAME or (not text.isascii() and len(text.encode()) > MAX_FRAME):
        raise MalformedFrame
    try:
        command = orjson.loads(text)
    except orjson.JSONDecodeError:
        command = load_odd_json(text)
    if type(command) is not dict:
        raise MalformedFrame
    id_, name = command.get("id"), command.get("type")
    if type(id_) is not str or type(name) is not str or not name or not is_command_id(id_):
        raise MalformedFrame
    return id_, name, command


def load_odd_json(text: str) -> Any:
    """Parses JSON with a lone surrogate or a huge number, so that the command can refuse these as `invalid`.

    Raises MalformedFrame for text that is no JSON.
    """
    try:
        return json.loads(text, parse_constant=refuse_constant, parse_int=whole)
    except (ValueError, RecursionError):
        raise MalformedFrame from None


def whole(digits: str) -> int | float:
    """Reads a whole number. One with 19 digits or more becomes a float, which every field refuses as too large."""
    return int(digits) if len(digits) < 19 else float(digits)


def refuse_constant(name: str) -> None:
    """Raises ValueError, because NaN and Infinity are no JSON."""
    raise ValueError(name)


def reply_text(command_id: str, data: Any) -> str:
    """Returns the text of a reply to a command that was done. `data` may be an `orjson.Fragment`."""
    return orjson.dumps({"type": "reply", "id": command_id, "ok": True, "data": data}).decode()


def refusal_text(command_id: str | None, error: DomainError) -> str:
    """Returns the text of a reply to a command that was refused. `command_id` is None for a malformed frame."""
    return json_text({"type": "reply", "id": command_id, "ok": False, "error": error.as_dict()})


def json_text(body: Any) -> str:
    """Returns the JSON text of a frame."""
    try:
        return orjson.dumps(body).decode()
    except TypeError:  # the reply repeats a lone surrogate that the client sent
        return json.dumps(body, default=str)


def malformed_error() -> DomainError:
    """Returns the refusal of a frame that is no command."""
    return DomainError(Code.COMMAND_MALFORMED, HOW_TO_SEND)
