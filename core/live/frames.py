"""Frames of a websocket: a command read from text, and the text of a reply or a refusal.

Nothing here knows what the commands mean; see `negotiation.live.commands` for the table.
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
    """The frame is no command, so it can't be answered by id."""


def parse_frame(message: Message) -> tuple[str, str, dict[str, Any]]:
    """`(id, type, command)` of a `websocket.receive`. Raises MalformedFrame."""
    text = message.get("text")
    if text is None or len(text) > MAX_FRAME or (not text.isascii() and len(text.encode()) > MAX_FRAME):
        raise MalformedFrame
    command = load_json(text)
    if type(command) is not dict:
        raise MalformedFrame
    id_, name = command.get("id"), command.get("type")
    if type(id_) is not str or type(name) is not str or not name or not is_command_id(id_):
        raise MalformedFrame
    return id_, name, command


def load_json(text: str) -> Any:
    """Parses JSON, also with a lone surrogate or a huge number in it; the command decides whether that is `invalid`.

    Raises MalformedFrame.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text, parse_constant=refuse_constant, parse_int=whole)
    except (ValueError, RecursionError):
        raise MalformedFrame from None


def whole(digits: str) -> int | float:
    """The stand-in for a number larger than orjson reads: it only counts as too large."""
    return int(digits) if len(digits) < 19 else float(digits)


def refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON. Raises ValueError."""
    raise ValueError(name)


def reply_text(command_id: str, data: Any) -> str:
    """The reply to a command that was done; `data` may be an `orjson.Fragment`."""
    return orjson.dumps({"type": "reply", "id": command_id, "ok": True, "data": data}).decode()


def refusal_text(command_id: str | None, error: DomainError) -> str:
    """The reply to a command that was refused."""
    return json_text({"type": "reply", "id": command_id, "ok": False, "error": error.as_dict()})


def json_text(body: Any) -> str:
    """A frame's text."""
    try:
        return orjson.dumps(body).decode()
    except TypeError:  # a client's lone surrogate, echoed in a message
        return json.dumps(body, default=str)


def malformed_error() -> DomainError:
    """The refusal of a frame that is no command."""
    return DomainError(Code.COMMAND_MALFORMED, HOW_TO_SEND)
