"""The refusals of each operation in the schema: its codes, one response for each status."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from core.api.json_schema import TEXT, WHOLE, Schema, component, maybe, record, rows
from core.errors import STATUS, Code

View = TypeVar("View", bound=Callable[..., Any])

PARAMS = component(
    "ErrorParams",
    {
        "type": "object",
        "description": "What the code's own row in docs/protocol.md names; a client may rely on no other.",
        "properties": {
            "retry_after": {"type": "number", "description": "Seconds."},
            "status": TEXT,
            "turn": maybe(TEXT),
            "negotiation": WHOLE,
            "booking": maybe(WHOLE),
            "payment_id": WHOLE,
            "above": TEXT,
            "below": TEXT,
            "limit": {"type": ["integer", "string"]},
            "least": TEXT,
            "most": TEXT,
            "max_guests": WHOLE,
            "missing": rows(WHOLE),
            "methods": rows(TEXT),
            "left": TEXT,
            "currency": TEXT,
            "may": rows(TEXT),
            "quota": TEXT,
            "challenge": {"type": "object", "description": "A proof of work (ALTCHA), to be answered in `work`."},
        },
    },
)
FIELDS = component(
    "ErrorFields",
    {
        "type": "object",
        "description": "Of each wrong field what is wrong and how to mend it.",
        "additionalProperties": rows(TEXT),
    },
)
# Common sets of codes have names; any other set is named after its operation.
NAMES: dict[frozenset[Code], str] = {
    frozenset({Code.AUTH_REQUIRED}): "AuthRequiredError",
    frozenset({Code.NOT_ALLOWED}): "NotAllowedError",
    frozenset({Code.NOT_FOUND}): "NotFoundError",
    frozenset({Code.INVALID}): "InvalidError",
    frozenset({Code.INVALID, Code.COMMAND_MALFORMED}): "InvalidBodyError",
    frozenset({Code.COMMAND_ID_REUSED, Code.COMMAND_IN_PROGRESS}): "RepeatedError",
    frozenset({Code.TOO_LARGE}): "TooLargeError",
    frozenset({Code.UNSUPPORTED_MEDIA_TYPE}): "UnsupportedMediaTypeError",
    frozenset({Code.RATE_LIMITED}): "RateLimitedError",
    frozenset({Code.UNAVAILABLE, Code.COMMAND_OUTCOME_UNKNOWN}): "UnavailableError",
    frozenset({Code.UNAVAILABLE}): "UnavailableError",
}
KINDS = {
    400: "BadRequest",
    401: "AuthRequired",
    403: "NotAllowed",
    404: "NotFound",
    409: "Conflict",
    503: "Unavailable",
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}


def refuses(*codes: Code) -> Callable[[View], View]:
    """Names the codes of a view's method that RestSchema can't derive."""

    def mark(method: View) -> View:
        method.refusals = frozenset(codes)  # type: ignore[attr-defined]  # read by RestSchema
        return method

    return mark


def refusal_responses(codes: Iterable[Code], operation: str) -> dict[str, Any]:
    """The responses of an operation's refusals: status → codes, each with its own schema."""
    by_status: dict[int, set[Code]] = {}
    for code in codes:
        by_status.setdefault(STATUS[code], set()).add(code)
    return {str(status): _response(status, by_status[status], operation) for status in sorted(by_status)}


def _response(status: int, codes: set[Code], operation: str) -> dict[str, Any]:
    known = NAMES.get(frozenset(codes))
    schema = component(known or f"{operation}{KINDS.get(status, status)}Error", _error(codes))
    headers = {"headers": RETRY_AFTER} if status == STATUS[Code.RATE_LIMITED] else {}
    listed = ", ".join(f"`{code}`" for code in sorted(codes))
    return {"description": listed, **headers, "content": {"application/json": {"schema": schema}}}


def _error(codes: set[Code]) -> Schema:
    code = {"type": "string", "enum": sorted(str(code) for code in codes)}
    return record({"code": code, "message": TEXT, "params": PARAMS, "fields": FIELDS})
