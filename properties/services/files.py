"""Files that belong to rows: written with the transaction, gone with it or after it."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

log = logging.getLogger(__name__)


class Saved:
    """The files a transaction has written."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def add(self, folder: str, data: bytes, name: str = "") -> str:
        """Writes a JPEG; returns its name in the storage."""
        stored = default_storage.save(f"{folder}/{name or uuid4().hex}.jpg", ContentFile(data))
        self.names.append(stored)
        return stored


@contextlib.contextmanager
def transaction_with_files() -> Iterator[Saved]:
    """A transaction whose files go too when it is undone."""
    saved = Saved()
    try:
        with transaction.atomic():
            yield saved
    except BaseException:
        delete_files(saved.names)
        raise


def delete_after_commit(names: Iterable[str | None]) -> None:
    """Deletes these files once nothing refers to them any more for good."""
    if gone := [name for name in names if name]:
        transaction.on_commit(lambda: delete_files(gone), robust=True)


def delete_files(names: Iterable[str]) -> None:
    """A file that can't be deleted is a little space lost, no reason to fail."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError:
            log.warning("could not delete %s", name, exc_info=True)


def digest_of(data: bytes) -> bytes:
    """SHA-256, by which a picture that is there already is known."""
    return hashlib.sha256(data).digest()


def address_path(text: str) -> str:
    """The path of an address, "" where it is none: the same picture may be asked for under several host names."""
    try:
        return urlsplit(text.strip()).path
    except ValueError:
        return ""


def path_of(name: str | None) -> str:
    """The path under which a stored file is served, "" for none."""
    return urlsplit(default_storage.url(name)).path if name else ""
