"""Why a picture is not taken, in words that say how to mend it, and the refusals of several in one answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from core.errors import Code, DomainError, invalid
from core.said import named, said, together

MB = 1024 * 1024


def wrong() -> str:
    """The refusal of a file that is no picture, or of an unreadable kind."""
    return said("Send a JPEG, PNG, WebP, HEIC or AVIF picture.")


def too_many_bytes(most: int) -> str:
    """The refusal of too large a file; `most` is in bytes."""
    return said(
        "The picture is larger than %(most)s MB. Save it as a JPEG of less quality, or smaller.", most=most // MB
    )


def too_many_pixels(pixels: int, most: int, *, jpeg: bool) -> str:
    """The refusal of too many pixels: `pixels` are the picture's, `most` the limit of its kind."""
    remedy = said("Make it smaller.") if jpeg else said("Save it as a JPEG, or make it smaller.")
    most, pixels = most // 1_000_000, -(-pixels // 1_000_000)
    facts = said("The picture has more than %(most)s megapixels (%(pixels)s).", most=most, pixels=pixels)
    return together([facts, remedy])


def too_heavy() -> str:
    """The refusal of a picture that needs more memory than the server has for pictures."""
    return said("The picture takes too much memory to read. Save it as an ordinary (not progressive) JPEG, or smaller.")


def too_many_together(most: int) -> str:
    """The refusal of pictures that together have too many pixels; `most` is in pixels."""
    most //= 1_000_000
    return said("The pictures sent together have more than %(most)s megapixels. Send this one by itself.", most=most)


def cut_short() -> str:
    """The refusal of a picture without its end."""
    return said("The picture is cut short. Send it again.")


def broken_base64() -> str:
    """The refusal of a data-URL whose text is no base64."""
    return said("The picture's base64 text is broken.")


class Refusals:
    """Collects the refusals of a request's pictures: it checks each, and names all that are refused."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}

    @contextlib.contextmanager
    def each(self, name: str = "") -> Iterator[None]:
        """Keeps what the block refuses as `invalid`, under its field; `name` is the file's own, as its sender knows it."""
        try:
            yield
        except DomainError as refusal:
            if refusal.code != Code.INVALID:
                raise
            for field, texts in refusal.fields.items():
                told = [named(name, text) if name else text for text in texts]
                self.fields.setdefault(field, []).extend(told)

    def check(self) -> None:
        """Raises `invalid` with every field that was refused."""
        if self.fields:
            raise invalid(together(texts[0] for texts in self.fields.values()), **self.fields)
