"""What all storages share: one kind of failure, and time limits where the storage is a neighbour."""

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
    """A mixin for storages: failures become `unavailable`; FileNotFoundError stays."""

    failures: tuple[type[Exception], ...] = (OSError,)

    def visit(self) -> AbstractContextManager[None]:
        """A context for several questions in a row, which share the time of one visit."""
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
        """A context for one question. Raises `unavailable` where it fails."""
        with self.visit():
            try:
                yield
            except FileNotFoundError:
                raise
            except self.failures as error:
                log.warning("storage: %s %s: %s: %s", what, name, type(error).__name__, error)
                raise DomainError(Code.UNAVAILABLE, params={"retry_after": RETRY_AFTER_S}) from error


def delete_quietly(storage: Storage, names: Iterable[str]) -> None:
    """Deletes a file that no row names. A failure costs a little space, and raises nothing."""
    for name in names:
        try:
            storage.delete(name)
        except Exception as error:
            log.warning("could not delete %s: %s", name, error)
