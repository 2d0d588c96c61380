"""Claims rows for one run of a job, so that other runs leave them alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def claim(
    rows: QuerySet[Row], *, order_by: str, fields: Sequence[str], lease: Callable[[Row], None], most: int = 1
) -> list[Row]:
    """At most `most` of `rows`, first by `order_by`, each leased to the caller in a transaction of its own.

    `lease` sets `fields` of a row so that `rows` no longer finds it until the lease is over: a pass that dies leaves its
    rows to a later one. SKIP LOCKED: rows that another pass is leasing just now are that pass's.
    """
    with transaction.atomic():
        free = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
        found = list(free.order_by(order_by)[:most])
        for row in found:
            lease(row)
        if found:
            type(found[0])._default_manager.bulk_update(found, fields)
    return found
