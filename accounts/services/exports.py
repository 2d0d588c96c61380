"""An account's data to take along: asked for, packed by the clock, kept for a day (GDPR articles 15 and 20)."""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import orjson
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q

from accounts.models import DataExport
from accounts.services.notifications import notify
from accounts.services.private_files import forget_file
from core import hooks
from core.database.claims import claim
from core.errors import not_found

log = logging.getLogger(__name__)
KEPT = timedelta(days=1)
CLAIMED = timedelta(minutes=10)
MOST_TRIES = 5
CHUNK = 1 << 20


class Box:
    """The zip of an export while it is packed: `NAME.json` for rows, `files/…` for files."""

    def __init__(self, target: IO[bytes]) -> None:
        self.archive = ZipFile(target, "w", ZIP_DEFLATED)

    def add_rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """One JSON array of objects, written row by row."""
        with self.archive.open(f"{name}.json", "w", force_zip64=True) as out:
            out.write(b"[")
            for number, row in enumerate(rows):
                out.write(b",\n" if number else b"\n")
                out.write(orjson.dumps(dict(row), default=str, option=orjson.OPT_NON_STR_KEYS))
            out.write(b"\n]\n")

    def add_file(self, folder: str, file: Any) -> None:
        """Adds the file of a field, unless it is gone from the storage."""
        if not file or not file.name:
            return
        try:
            source = file.storage.open(file.name, "rb")
        except FileNotFoundError:
            return
        # Pictures are packed already.
        entry = ZipInfo(f"files/{folder}/{PurePath(file.name).name}")
        entry.compress_type = ZIP_STORED
        with source, self.archive.open(entry, "w", force_zip64=True) as out:
            while chunk := source.read(CHUNK):
                out.write(chunk)

    def close(self) -> None:
        self.archive.close()


def ask_for_export(*, user_id: int, now: datetime) -> DataExport:
    """The account's export: the one that is ready or being packed, else a new one that the clock will pack."""
    with transaction.atomic():
        found, _ = DataExport.objects.select_for_update(no_key=True).get_or_create(
            user_id=user_id, defaults={"asked_at": now}
        )
        if found.expires_at is not None and found.expires_at <= now:
            _drop(found)
            found = DataExport.objects.create(user_id=user_id, asked_at=now)
    return found


def _drop(export: DataExport) -> None:
    forget_file(export.file)
    export.delete()


def access_export(*, user_id: int, now: datetime) -> DataExport:
    """An account's own export that is ready. Raises `not_found`."""
    found = DataExport.objects.filter(user_id=user_id, expires_at__gt=now).first()
    if found is None:
        raise not_found()
    return found


def prepare_exports(now: datetime) -> int:
    """A clock job: packs the export that waits longest. Returns how many it packed."""
    export = _claim(now)
    if export is None:
        return 0
    if export.tries > MOST_TRIES:
        log.error("the export of user %s is given up after %s tries", export.user_id, MOST_TRIES)
        export.delete()
        return 0
    with tempfile.TemporaryFile() as target:
        pack(export.user_id, target)
        size = target.tell()
        target.seek(0)
        export.file.save(f"{uuid.uuid4().hex}.zip", File(target), save=False)
    return _finish(export, size, now)


def _claim(now: datetime) -> DataExport | None:
    """Claims the next export: no other pass packs it for ten minutes."""

    def lease(export: DataExport) -> None:
        export.claimed_until, export.tries = now + CLAIMED, export.tries + 1

    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    waiting = DataExport.objects.filter(free, ready_at=None, user__is_active=True)
    found = claim(waiting, order_by="asked_at", fields=["claimed_until", "tries"], lease=lease)
    return found[0] if found else None


def pack(user_id: int, target: IO[bytes]) -> None:
    """Writes the zip: every app adds what it has of the account."""
    box = Box(target)
    hooks.account_exported(user_id=user_id, box=box)
    box.close()


def _finish(export: DataExport, size: int, now: datetime) -> int:
    with transaction.atomic():
        still = DataExport.objects.select_for_update(no_key=True).filter(pk=export.pk, ready_at=None).exists()
        if still:
            export.size, export.ready_at, export.expires_at = size, now, now + KEPT
            export.save(update_fields=["file", "size", "ready_at", "expires_at"])
            notify(user_id=export.user_id, kind="export.ready", title="Your data is ready to be taken along.", now=now)
    if not still:  # the account was closed or erased meanwhile
        forget_file(export.file)
    return int(still)


def forget_old_exports(now: datetime) -> int:
    """A daily job: deletes exports whose day is over. Returns how many."""
    gone = list(DataExport.objects.filter(expires_at__lte=now))
    for export in gone:
        _drop(export)
    return len(gone)
