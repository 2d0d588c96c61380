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
    """Leases at most `most` of `rows` to the caller, the first ones by `order_by`, in a transaction of its own.

    `lease` sets `fields` of a row so that `rows` no longer finds it until the lease is over: where a run dies, a later run
    gets its rows. SKIP LOCKED leaves out the rows that another run is leasing at the same moment.
    """
    with transaction.atomic():
        free = rows.select_for_update(no_key=True, skip_locked=True, of=("self",))
        found = list(free.order_by(order_by)[:most])
        for row in found:
            lease(row)
        if found:
            type(found[0])._default_manager.bulk_update(found, fields)
    return found
