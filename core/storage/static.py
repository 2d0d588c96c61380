"""Where static files are."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedStaticFilesStorage  # type: ignore[import-untyped]


class StaticFiles(CompressedStaticFilesStorage):
    """Works out the address of each file once: a page names some eighty of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.addresses: dict[str, str] = {}

    def url(self, name: str | None) -> str:
        """The path or address under which browsers find it."""
        known = self.addresses.get(name or "")
        if known is None:
            known = self.addresses[name or ""] = str(super().url(name))
        return known
