"""Notes from where accounts sign in: where many tries fail from one address, users who signed in from it before still get in."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import SignInPlace
from accounts.selectors.places import place_of

NOTED_EVERY = timedelta(days=1)


def note_place(*, user_id: int, address: str, now: datetime) -> None:
    """Notes that an account signed in from there, at most once a day."""
    place = place_of(address)
    recent = SignInPlace.objects.filter(user_id=user_id, place=place, last_at__gt=now - NOTED_EVERY)
    if not recent.exists():
        SignInPlace.objects.update_or_create(user_id=user_id, place=place, defaults={"last_at": now})
