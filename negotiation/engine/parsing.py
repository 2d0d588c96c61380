"""From a command's or a body's fields to a move. Both doors read here, so the same content is the same move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from core.api.idempotency import fingerprint
from core.errors import DomainError
from negotiation.declarations import DECLARATIONS
from negotiation.engine.moves import Move, Unreadable

NOT_CONTENT = frozenset({"actor_id", "key", "fingerprint", "came_at", "lenient", "side"})

Raw = Mapping[str, Any]


def read_move(kind: str, raw: Raw, *, actor_id: int, key: str | None) -> Move:
    """The move that `raw` describes; one that makes no sense is `Unreadable`, and refused when its turn comes.

    Raises LookupError for a command that makes no move.
    """
    declaration = DECLARATIONS[kind]
    if declaration.move is None:
        raise LookupError(f"{kind} makes no move")
    try:
        move = declaration.move(actor_id=actor_id, **declaration.fields.read(raw))
    except DomainError as error:
        return unreadable(kind, raw, actor_id=actor_id, key=key, error=error)
    return keyed(move, key)


def unreadable(kind: str, raw: Raw, *, actor_id: int, key: str | None, error: DomainError) -> Unreadable:
    """A move of which nothing is known but that `error` is what it comes to."""
    content = {name: value for name, value in raw.items() if name not in ("id", "type")}
    return Unreadable(actor_id=actor_id, key=key, fingerprint=mark_of(kind, content), error=error)


def keyed(move: Move, key: str | None) -> Move:
    """The move under the command id `key`, with the mark of its content."""
    if key is None:
        return move
    content = {f.name: getattr(move, f.name) for f in fields(move) if f.name not in NOT_CONTENT}
    return replace(move, key=key, fingerprint=mark_of(move.kind, content))


def mark_of(kind: str, content: Mapping[str, Any]) -> bytes:
    """The mark of a command's content. One that holds a sealed figure is keyed, so that a stored mark can't be guessed at."""
    return fingerprint(kind, content, secret=kind == "limit.seal" or content.get("limit") is not None)
