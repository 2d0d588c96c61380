"""What every POST and PUT of the REST door reads: an object as body, and the command's id from the header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from rest_framework.request import Request

from core import clock
from core.api.idempotency import refuse_once
from core.command_id import MAX_LENGTH, is_command_id
from core.errors import DomainError, invalid
from core.said import said

T = TypeVar("T")


def body_of(request: Request) -> Mapping[str, Any]:
    """The body as an object; none, or `null`, is an empty one. Raises `invalid`."""
    body = request.data
    if body is None or body == "":
        return {}
    if not isinstance(body, Mapping):
        raise invalid(body="Send a JSON object.")
    return body


def key_of(request: Request) -> str | None:
    """`Idempotency-Key`, the same as a socket command's `id`. Raises `invalid`."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return None
    if not is_command_id(key):
        raise invalid(**{"Idempotency-Key": said("Give 1 to %(most)s ASCII characters.", most=MAX_LENGTH)})
    return key


def actor_of(request: Request) -> Any:
    """The account that makes the request; the view has refused requests without one."""
    return request.user


def read_command(request: Request, kind: str, read: Callable[[Mapping[str, Any]], T]) -> T:
    """What `read` makes of the body. Raises `invalid`, which is then the outcome of the command's key."""
    body = body_of(request)
    try:
        return read(body)
    except DomainError as refusal:
        account_id, key = request.user.pk or 0, key_of(request)
        refuse_once(account_id=account_id, key=key, kind=kind, body=body, refusal=refusal, now=clock.now())
