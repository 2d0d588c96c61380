"""Mandates: what a person lets a machine do in their name. What each limit means, and that it can only be lowered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.errors import Code, DomainError, invalid
from core.said import said

SIDES = ("guest", "host")
# What a machine may be allowed. Decline, withdraw, extend and close go with `offer`, unseal with `seal`.
READ, MESSAGE, OFFER, SEAL, ACCEPT = MAY = ("read", "message", "offer", "seal", "accept")
LONGEST = timedelta(days=90)
# Live mandates of a person at the most.
MOST_LIVE = 10
NAME_LENGTH = 60
MOST_PROPERTIES = 100
MOST_OPEN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateTerms:
    """A mandate's limits; None is none. Dates are half-open as a stay's, amounts in `currency`, moments UTC."""

    mandate_id: int
    # Grows with every change of a limit: what was signed in before has to sign in again.
    version: int
    user_id: int
    side: str
    may: frozenset[str]
    currency: str
    expires_at: datetime
    revoked_at: datetime | None = None
    max_total: Decimal | None = None
    # Per cent of the list amount.
    min_percent: Decimal | None = None
    property_ids: frozenset[int] | None = None
    max_open: int | None = None
    check_in_from: date | None = None
    check_out_by: date | None = None

    def is_live(self, now: datetime) -> bool:
        """Neither revoked nor past its end."""
        return self.revoked_at is None and now < self.expires_at


def status_of(mandate: MandateTerms, now: datetime) -> str:
    """live, expired or revoked."""
    if mandate.revoked_at is not None:
        return "revoked"
    return "live" if mandate.is_live(now) else "expired"


def check_may(may: Collection[str], needed: Collection[str]) -> None:
    """Raises not_allowed where `may` lacks one of the things `needed`; `params.may` names them."""
    missing = [word for word in needed if word not in may]
    if missing:
        text = said(
            "The mandate does not let its machine do this; it would need: %(choices)s.", choices=", ".join(missing)
        )
        raise DomainError(Code.NOT_ALLOWED, text, params={"may": missing})


def check_term(expires_at: datetime, now: datetime) -> None:
    """Raises invalid for an end that has come, or that lies more than 90 days ahead."""
    if expires_at <= now:
        raise invalid(expires_at="Give a time that is still to come.")
    if expires_at > now + LONGEST:
        raise invalid(expires_at=said("Give a time at most %(days)s days ahead.", days=LONGEST.days))


def check_sides(values: Mapping[str, Any]) -> None:
    """Raises invalid for a limit that means nothing on the mandate's side, and for dates without a night between them."""
    if values.get("max_total") is not None and values["side"] != "guest":
        raise invalid(max_total="A host's machine pays nothing; bound it with min_percent.")
    if values.get("min_percent") is not None and values["side"] != "host":
        raise invalid(min_percent="This bounds a host's machine; bound a guest's with max_total.")
    first, last = values.get("check_in_from"), values.get("check_out_by")
    if first is not None and last is not None and last <= first:
        raise invalid(check_out_by="Give a date after check_in_from.")


def check_lowered(before: MandateTerms, changes: Mapping[str, Any]) -> None:
    """Raises invalid naming each limit that `changes` would widen; a limit that is none may be set to anything."""
    raised = {name: TEXT for name, new in changes.items() if name in NARROWS and not _is_narrower(before, name, new)}
    if raised:
        raise invalid(**raised)


TEXT = said("A mandate can only be lowered; make a new one to allow more.")
# Name of a limit → whether its second value allows no more than its first.
NARROWS: dict[str, Any] = {
    "may": lambda old, new: set(new) <= set(old),
    "expires_at": lambda old, new: new <= old,
    "max_total": lambda old, new: new <= old,
    "min_percent": lambda old, new: new >= old,
    "property_ids": lambda old, new: set(new) <= set(old),
    "max_open": lambda old, new: new <= old,
    "check_in_from": lambda old, new: new >= old,
    "check_out_by": lambda old, new: new <= old,
}


def _is_narrower(before: MandateTerms, name: str, new: Any) -> bool:
    old = getattr(before, name)
    if old is None:
        return True
    return new is not None and bool(NARROWS[name](old, new))
