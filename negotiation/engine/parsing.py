"""From a command's or a body's fields to a move. Both doors read here, so the same content is the same move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from core.api.idempotency import fingerprint
from core.errors import DomainError
from negotiation.declarations import DECLARATIONS
from negotiation.moves import Move, Unreadable

NOT_CONTENT = frozenset({"actor_id", "key", "fingerprint", "came_at", "lenient", "side", "mandate_id"})

Raw = Mapping[str, Any]


def read_move(kind: str, raw: Raw, *, actor_id: int, key: str | None, mandate_id: int | None = None) -> Move:
    """The move that `raw` describes; one that makes no sense is `Unreadable`, and refused when its turn comes.

    `mandate_id`: a machine makes it for the actor, under that mandate.

    Raises LookupError for a command that makes no move.
    """
    declaration = DECLARATIONS[kind]
    if declaration.move is None:
        raise LookupError(f"{kind} makes no move")
    try:
        move = declaration.move(actor_id=actor_id, mandate_id=mandate_id, **declaration.fields.read(raw))
    except DomainError as error:
        return unreadable(kind, raw, actor_id=actor_id, key=key, error=error, mandate_id=mandate_id)
    return keyed(move, key)


def unreadable(
    kind: str, raw: Raw, *, actor_id: int, key: str | None, error: DomainError, mandate_id: int | None = None
) -> Unreadable:
    """A move of which nothing is known but that `error` is what it comes to."""
    content = {name: value for name, value in raw.items() if name not in ("id", "type")}
    mark = mark_of(kind, content, mandate_id)
    return Unreadable(actor_id=actor_id, key=key, fingerprint=mark, error=error, mandate_id=mandate_id, asked_kind=kind)


def keyed(move: Move, key: str | None) -> Move:
    """The move under the command id `key`, with the mark of its content."""
    if key is None:
        return move
    kind: Any = type(move)
    given = {name: getattr(move, name) for name in names_of(kind)}
    content = {name: value for name, value in given.items() if name not in NOT_CONTENT}
    mark = mark_of(move.kind, content, move.mandate_id)
    return kind(**given | {"key": key, "fingerprint": mark})


@cache
def names_of(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a kind of move."""
    return tuple(field.name for field in fields(kind))


def mark_of(kind: str, content: Mapping[str, Any], mandate_id: int | None = None) -> bytes:
    """The mark of a command's content. One that holds a sealed figure is keyed, so that a stored mark can't be guessed at.

    A machine's differs from its person's: neither is given an answer that was the other's.
    """
    secret = kind == "limit.seal" or content.get("limit") is not None
    return fingerprint(kind if mandate_id is None else f"{kind} {mandate_id}", content, secret=secret)
