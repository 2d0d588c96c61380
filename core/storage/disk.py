"""The storage in a directory of this machine."""

from __future__ import annotations

import contextlib
from typing import Any

from django.core.files.storage import FileSystemStorage

from core.errors import DomainError
from core.storage.bounded import Bounded


class Disk(Bounded, FileSystemStorage):
    """Stores files; one that could not be written whole does not remain."""

    def _save(self, name: str, content: Any) -> str:
        try:
            return super()._save(name, content)
        except DomainError:
            with contextlib.suppress(OSError):
                FileSystemStorage.delete(self, name)
            raise
