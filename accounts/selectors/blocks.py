"""Reads who blocked whom. Callers hold the lock of the guest's row, which `put_block` takes too."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Block
from accounts.rules import check_no_block
from core.database.conversation import Question
from core.database.prepared_statements import Prepared


def list_blocks(user_id: int, limit: int, before: int | None = None) -> list[Block]:
    """The users whom a user blocked, the latest first; with `before` only those of a lower id."""
    rows = Block.objects.filter(blocker_id=user_id).select_related("blocked__profile")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


_PAIRS = Prepared(
    "blocked_pairs",
    ["bigint[]"],
    "SELECT blocker_id, blocked_id FROM accounts_block WHERE blocker_id = ANY($1) AND blocked_id = ANY($1)",
)


def ask_blocked_pairs(pairs: Iterable[tuple[int, int]]) -> Question[set[tuple[int, int]]]:
    """Those of (blocker, blocked) that are blocked."""
    wanted = set(pairs)
    people = sorted({person for pair in wanted for person in pair})
    return Question(_PAIRS(people), lambda rows: wanted & {(row["blocker_id"], row["blocked_id"]) for row in rows})


def check_not_blocked(*, actor_id: int, other_id: int) -> None:
    """Raises `not_allowed` where one of the two blocked the other; its text does not tell the blocked user that they are."""
    pair = Q(blocker_id=actor_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=actor_id)
    check_no_block(Block.objects.filter(pair).values_list("blocker_id", flat=True), actor_id)
