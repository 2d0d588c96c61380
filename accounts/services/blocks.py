"""Blocks between users: made and taken back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import Block, User
from core import hooks
from core.api.quotas import spend
from core.errors import invalid, not_found
from core.said import said

MOST_BLOCKS = 1000


def put_block(*, actor: User, user_id: int, now: datetime) -> None:
    """Blocks a user: what is open between the two ends, and nothing new begins. A repeat is harmless.

    It locks both users' rows, as the opening of a negotiation locks its guest's: an opening under way either commits
    first and is ended here, or waits and finds the block. Raises `not_found`, `invalid` (oneself, more than 1,000).
    """
    if user_id == actor.pk:
        raise invalid(uid="This is you.")
    spend("blocks", actor.pk, now)
    with transaction.atomic():
        hooks.account_blocking(blocker_id=actor.pk, blocked_id=user_id)
        people = User.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=[actor.pk, user_id])
        found = {person.pk: person for person in people.order_by("pk")}
        if user_id not in found or found[user_id].erased_at is not None:
            raise not_found()
        _, made = Block.objects.get_or_create(blocker=actor, blocked_id=user_id, defaults={"created_at": now})
        if made and Block.objects.filter(blocker=actor).count() > MOST_BLOCKS:
            raise invalid(uid=said("You blocked %(most)s people already; take some back first.", most=MOST_BLOCKS))
        hooks.account_blocked(blocker_id=actor.pk, blocked_id=user_id, now=now)
    hooks.account_block_settled(blocker_id=actor.pk, blocked_id=user_id, now=now)


def remove_block(*, actor: User, user_id: int) -> None:
    """Takes a block back; what ended with it stays ended. A repeat is harmless. Raises `not_found`."""
    if not User.objects.filter(pk=user_id, erased_at=None).exists():
        raise not_found()
    Block.objects.filter(blocker=actor, blocked_id=user_id).delete()
