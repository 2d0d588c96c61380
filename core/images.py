"""Pictures that strangers send: judged by content, re-encoded, nothing but pixels kept.

Only bytes of the request are pictures; an address is never fetched. What is no JPEG, PNG or WebP, is cut short, or
would unpack to more than it may, is `invalid` before its pixels are touched.
"""

from __future__ import annotations

import base64
import binascii
import struct
import threading
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

from core.errors import invalid

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
WRONG = "Send a JPEG, PNG or WebP picture."

# The check below comes before the pixels and holds a lower limit; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
# A picture of 40 megapixels takes 160 MB while it is read: never more than two of them in one process.
_decoding = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean JPEG without any metadata; sizes in pixels."""

    data: bytes
    width: int
    height: int


def is_data_url(text: str) -> bool:
    """Whether a text is a picture in itself."""
    return text[:11].lower() == "data:image/"


def decode_data_url(text: str, *, field: str = "image_data", max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes in a `data:image/…;base64,…` URL. Raises `invalid` with `field`."""
    head, comma, body = text.partition(",")
    if not comma or not is_data_url(head) or not head.lower().rstrip().endswith(";base64"):
        raise invalid(**{field: WRONG})
    if len(body) > max_bytes * 4 // 3 + 8 + max_bytes // 16:
        raise _too_large(field, max_bytes)
    try:
        return base64.b64decode("".join(body.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise invalid(**{field: "The picture's base64 text is broken."}) from None


def _too_large(field: str, max_bytes: int) -> Exception:
    return invalid(**{field: f"The picture is larger than {max_bytes // (1024 * 1024)} MB."})


def decode_picture(
    source: bytes | str,
    *,
    field: str = "image_data",
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    sides: tuple[int, ...] = (1600,),
) -> list[Picture]:
    """The picture in bytes or a data-URL, once for each of `sides`: no side longer than so many pixels, never enlarged.

    Raises `invalid` with `field`.
    """
    data = decode_data_url(source, field=field, max_bytes=max_bytes) if isinstance(source, str) else source
    if len(data) > max_bytes:
        raise _too_large(field, max_bytes)
    with _decoding:
        try:
            return _render(data, field, max_pixels, sides)
        # Broken files fail in whatever way their format's reader happens to.
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, struct.error) as error:
            raise invalid(**{field: WRONG}) from error


def _render(data: bytes, field: str, max_pixels: int, sides: tuple[int, ...]) -> list[Picture]:
    _check_size(_webp_size(data), field, max_pixels)
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        _check_size(image.size, field, max_pixels)
        largest = max(sides)
        image.draft("RGB", (largest, largest))  # a JPEG is read at a fraction of its size
        image.load()
        whole: Image.Image = image if image.mode in ("RGB", "RGBA", "L", "LA") else image.convert("RGBA")
        whole.thumbnail((largest, largest), Image.Resampling.LANCZOS)
        upright = _flat(ImageOps.exif_transpose(whole))
    return [_encode(upright, side) for side in sides]


def _check_size(size: tuple[int, int], field: str, max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise invalid(**{field: f"The picture has more than {max_pixels // 1_000_000} megapixels."})


def _webp_size(data: bytes) -> tuple[int, int]:
    """What a WebP file claims; its reader sets memory aside for all of it when it is merely opened."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return (0, 0)
    if data[12:16] == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack("<HH", data[26:30])
    return (width & 0x3FFF, height & 0x3FFF)


def _flat(image: Image.Image) -> Image.Image:
    """Pixels on white and nothing else: a new image carries no comment, profile, EXIF or GPS over."""
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    return flat


def _encode(image: Image.Image, side: int) -> Picture:
    sized = image.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    sized.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), *sized.size)
