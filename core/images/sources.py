"""Reads data-URLs, and the sizes that files claim, without a decoder."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import NamedTuple

from core.errors import invalid
from core.images.refusals import broken_base64, too_many_bytes, wrong

# The most segments of a JPEG that are read before its first scan; a camera writes some twenty.
MOST_SEGMENTS = 2000
# Start of frame, any of its kinds: 0xC4, 0xC8 and 0xCC are tables.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
SCAN, BARE = 0xDA, frozenset({0x01, *range(0xD0, 0xD9)})
COEFFICIENT_BYTES = 2


def is_data_url(text: str) -> bool:
    """Whether a text is a data-URL that holds a picture."""
    return text[:11].lower() == "data:image/"


def decode_data_url(text: str, *, field: str, max_bytes: int) -> bytes:
    """The bytes in a `data:image/…;base64,…` URL. Raises `invalid` with `field`."""
    head, comma, body = text.partition(",")
    if not comma or not is_data_url(head) or not head.lower().rstrip().endswith(";base64"):
        raise invalid(**{field: wrong()})
    if len(body) > max_bytes * 4 // 3 + 8 + max_bytes // 16:
        raise invalid(**{field: too_many_bytes(max_bytes)})
    try:
        return base64.b64decode("".join(body.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise invalid(**{field: broken_base64()}) from None


class JpegFrame(NamedTuple):
    """How a JPEG is stored: `samples` is the mean number of samples a pixel, `whole` whether a decoder has to hold them all.

    A progressive file, or one whose colours come in scans of their own, is decoded from all of its coefficients, even
    where it is read at a fraction.
    """

    samples: float
    whole: bool

    def coefficient_bytes(self, pixels: int) -> int:
        """The bytes that a decoder holds for so many pixels besides its output."""
        return int(pixels * self.samples * COEFFICIENT_BYTES) if self.whole else 0


HEAVIEST = JpegFrame(4.0, True)


def jpeg_frame(data: bytes) -> JpegFrame:
    """The frame of a JPEG (ITU-T T.81, B.2); the heaviest possible one where it can't be read."""
    at, frame, components, progressive = 2, 0.0, 0, False
    for _segment in range(MOST_SEGMENTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 6 > len(data):
            break
        marker = data[at + 1]
        if marker in BARE or marker in (0x00, 0xFF):
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker == SCAN:
            return JpegFrame(frame or HEAVIEST.samples, progressive or data[at + 4] < components)
        if marker in FRAMES:
            frame, components = _samples(data[at + 4 : at + 2 + length])
            progressive = marker in PROGRESSIVE
        at += 2 + length
    return HEAVIEST


def _samples(frame: bytes) -> tuple[float, int]:
    """Samples a pixel, and components, of a frame header from its precision on."""
    components = frame[5] if len(frame) > 5 else 0
    factors = [(byte >> 4, byte & 15) for byte in frame[7 : 6 + 3 * components : 3]]
    area = max((x for x, _ in factors), default=0) * max((y for _, y in factors), default=0)
    if not area:
        return HEAVIEST.samples, 4
    return sum(x * y for x, y in factors) / area, components


def webp_size(data: bytes) -> tuple[int, int]:
    """The size that a WebP file claims; its reader allocates memory for all of it on opening."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return (0, 0)
    if data[12:16] == b"VP8X":
        return (1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little"))
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    width, height = struct.unpack("<HH", data[26:30])
    return (width & 0x3FFF, height & 0x3FFF)


def colour_code(data: bytes) -> tuple[int, int]:
    """(primaries, transfer) of a HEIC or AVIF file, as ITU-T H.273 numbers them; (2, 2), unspecified, where it has none."""
    at = data.find(b"colrnclx", 0, 1 << 20)
    if at < 0 or at + 12 > len(data):
        return (2, 2)
    primaries, transfer = struct.unpack_from(">HH", data, at + 8)
    return primaries, transfer
