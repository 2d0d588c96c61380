"""The one shape of every refusal, through every door: code, message, params, fields.

The table below is the error table of docs/protocol.md; `tests/hub/test_protocol_documents.py` keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATUS: dict[str, int] = {
    "invalid": 400,
    "dates.invalid": 400,
    "stay.too_many_guests": 400,
    "command.malformed": 400,
    "auth.bad_credentials": 400,
    "auth.required": 401,
    "not_allowed": 403,
    "not_found": 404,
    "property.not_listed": 404,
    "command.unknown": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "unsupported_media_type": 415,
    "command.id_reused": 409,
    "command.in_progress": 409,
    "negotiation.closed": 409,
    "negotiation.already_open": 409,
    "negotiation.not_offered": 409,
    "offer.not_your_turn": 409,
    "offer.stale": 409,
    "offer.expired": 409,
    "offer.not_a_concession": 409,
    "offer.limit_reached": 409,
    "dates.taken": 409,
    "registration.incomplete": 409,
    "booking.too_many_unpaid": 409,
    "booking.wrong_state": 409,
    "payment.declined": 409,
    "payment.already_paid": 409,
    "payment.not_offered": 409,
    "rate_limited": 429,
    "unavailable": 503,
}

# Never kept as the outcome of a command: trying again may well end differently.
NOT_STORED = frozenset({"unavailable", "rate_limited", "auth.required"})

MESSAGES: dict[str, str] = {
    "not_found": "There is no such thing here.",
    "auth.required": "Sign in first.",
    "auth.bad_credentials": "The user name or the password is wrong.",
    "unavailable": "The service does not answer just now; nothing was done. Try again.",
    "rate_limited": "Too many requests; wait and try again.",
    "method_not_allowed": "This address does not take that method.",
    "too_large": "The body is larger than this address takes.",
    "unsupported_media_type": "Send JSON, or multipart where files are taken.",
}


class DomainError(Exception):
    """A named refusal.

    `code` is one of `STATUS`; `params` are its machine-readable facts; `fields` maps field names to what is wrong with
    each and how to mend it.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        if code not in STATUS:
            raise ValueError(f"unknown error code {code!r}")
        self.code = code
        self.message = message or MESSAGES.get(code, code)
        self.params = dict(params or {})
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        super().__init__(f"{code}: {self.message}")

    @property
    def status(self) -> int:
        """The HTTP status of the REST door."""
        return STATUS[self.code]

    @property
    def is_stored(self) -> bool:
        """Whether the refusal is the command's outcome, to be given again to a repeat."""
        return self.code not in NOT_STORED and not self.code.startswith("command.")

    def as_dict(self) -> dict[str, Any]:
        """`{"code", "message", "params", "fields"}`, the object of the error on every door."""
        return {"code": self.code, "message": self.message, "params": self.params, "fields": self.fields}

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> DomainError:
        """The refusal that `as_dict` once wrote."""
        return cls(body["code"], body["message"], params=body["params"], fields=body["fields"])


def invalid(message: str = "", /, **fields: str | Sequence[str]) -> DomainError:
    """`invalid` with what is wrong in each field: `invalid(amount="Give at most two decimals.")`."""
    texts = {name: [text] if isinstance(text, str) else list(text) for name, text in fields.items()}
    first = next((f"{name}: {t[0]}" for name, t in texts.items() if t), "The input is not valid.")
    return DomainError("invalid", message or first, fields=texts)


def not_found() -> DomainError:
    """`not_found`: for what is not there and for what one may not know of alike."""
    return DomainError("not_found")
