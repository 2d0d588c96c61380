"""Files that belong to rows: written before the transaction, deleted where it is undone, or after the rows are deleted."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from core.storage.bounded import delete_quietly

# A folder, and the bytes of a JPEG that is to lie in it.
File = tuple[str, bytes]


class Saved:
    """The files a transaction has written."""

    def __init__(self) -> None:
        self.names: list[str] = []
        # Files put before the transaction that no row has taken yet.
        self.ready: dict[tuple[str, int], str] = {}

    def put(self, files: Iterable[File]) -> None:
        """Writes what the transaction is going to `add`, while no row is locked: a slow storage holds up no other transaction."""
        bounded: Any = default_storage  # of the kind that STORAGES names
        with bounded.visit():
            for folder, data in files:
                self.ready[folder, id(data)] = self._write(folder, data)

    def add(self, folder: str, data: bytes) -> str:
        """The name in the storage of a JPEG that was put, or else is written now."""
        return self.ready.pop((folder, id(data)), "") or self._write(folder, data)

    def _write(self, folder: str, data: bytes) -> str:
        stored = default_storage.save(f"{folder}/{uuid4().hex}.jpg", ContentFile(data))
        self.names.append(stored)
        return stored


@contextlib.contextmanager
def transaction_with_files(before: Iterable[File] = ()) -> Iterator[Saved]:
    """A transaction whose files are put before it, and go too when it is undone. Raises `unavailable` for a storage that
    fails, and then nothing was done."""
    saved = Saved()
    try:
        saved.put(before)
        with transaction.atomic():
            yield saved
            delete_after_commit(saved.ready.values())
    except BaseException:
        delete_files(saved.names)
        raise


def delete_after_commit(names: Iterable[str | None]) -> None:
    """Deletes these files after the commit, when no row names them any more."""
    if gone := [name for name in names if name]:
        transaction.on_commit(lambda: delete_files(gone), robust=True)


def delete_files(names: Iterable[str]) -> None:
    """Deletes files. A file that can't be deleted costs a little space, and raises nothing."""
    delete_quietly(default_storage, names)


def digest_of(data: bytes) -> bytes:
    """The SHA-256 by which a picture that is stored already is recognised."""
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
