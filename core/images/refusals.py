"""Why a picture is not taken, in words that say how to mend it, and the refusals of several in one answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.errors import Code, DomainError, invalid

MB = 1024 * 1024


def wrong() -> str:
    """The refusal of a file that is no picture, or of an unreadable kind."""
    return _("Send a JPEG, PNG, WebP, HEIC or AVIF picture.")


def too_many_bytes(most: int) -> str:
    """The refusal of too large a file; `most` is in bytes."""
    return _("The picture is larger than {most} MB. Save it as a JPEG of less quality, or smaller.").format(
        most=most // MB
    )


def too_many_pixels(pixels: int, most: int, *, jpeg: bool) -> str:
    """The refusal of too many pixels: `pixels` are the picture's, `most` the limit of its kind."""
    remedy = _("Make it smaller.") if jpeg else _("Save it as a JPEG, or make it smaller.")
    facts = _("The picture has more than {most} megapixels ({pixels}).")
    return facts.format(most=most // 1_000_000, pixels=-(-pixels // 1_000_000)) + " " + remedy


def too_heavy() -> str:
    """The refusal of a picture that needs more memory than the server has for pictures."""
    return _("The picture takes too much memory to read. Save it as an ordinary (not progressive) JPEG, or smaller.")


def too_many_together(most: int) -> str:
    """The refusal of pictures that together have too many pixels; `most` is in pixels."""
    return _("The pictures sent together have more than {most} megapixels. Send this one by itself.").format(
        most=most // 1_000_000
    )


def cut_short() -> str:
    """The refusal of a picture without its end."""
    return _("The picture is cut short. Send it again.")


def broken_base64() -> str:
    """The refusal of a data-URL whose text is no base64."""
    return _("The picture's base64 text is broken.")


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
                told = [f"{name}: {text}" if name else text for text in texts]
                self.fields.setdefault(field, []).extend(told)

    def check(self) -> None:
        """Raises `invalid` with every field that was refused."""
        if self.fields:
            raise invalid(" ".join(texts[0] for texts in self.fields.values()), **self.fields)
