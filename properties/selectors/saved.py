"""Reads the homes that a user keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import not_found
from properties.models import SavedHome
from properties.rules.search import SearchQuery
from properties.selectors.search.results import show_homes
from properties.selectors.steps import Absolute


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page of saved homes: `homes` as a search shows them; `unlisted` ones with their id and the title when they were saved.

    `before` is the cursor of the next page, None at the end.
    """

    homes: list[dict[str, Any]]
    unlisted: list[dict[str, Any]]
    before: int | None


def list_saved(
    *, user_id: int, now: datetime, absolute: Absolute, limit: int = 50, before: int | None = None
) -> SavedPage:
    """A page of a user's saved homes, the latest first. The number of queries does not depend on their number."""
    found = SavedHome.objects.filter(user_id=user_id).order_by("-pk")
    found = found if before is None else found.filter(pk__lt=before)
    rows = list(found[: limit + 1])
    page, more = rows[:limit], len(rows) > limit
    homes = show_homes([row.property_id for row in page], SearchQuery(), now=now, absolute=absolute)
    listed = {home["property_id"] for home in homes}
    return SavedPage(homes, _unlisted(page, listed), page[-1].pk if more else None)


def _unlisted(rows: Sequence[SavedHome], listed: set[int]) -> list[dict[str, Any]]:
    return [{"property_id": row.property_id, "name": row.title} for row in rows if row.property_id not in listed]


def get_saved(*, user_id: int, property_id: int, now: datetime, absolute: Absolute) -> dict[str, Any]:
    """A saved home as a search shows it. Raises `not_found` where it is not saved, or not listed at the moment."""
    if not saved_among(user_id, [property_id]):
        raise not_found()
    homes = show_homes([property_id], SearchQuery(), now=now, absolute=absolute)
    if not homes:
        raise not_found()
    return homes[0]


def saved_among(user_id: int | None, property_ids: Iterable[int]) -> frozenset[int]:
    """Those of these homes that the user has saved; none for a visitor."""
    if user_id is None:
        return frozenset()
    rows = SavedHome.objects.filter(user_id=user_id, property_id__in=list(property_ids))
    return frozenset(rows.values_list("property_id", flat=True))
