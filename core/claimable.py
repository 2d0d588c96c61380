"""What several callers may want to do, and only the first of them does."""

from __future__ import annotations


class Claimable:
    """An object that exactly one caller can claim, in any thread."""

    __slots__ = ("claims",)

    def __init__(self) -> None:
        self.claims: list[None] = [None]

    def claim(self) -> bool:
        """Claims it. Returns True only for the first of all callers, in any thread."""
        try:
            self.claims.pop()
        except IndexError:
            return False
        return True
