"""Reads the addresses from which accounts sign in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from accounts.models import SignInPlace

KEPT = timedelta(days=90)


def place_of(address: str) -> bytes:
    """The keyed digest that is stored in place of an address."""
    return salted_hmac("accounts.place", address, algorithm="sha256").digest()[:16]


def knows_place(*, user_id: int, address: str, now: datetime) -> bool:
    """Whether an account signed in from there within 90 days."""
    places = SignInPlace.objects.filter(user_id=user_id, place=place_of(address), last_at__gt=now - KEPT)
    return places.exists()
