"""What every storage of ours does: one kind of failure, and time limits where it is a neighbour."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.core.files.storage import Storage

from core.errors import Code, DomainError

log = logging.getLogger(__name__)
RETRY_AFTER_S = 5


class Bounded(Storage):
    """Mixed into a storage. What fails there is `unavailable`; FileNotFoundError stays what it is."""

    failures: tuple[type[Exception], ...] = (OSError,)

    def visit(self) -> AbstractContextManager[None]:
        """For several questions in a row, which then share what one visit may take."""
        return contextlib.nullcontext()

    def _open(self, name: str, mode: str = "rb") -> Any:
        with self.asked("read", name):
            return super()._open(name, mode)  # type: ignore[misc]  # of the storage that it is mixed into

    def _save(self, name: str, content: Any) -> str:
        with self.asked("write", name):
            return str(super()._save(name, content))  # type: ignore[misc]  # as above

    def delete(self, name: str) -> None:
        with self.asked("delete", name):
            super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with self.asked("list", path):
            return super().listdir(path)

    @contextlib.contextmanager
    def asked(self, what: str, name: str) -> Iterator[None]:
        """One question. Raises `unavailable` where it fails."""
        with self.visit():
            try:
                yield
            except FileNotFoundError:
                raise
            except self.failures as error:
                log.warning("storage: %s %s: %s: %s", what, name, type(error).__name__, error)
                raise DomainError(Code.UNAVAILABLE, params={"retry_after": RETRY_AFTER_S}) from error


def delete_quietly(storage: Storage, names: Iterable[str]) -> None:
    """Deletes what nothing refers to any more: what can't be deleted is a little space lost, no reason to fail."""
    for name in names:
        try:
            storage.delete(name)
        except Exception as error:
            log.warning("could not delete %s: %s", name, error)
