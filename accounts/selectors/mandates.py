"""Which mandates still hold, and what they allow. A mandate counts while it is neither revoked nor past
its end and its person's account is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Mandate, display_name
from accounts.rules.mandates import MandateTerms
from core.database.rows import fetch_rows
from core.errors import not_found

# What every mandate's key begins with; a person's token never does.
AGENT_PREFIX = "agent_"
LONGEST_KEY = 100

# The columns that `MandateTerms` has under their own names, but for its id.
TERMS = (
    "version",
    "user_id",
    "side",
    "currency",
    "expires_at",
    "revoked_at",
    "max_total",
    "min_percent",
    "max_open",
    "check_in_from",
    "check_out_by",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentIdentity(MandateTerms):
    """Which machine asks, and for whom. `name` is its person's own label and is shown to that person only."""

    name: str
    user_name: str
    is_host: bool


# Constants alone go into these statements.
_COLUMNS = ", ".join(f"m.{name}" for name in TERMS)
LIVE_MANDATES = f"""
SELECT m.id, m.digest, m.name, m.may, m.property_ids, {_COLUMNS}, u.first_name, u.last_name, u.username, u.is_host
FROM accounts_mandate m JOIN accounts_user u ON u.id = m.user_id
WHERE u.is_active AND m.revoked_at IS NULL
"""  # noqa: S608 - constants only
_BY_IDS = f"{LIVE_MANDATES} AND m.id = ANY(%s) AND m.expires_at > %s"


def hash_key(key: str) -> bytes:
    """The hash that is stored in place of a key; a key is random enough to need no slow one."""
    return sha256(key.encode()).digest()


def is_agent_key(key: str) -> bool:
    """Whether a client's text can be a mandate's key at all."""
    return key.startswith(AGENT_PREFIX) and len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()


def list_live_mandates(ids: Iterable[int], now: datetime) -> dict[int, AgentIdentity]:
    """Those of these mandates that still hold, by id; one query."""
    asked = list(ids)
    if not asked:
        return {}
    return {row["id"]: identity_of(row) for row in fetch_rows(_BY_IDS, [asked, now])}


def identity_of(row: dict[str, Any]) -> AgentIdentity:
    """The mandate and its person, from a row of the statements above."""
    return AgentIdentity(
        mandate_id=row["id"],
        may=frozenset(row["may"]),
        property_ids=None if row["property_ids"] is None else frozenset(row["property_ids"]),
        name=row["name"],
        user_name=display_name(row["first_name"], row["last_name"], row["username"]),
        is_host=row["is_host"],
        **{name: row[name] for name in TERMS},
    )


def mandate_terms(row: Mapping[str, Any]) -> MandateTerms:
    """A mandate's limits from a row that names its columns."""
    return MandateTerms(
        mandate_id=row["id"],
        may=frozenset(row["may"]),
        property_ids=None if row["property_ids"] is None else frozenset(row["property_ids"]),
        **{name: row[name] for name in TERMS},
    )


def terms_of(mandate: Mandate) -> MandateTerms:
    """A mandate's limits as the rules have them."""
    return MandateTerms(
        mandate_id=mandate.pk,
        may=frozenset(mandate.may),
        property_ids=None if mandate.property_ids is None else frozenset(mandate.property_ids),
        **{name: getattr(mandate, name) for name in TERMS},
    )


def list_mandates(user_id: int, now: datetime, *, ended: bool = False, before: int | None = None) -> QuerySet[Mandate]:
    """A person's mandates, newest first: the live ones, with `ended` those that ended too, with `before` those of lower ids."""
    mandates = Mandate.objects.filter(user_id=user_id).order_by("-pk")
    if before is not None:
        mandates = mandates.filter(pk__lt=before)
    return mandates if ended else mandates.filter(live(now))


def live(now: datetime) -> Q:
    """The condition of a mandate that holds."""
    return Q(revoked_at=None, expires_at__gt=now)


def access_mandate(mandate_id: int, *, user_id: int) -> Mandate:
    """A user's own mandate, also one that ended. Raises not_found for another user's."""
    mandate = Mandate.objects.filter(pk=mandate_id, user_id=user_id).first()
    if mandate is None:
        raise not_found()
    return mandate
