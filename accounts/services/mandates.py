"""Mandates: made, lowered, revoked. Each tells every server process, so that its sockets close and waits end."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Mandate, OutgoingMail, User
from accounts.rules.mandates import MAY, MOST_LIVE, check_lowered, check_sides, check_term
from accounts.selectors.mandates import AGENT_PREFIX, hash_key, live, terms_of
from accounts.services.mailing import queue_mail
from accounts.services.sign_ins import publish_credentials
from core.api.quotas import spend
from core.errors import Code, DomainError, not_found
from core.said import said

# How long a mandate is kept after its end, and how many go at once.
KEPT = timedelta(days=365)
AT_ONCE = 1000


def new_key() -> str:
    """A new key: a prefix that names its kind, and 256 random bits, which cannot be guessed."""
    return AGENT_PREFIX + secrets.token_urlsafe(32)


def create_mandate(*, user_id: int, values: Mapping[str, Any], now: datetime) -> tuple[Mandate, str]:
    """A mandate, and its key, which can't be read again. `values` are the model's own fields.

    Raises invalid for a wrong limit, mandate.exceeded (`params.limit` is `live`) where ten live already, `rate_limited` after
    fifty in a day.
    """
    check_term(values["expires_at"], now)
    check_sides(values)
    spend("mandates", user_id, now)
    key = new_key()
    with transaction.atomic():
        # Two at once can't both be the tenth.
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        if Mandate.objects.filter(live(now), user_id=user_id).count() >= MOST_LIVE:
            text = said("You have %(most)s assistants at work; end one first.", most=MOST_LIVE)
            raise DomainError(Code.MANDATE_EXCEEDED, text, params={"limit": "live", "most": str(MOST_LIVE)})
        mandate = Mandate.objects.create(user_id=user_id, digest=hash_key(key), created_at=now, **in_order(values))
        # A key outlives the session that made it: its person learns of each, wherever it was made.
        queue_mail(user_id=user_id, kind=OutgoingMail.Kind.AGENT_KEY_MADE, now=now, mandate=mandate)
    return mandate, key


def in_order(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with lists sorted, each word and number once."""
    ordered = dict(values)
    if values.get("may") is not None:
        ordered["may"] = [word for word in MAY if word in values["may"]]
    if values.get("property_ids") is not None:
        ordered["property_ids"] = sorted(set(values["property_ids"]))
    return ordered


def lower_mandate(*, mandate_id: int, user_id: int, changes: Mapping[str, Any], now: datetime) -> Mandate:
    """Narrows a live mandate, from its next move on; its sockets close. A new `name` alone changes no limit.

    Raises not_found for one that isn't theirs or has ended, invalid for a limit that would be widened.
    """
    with transaction.atomic():
        mandate = _lock_live(mandate_id, user_id, now)
        check_lowered(terms_of(mandate), changes)
        if "expires_at" in changes:
            check_term(changes["expires_at"], now)
        before = terms_of(mandate)
        for name, value in in_order(changes).items():
            setattr(mandate, name, value)
        check_sides({name: getattr(mandate, name) for name in ("side", *changes, "check_in_from", "check_out_by")})
        if terms_of(mandate) != before:
            mandate.version += 1
            publish_credentials([user_id])
        mandate.save()
    return mandate


def revoke_mandate(*, mandate_id: int, user_id: int, now: datetime, by_staff: bool = False) -> None:
    """Ends a mandate: the next move is refused, its sockets close. What it offered stands until its person withdraws it.
    Where staff end it, its person gets a mail.

    Ending one that has ended changes nothing. Raises not_found for one that isn't theirs.
    """
    with transaction.atomic():
        mandates = Mandate.objects.filter(pk=mandate_id, user_id=user_id)
        if (mandate := mandates.first()) is None:
            raise not_found()
        if not mandates.filter(revoked_at=None).update(revoked_at=now):
            return
        publish_credentials([user_id])
        if by_staff:
            queue_mail(user_id=user_id, kind=OutgoingMail.Kind.AGENT_KEY_ENDED, now=now, mandate=mandate)


def forget_mandates(now: datetime) -> int:
    """A daily job: deletes mandates that ended a year ago, with the log of what their machines did. Returns how many."""
    old = Mandate.objects.filter(Q(expires_at__lte=now - KEPT) | Q(revoked_at__lte=now - KEPT))
    ids = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    Mandate.objects.filter(pk__in=ids).delete()
    return len(ids)


def _lock_live(mandate_id: int, user_id: int, now: datetime) -> Mandate:
    mandate = Mandate.objects.select_for_update(no_key=True).filter(live(now), pk=mandate_id, user_id=user_id).first()
    if mandate is None:
        raise not_found()
    return mandate
