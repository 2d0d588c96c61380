"""A proof of work for sign-ins from an address where many failed: a browser spends a second on it, a guesser one for each try.

ALTCHA's own library makes and judges the challenges (version 2 of its format).
"""

from __future__ import annotations

import binascii
import json
from datetime import datetime, timedelta
from typing import Any

from altcha import create_challenge, verify_solution
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from core.api.rate_limits import Window, take
from core.errors import DomainError

ALGORITHM = "PBKDF2/SHA-256"
# Iterations a try, and what the derived key begins with: 256 tries on average.
COST, PREFIX = 5000, "00"
LIVES = timedelta(minutes=10)


def challenge_for(address: str, now: datetime) -> dict[str, Any]:
    """What a client at `address` solves: `{parameters, signature}`, good for ten minutes and one sign-in."""
    made = create_challenge(
        ALGORITHM,
        COST,
        key_prefix=PREFIX,
        expires_at=now + LIVES,
        data={"for": _bound_to(address)},
        hmac_secret=_secret(),
    )
    found: dict[str, Any] = made.to_dict()
    return found


def spend_work(payload: str, address: str, now: datetime) -> bool:
    """Whether `payload` (base64 of `{challenge, solution}`) solves a challenge made for that address, for the first time."""
    if not payload:
        return False
    try:
        parameters = json.loads(binascii.a2b_base64(payload.encode()))["challenge"]["parameters"]
        bound, nonce = str(parameters["data"]["for"]), str(parameters["nonce"])
        solved = verify_solution(payload, _secret()).verified
    except (ValueError, KeyError, TypeError, RecursionError):
        return False
    return bool(solved) and constant_time_compare(bound, _bound_to(address)) and _is_first(nonce, now)


def _is_first(nonce: str, now: datetime) -> bool:
    try:
        take([Window(f"work:{nonce[:64]}", 1, 2 * int(LIVES.total_seconds()))], now)
    except DomainError:
        return False
    return True


def _bound_to(address: str) -> str:
    return salted_hmac("accounts.work.address", address, algorithm="sha256").hexdigest()[:32]


def _secret() -> str:
    return salted_hmac("accounts.work", settings.SECRET_KEY, algorithm="sha256").hexdigest()
