"""The one shape of every refusal, through every door: code, message, params, fields.

The table below is the error table of docs/protocol.md; `tests/hub/test_protocol_documents.py` keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from core.said import Said, named, said, translated


class Code(StrEnum):
    """Every code of a refusal."""

    INVALID = "invalid"
    DATES_INVALID = "dates.invalid"
    STAY_TOO_MANY_GUESTS = "stay.too_many_guests"
    COMMAND_MALFORMED = "command.malformed"
    AUTH_BAD_CREDENTIALS = "auth.bad_credentials"
    AUTH_SECOND_FACTOR = "auth.second_factor"
    AUTH_REQUIRED = "auth.required"
    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    PROPERTY_NOT_LISTED = "property.not_listed"
    COMMAND_UNKNOWN = "command.unknown"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    COMMAND_ID_REUSED = "command.id_reused"
    COMMAND_IN_PROGRESS = "command.in_progress"
    NEGOTIATION_CLOSED = "negotiation.closed"
    NEGOTIATION_ALREADY_OPEN = "negotiation.already_open"
    NEGOTIATION_NOT_OFFERED = "negotiation.not_offered"
    OFFER_NOT_YOUR_TURN = "offer.not_your_turn"
    OFFER_STALE = "offer.stale"
    OFFER_EXPIRED = "offer.expired"
    OFFER_NOT_A_CONCESSION = "offer.not_a_concession"
    OFFER_LIMIT_REACHED = "offer.limit_reached"
    LIMIT_ALREADY_SEALED = "limit.already_sealed"
    LIMIT_SPENT = "limit.spent"
    MANDATE_EXCEEDED = "mandate.exceeded"
    DATES_TAKEN = "dates.taken"
    REGISTRATION_INCOMPLETE = "registration.incomplete"
    BOOKING_TOO_MANY_UNPAID = "booking.too_many_unpaid"
    BOOKING_WRONG_STATE = "booking.wrong_state"
    PAYMENT_DECLINED = "payment.declined"
    PAYMENT_ALREADY_PAID = "payment.already_paid"
    PAYMENT_NOT_OFFERED = "payment.not_offered"
    STAY_NOT_PAYABLE = "stay.not_payable"
    CALENDAR_LIMIT_REACHED = "calendar.limit_reached"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    COMMAND_OUTCOME_UNKNOWN = "command.outcome_unknown"


STATUS: dict[Code, int] = {
    Code.INVALID: 400,
    Code.DATES_INVALID: 400,
    Code.STAY_TOO_MANY_GUESTS: 400,
    Code.COMMAND_MALFORMED: 400,
    Code.AUTH_BAD_CREDENTIALS: 400,
    Code.AUTH_SECOND_FACTOR: 400,
    Code.AUTH_REQUIRED: 401,
    Code.NOT_ALLOWED: 403,
    Code.NOT_FOUND: 404,
    Code.PROPERTY_NOT_LISTED: 404,
    Code.COMMAND_UNKNOWN: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.COMMAND_ID_REUSED: 409,
    Code.COMMAND_IN_PROGRESS: 409,
    Code.NEGOTIATION_CLOSED: 409,
    Code.NEGOTIATION_ALREADY_OPEN: 409,
    Code.NEGOTIATION_NOT_OFFERED: 409,
    Code.OFFER_NOT_YOUR_TURN: 409,
    Code.OFFER_STALE: 409,
    Code.OFFER_EXPIRED: 409,
    Code.OFFER_NOT_A_CONCESSION: 409,
    Code.OFFER_LIMIT_REACHED: 409,
    Code.LIMIT_ALREADY_SEALED: 409,
    Code.LIMIT_SPENT: 409,
    Code.MANDATE_EXCEEDED: 409,
    Code.DATES_TAKEN: 409,
    Code.REGISTRATION_INCOMPLETE: 409,
    Code.BOOKING_TOO_MANY_UNPAID: 409,
    Code.BOOKING_WRONG_STATE: 409,
    Code.PAYMENT_DECLINED: 409,
    Code.PAYMENT_ALREADY_PAID: 409,
    Code.PAYMENT_NOT_OFFERED: 409,
    Code.STAY_NOT_PAYABLE: 409,
    Code.CALENDAR_LIMIT_REACHED: 409,
    Code.RATE_LIMITED: 429,
    Code.UNAVAILABLE: 503,
    Code.COMMAND_OUTCOME_UNKNOWN: 503,
}

# Codes that are never stored as a command's outcome: another try may end differently.
NOT_STORED = frozenset({Code.UNAVAILABLE, Code.RATE_LIMITED, Code.AUTH_REQUIRED, Code.AUTH_SECOND_FACTOR})

MESSAGES: dict[Code, str] = {
    Code.NOT_FOUND: said("There is no such thing here."),
    Code.AUTH_REQUIRED: said("Sign in first."),
    Code.AUTH_BAD_CREDENTIALS: said("The user name or the password is wrong."),
    Code.AUTH_SECOND_FACTOR: said(
        "This account also asks for a code of its authenticator app, a recovery code or a passkey."
    ),
    Code.UNAVAILABLE: said("The service does not answer just now; nothing was done. Try again."),
    Code.COMMAND_OUTCOME_UNKNOWN: said(
        "No answer came in time; it may or may not have been done. The same id again tells."
    ),
    Code.RATE_LIMITED: said("Too many requests; wait and try again."),
    Code.METHOD_NOT_ALLOWED: said("This address does not take that method."),
    Code.TOO_LARGE: said("The body is larger than this address takes."),
    Code.UNSUPPORTED_MEDIA_TYPE: said("Send JSON, or multipart where files are taken."),
}


class DomainError(Exception):
    """A named refusal.

    `params` are its machine-readable facts; `fields` maps field names to what is wrong with
    each and how to mend it. The texts are English, with `core.said.said` for those that hold values.
    """

    def __init__(
        self,
        code: Code,
        message: str = "",
        *,
        params: Mapping[str, Any] | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.code = Code(code)
        self.message = message or MESSAGES.get(self.code, code)
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
        fields = {name: [str(text) for text in texts] for name, texts in self.fields.items()}
        return {"code": self.code, "message": str(self.message), "params": self.params, "fields": fields}

    def as_stored(self) -> dict[str, Any]:
        """`as_dict`, in English, with what its texts are made of: a repeat may be answered in another language."""
        texts = [self.message, *(text for texts in self.fields.values() for text in texts)]
        made = {str(text): text.as_stored() for text in texts if isinstance(text, Said) and text.values}
        return {**self.as_dict(), "said": made} if made else self.as_dict()

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> DomainError:
        """The refusal from an object that `as_dict` or `as_stored` wrote."""
        made = {text: Said.from_stored(stored) for text, stored in body.get("said", {}).items()}
        fields = {name: [made.get(text, text) for text in texts] for name, texts in body["fields"].items()}
        return cls(Code(body["code"]), made.get(body["message"], body["message"]), params=body["params"], fields=fields)

    def translated(self) -> DomainError:
        """The same refusal with its texts in the active language: for the answer, not for what is stored or logged."""
        fields = {name: [translated(text) for text in texts] for name, texts in self.fields.items()}
        return DomainError(self.code, translated(self.message), params=self.params, fields=fields)


def invalid(message: str = "", /, **fields: str | Sequence[str]) -> DomainError:
    """`invalid` with what is wrong in each field: `invalid(amount="Give at most two decimals.")`."""
    texts = {name: [text] if isinstance(text, str) else list(text) for name, text in fields.items()}
    first = next((named(name, t[0]) for name, t in texts.items() if t), said("The input is not valid."))
    return DomainError(Code.INVALID, message or first, fields=texts)


def not_found() -> DomainError:
    """`not_found`: the same for what is not there and for what the client may not know of."""
    return DomainError(Code.NOT_FOUND)
