"""Mandates with the homes that they name: made and lowered. Homes live above accounts, so they are looked up here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.models import Mandate
from accounts.rules.mandates import MOST_PROPERTIES
from accounts.selectors.mandates import access_mandate
from accounts.services.mandates import create_mandate, lower_mandate
from core.errors import invalid
from core.said import said
from properties.models import Property


def give_mandate(*, user_id: int, values: Mapping[str, Any], now: datetime) -> tuple[Mandate, str]:
    """As `create_mandate`. Raises invalid, too, for a home that its machine could never haggle over."""
    _check_homes(user_id, values["side"], values.get("property_ids"))
    return create_mandate(user_id=user_id, values=values, now=now)


def narrow_mandate(*, mandate_id: int, user_id: int, changes: Mapping[str, Any], now: datetime) -> Mandate:
    """As `lower_mandate`. Raises invalid, too, for a home that its machine could never haggle over."""
    if changes.get("property_ids") is not None:
        mandate = access_mandate(mandate_id, user_id=user_id)
        _check_homes(user_id, mandate.side, set(changes["property_ids"]) - set(mandate.property_ids or ()))
    return lower_mandate(mandate_id=mandate_id, user_id=user_id, changes=changes, now=now)


def list_choosable_homes(user_id: int) -> list[tuple[int, str]]:
    """Homes that a form offers: one's own, and those in whose haggles one is the guest. (id, title), at most a hundred."""
    own = Q(host_id=user_id) & ~Q(status=Property.Status.DRAFT)
    haggled = Q(negotiations__guest_id=user_id, status=Property.Status.LISTED)
    homes = Property.objects.filter(own | haggled).distinct().order_by("title", "pk")
    return list(homes.values_list("pk", "title")[:MOST_PROPERTIES])


def _check_homes(user_id: int, side: str, ids: Collection[int] | None) -> None:
    """A host names own homes, a guest listed ones of others."""
    if not ids:
        return
    homes = Property.objects.filter(pk__in=set(ids))
    if side == "host":
        known = homes.filter(host_id=user_id)
    else:
        known = homes.filter(status=Property.Status.LISTED).exclude(host_id=user_id)
    missing = sorted(set(ids) - set(known.values_list("pk", flat=True)))
    if missing:
        raise invalid(properties=[_no_home(side, str(id)) for id in missing])


def _no_home(side: str, id: str) -> str:
    if side == "host":
        return said("There is no home %(id)s of yours.", id=id)
    return said("There is no home %(id)s that is listed by somebody else.", id=id)
