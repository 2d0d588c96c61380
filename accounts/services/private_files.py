"""Files outside the public media: deleted with their rows, and swept where a crash left one without a row."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from accounts.models import DataExport, Document
from accounts.models.documents import private_storage

log = logging.getLogger(__name__)
# Far longer than an upload or the packing of an export takes.
GRACE = timedelta(days=1)
FILES_AT_ONCE = 5000


def forget_file(file: Any) -> None:
    """Deletes the file of a field, where there is one. Callers delete the row after it: a row without a file is erased again."""
    if file and file.name:
        file.storage.delete(file.name)


def delete_orphaned_files(now: datetime) -> int:
    """A daily job: deletes private files that no row names, a day after they were written. Returns how many."""
    doomed = [
        name for name in (*_orphans("documents", Document), *_orphans("exports", DataExport)) if _is_old(name, now)
    ]
    for name in doomed:
        private_storage().delete(name)
    return len(doomed)


def _orphans(folder: str, table: Any) -> Iterator[str]:
    try:
        names = [f"{folder}/{name}" for name in private_storage().listdir(folder)[1]]
    except FileNotFoundError:  # nothing was ever stored there
        return
    for start in range(0, len(names), FILES_AT_ONCE):
        some = names[start : start + FILES_AT_ONCE]
        named = set(table.objects.filter(file__in=some).values_list("file", flat=True))
        yield from (name for name in some if name not in named)


def _is_old(name: str, now: datetime) -> bool:
    try:
        return private_storage().get_modified_time(name) < now - GRACE
    except FileNotFoundError:  # deleted meanwhile
        return False
