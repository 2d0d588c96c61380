"""Reads the fields of a command or a request body into a move. Socket and REST both read here, so the same content is the
same move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any

from core.api.idempotency import fingerprint
from core.errors import DomainError
from negotiation.declarations import DECLARATIONS
from negotiation.moves import Move, Unreadable

NOT_CONTENT = frozenset({"actor_id", "key", "fingerprint", "came_at", "lenient", "side", "mandate_id"})

Raw = Mapping[str, Any]


def read_move(kind: str, raw: Raw, *, actor_id: int, key: str | None, mandate_id: int | None = None) -> Move:
    """Returns the move that `raw` describes, or an `Unreadable` move for bad fields, which is refused in its turn.

    `mandate_id` is set where a machine makes the move for the actor, under that mandate.

    Raises LookupError for a kind of command that makes no move.
    """
    declaration = DECLARATIONS[kind]
    if declaration.move is None:
        raise LookupError(f"{kind} makes no move")
    try:
        content = declaration.fields.read(raw)
    except DomainError as error:
        return unreadable(kind, raw, actor_id=actor_id, key=key, error=error, mandate_id=mandate_id)
    mark = b"" if key is None else mark_of(kind, _unnamed(kind) | content, mandate_id)
    return declaration.move(actor_id=actor_id, mandate_id=mandate_id, key=key, fingerprint=mark, **content)


@cache
def _unnamed(kind: str) -> dict[str, Any]:
    """Returns what the move of this command has where its content names nothing; its fingerprint is of these values too.

    What is None then is left out, as the fingerprint leaves it out.
    """
    move: Any = DECLARATIONS[kind].move
    defaults = {field.name: field.default for field in fields(move) if field.name not in NOT_CONTENT}
    return {name: value for name, value in defaults.items() if value is not MISSING and value is not None}


def unreadable(
    kind: str, raw: Raw, *, actor_id: int, key: str | None, error: DomainError, mandate_id: int | None = None
) -> Unreadable:
    """Returns a move whose fields can't be read, and whose outcome will be `error`."""
    content = {name: value for name, value in raw.items() if name not in ("id", "type")}
    mark = mark_of(kind, content, mandate_id)
    return Unreadable(actor_id=actor_id, key=key, fingerprint=mark, error=error, mandate_id=mandate_id, asked_kind=kind)


def keyed(move: Move, key: str | None) -> Move:
    """Returns the move under the command id `key`, with the fingerprint of its content."""
    if key is None:
        return move
    kind: Any = type(move)
    given = {name: getattr(move, name) for name in names_of(kind)}
    content = {name: value for name, value in given.items() if name not in NOT_CONTENT}
    mark = mark_of(move.kind, content, move.mandate_id)
    return kind(**given | {"key": key, "fingerprint": mark})


@cache
def names_of(kind: type[Any]) -> tuple[str, ...]:
    """Returns the names of the fields of a kind of move."""
    return tuple(field.name for field in fields(kind))


def mark_of(kind: str, content: Mapping[str, Any], mandate_id: int | None = None) -> bytes:
    """Returns the fingerprint of a command's content.

    It is keyed where the content holds a sealed figure, so that hashing guesses does not find the figure. A machine's
    fingerprint differs from its person's, so that neither gets the stored answer of the other.
    """
    secret = kind == "limit.seal" or content.get("limit") is not None
    return fingerprint(kind if mandate_id is None else f"{kind} {mandate_id}", content, secret=secret)
