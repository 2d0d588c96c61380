"""Colours as the web shows them: 8 bits a channel, sRGB.

A picture in another space (a phone's Display P3, a scanner's grey, a printer's CMYK) is converted to sRGB by its profile.
Otherwise its colours would fade or shift, since a picture without a profile is read as sRGB everywhere.
"""

from __future__ import annotations

import struct
from io import BytesIO

from PIL import Image, ImageCms

from core.images.hdr import HLG, PQ, tone_curve

# The largest profile that is read; a printer's has some two megabytes.
MAX_PROFILE_BYTES = 8 * 1024 * 1024
# The Pillow mode for a profile's colour space (ICC.1, 7.2.6).
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
SRGB = ImageCms.createProfile("sRGB")
PLAIN = ("RGB", "RGBA", "L", "LA", "CMYK")

# Red, green, blue of the spaces that ITU-T H.273 numbers, as XYZ adapted to D50.
PRIMARIES = {
    1: ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),  # BT.709, as sRGB
    9: ((0.67346, 0.27904, -0.00194), (0.16566, 0.67534, 0.02998), (0.12505, 0.04561, 0.79686)),  # BT.2020
    12: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),  # Display P3
}
BT_709, BT_2020 = 1, 9
# Transfers that are sRGB's, or so near that phones mix them: BT.709 and its like, unspecified, sRGB itself.
LIKE_SRGB = frozenset({1, 2, 6, 13, 14, 15})
D50 = (0.96420, 1.0, 0.82491)
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def in_8_bits(image: Image.Image) -> Image.Image:
    """The picture in a mode with 8 bits a channel: 16 are scaled. Pillow's own conversion cuts them off at 255."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (255 / 65535)).convert("L")
    return image if image.mode in PLAIN else image.convert("RGBA")


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """An RGB, RGBA, L or LA picture in sRGB; one without a profile, or with a broken one, counts as sRGB already."""
    moved = _moved(image, profile) if profile and len(profile) <= MAX_PROFILE_BYTES else None
    return moved or (image.convert("RGB") if image.mode == "CMYK" else image)


def _moved(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = MODES.get(source.profile.xcolor_space.strip())
        # A grey picture may carry the profile of a colour space; CMYK needs a profile of its own space.
        if mode is None or (image.mode == "CMYK") != (mode == "CMYK"):
            return None
        moved = ImageCms.profileToProfile(image.convert(mode), source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None
    if moved is not None and "A" in image.getbands():
        moved.putalpha(image.getchannel("A"))
    return moved


def profile_of_code(primaries: int, transfer: int) -> bytes | None:
    """An ICC profile for a space named by its numbers alone, as phones and cameras do in HEIC and AVIF.

    None for sRGB and its like, and for what is not known.
    """
    if transfer in (PQ, HLG):
        primaries, curve = primaries if primaries in PRIMARIES else BT_2020, tone_curve(transfer)
    elif primaries in PRIMARIES and primaries != BT_709 and transfer in LIKE_SRGB:
        curve = struct.pack(">4sIHH5i", b"para", 0, 3, 0, *map(_fixed, SRGB_CURVE))
    else:
        return None
    tags = [(b"wtpt", _xyz(D50))]
    tags += [(name, _xyz(xyz)) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), PRIMARIES[primaries], strict=True)]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(tags)


def _profile(tags: list[tuple[bytes, bytes]]) -> bytes:
    """A display profile (ICC.1:2010, 7) of these tags, each a multiple of four bytes long."""
    start, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sIIIQI3i4s16s28s",
        start + len(body), b"\0" * 4, 0x04300000, b"mntr", b"RGB ", b"XYZ ", b"\0" * 12, b"acsp", b"\0" * 4, 0, 0, 0, 0, 0,
        *map(_fixed, D50), b"\0" * 4, b"\0" * 16, b"\0" * 28,
    )  # fmt: skip
    return head + struct.pack(">I", len(tags)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *map(_fixed, values))


def _fixed(value: float) -> int:
    return round(value * 65536)
