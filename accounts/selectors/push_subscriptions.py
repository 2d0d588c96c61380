"""Reads of where people want pushes."""

from __future__ import annotations

from accounts.models import PushSubscription
from accounts.selectors.credentials import Credential


def list_subscriptions(user_id: int, limit: int, before: int | None = None) -> list[PushSubscription]:
    """A user's subscriptions, newest first; with `before` only what has a lower id."""
    rows = PushSubscription.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def credential_of_subscription(row: PushSubscription) -> Credential:
    """The sign-in that made a subscription, in the form that `list_live_credentials` takes."""
    return ("token", str(row.token_id)) if row.token_id is not None else ("session", row.session_key or "")
