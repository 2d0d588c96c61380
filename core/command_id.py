"""The form of a command's id; the socket's `id` and REST's `Idempotency-Key` are the same thing."""

from __future__ import annotations

MAX_LENGTH = 64


def is_command_id(text: str) -> bool:
    """Whether a text is 1 to 64 ASCII characters without NUL, which could not be stored."""
    return 0 < len(text) <= MAX_LENGTH and text.isascii() and "\0" not in text
