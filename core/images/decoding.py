"""From bytes to clean pictures, within the limits of pixels and memory."""

from __future__ import annotations

import struct
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import AvifImagePlugin, Image

from core import lanes
from core.errors import invalid
from core.images import weight
from core.images.colours import in_8_bits, in_srgb, profile_of_code
from core.images.refusals import cut_short, too_heavy, too_many_bytes, too_many_pixels, wrong
from core.images.sources import colour_code, decode_data_url, jpeg_frame, webp_size
from core.images.weight import Allowance, decoders

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS, MAX_JPEG_PIXELS = 40_000_000, 120_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
# A photo with a depth or gain map behind it counts as a JPEG everywhere else.
JPEGS = ("JPEG", "MPO")
BYTES_A_PIXEL = {"PNG": weight.PNG, "WEBP": weight.WEBP, "AVIF": weight.AVIF, "HEIF": weight.HEIF}
QUALITY = 82
# A JPEG is read at the smallest of these fractions that is large enough.
FRACTIONS = (8, 4, 2, 1)
# EXIF orientation → the turn that brings a picture upright.
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# The exceptions that readers raise for broken files.
BROKEN = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, OverflowError, RuntimeError, struct.error)

# The checks below come before the pixels and hold lower limits; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
# A thumbnail inside the file may show something other than the file.
pillow_heif.register_heif_opener(thumbnails=False, decode_threads=2)
AvifImagePlugin.DEFAULT_MAX_THREADS = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean JPEG without any metadata; sizes in pixels."""

    data: bytes
    width: int
    height: int


def decode_picture(
    source: bytes | str,
    *,
    field: str = "image_data",
    max_bytes: int = MAX_BYTES,
    max_pixels: int | None = None,
    sides: tuple[int, ...] = (1600,),
    allowance: Allowance | None = None,
) -> list[Picture]:
    """The picture in bytes or a data-URL, once for each of `sides`: no side longer than so many pixels, never enlarged.

    The result is upright, in sRGB. `allowance` is what the pictures of a request may have together. Raises `invalid` with `field`.
    """
    data = decode_data_url(source, field=field, max_bytes=max_bytes) if isinstance(source, str) else source
    with _Reading(field, max_bytes, max_pixels, allowance) as reading:
        upright = _pixels(reading, data, max(sides))
        return [_encode(upright, side) for side in sides]


def check_picture(data: bytes, *, field: str, formats: tuple[str, ...], max_bytes: int, otherwise: str) -> str:
    """The format of a complete picture, one of `formats`.

    Raises `invalid` with `field`, in the words of `otherwise` where it is none of them.
    """
    with _Reading(field, max_bytes, otherwise=otherwise) as reading, reading.opened(data, 1, formats) as image:
        image.load()
        return "JPEG" if image.format in JPEGS else str(image.format)


class _Reading(ExitStack):
    """Reads one picture. It holds memory until all of it is free again, and takes errors for faults of the picture."""

    def __init__(
        self, field: str, max_bytes: int, max_pixels: int | None = None, allowance: Allowance | None = None,
        otherwise: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self.field, self.max_bytes, self.max_pixels = field, max_bytes, max_pixels
        self.allowance, self.otherwise = allowance, otherwise

    def opened(self, data: bytes, side: int, formats: tuple[str, ...] = FORMATS) -> Image.Image:
        """The opened picture; a JPEG may be set to load at a fraction that is no smaller than `side`."""
        if len(data) > self.max_bytes:
            raise invalid(**{self.field: too_many_bytes(self.max_bytes)})
        self.enter_context(lanes.pictures.enter())
        self.push(self._refuse)
        _check_size("WEBP", webp_size(data), self.field, self.max_pixels)
        image = Image.open(BytesIO(data), formats=formats)
        pixels = _check_size(image.format, image.size, self.field, self.max_pixels)
        if self.allowance is not None:
            self.allowance.take(pixels, field=self.field)
        self.enter_context(decoders.hold(_bytes_needed(image, data, side, self.field)))
        return image

    def _refuse(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BROKEN):
            words = cut_short() if "truncated" in str(error) else self.otherwise or wrong()
            raise invalid(**{self.field: words}) from error


def _pixels(reading: _Reading, data: bytes, side: int) -> Image.Image:
    """The pixels: upright, in sRGB, on white. The decoder's memory is freed when this returns."""
    with reading.opened(data, side) as image:
        profile = image.info.get("icc_profile") or _coded_profile(image.format, data)
        image.load()
        whole = in_8_bits(image)
        whole.thumbnail((side, side), Image.Resampling.LANCZOS)
        return _flat(_upright(in_srgb(whole, profile), image))


def _check_size(kind: str | None, size: tuple[int, int], field: str, most: int | None) -> int:
    """The pixels of a picture. Raises `invalid` with `field` where it has more than one of its kind may have."""
    pixels = size[0] * size[1]
    jpeg = kind in JPEGS
    most = most or (MAX_JPEG_PIXELS if jpeg else MAX_PIXELS)
    if pixels > most:
        raise invalid(**{field: too_many_pixels(pixels, most, jpeg=jpeg)})
    return pixels


def _bytes_needed(image: Image.Image, data: bytes, side: int, field: str) -> int:
    """The bytes that decoding needs; sets a JPEG to be read at a fraction. Raises `invalid` with `field` for too many."""
    pixels = image.width * image.height
    if image.format in JPEGS:
        coefficients = jpeg_frame(data).coefficient_bytes(pixels)
        _draft(image, side)
        needed = coefficients + image.width * image.height * weight.JPEG
    else:
        needed = pixels * BYTES_A_PIXEL[str(image.format)]
    if needed > weight.ALONE:
        raise invalid(**{field: too_heavy()})
    return needed


def _draft(image: Image.Image, side: int) -> None:
    """Sets a JPEG to be read at the smallest fraction whose longer side is no shorter than `side`."""
    longer = max(image.size)
    fraction = next((one for one in FRACTIONS if longer // one >= side), 1)
    image.draft("RGB", (image.width // fraction, image.height // fraction))


def _coded_profile(kind: str | None, data: bytes) -> bytes | None:
    return profile_of_code(*colour_code(data)) if kind in ("HEIF", "AVIF") else None


def _upright(image: Image.Image, source: Image.Image) -> Image.Image:
    """The picture turned as its EXIF says; unreadable EXIF leaves it as it is."""
    try:
        turn = TURNS.get(source.getexif().get(ORIENTATION, 1))
    except (*BROKEN, TypeError):
        return image
    return image if turn is None else image.transpose(turn)


def _flat(image: Image.Image) -> Image.Image:
    """The pixels on white in a new image, which has no comment, profile, EXIF or GPS."""
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    return flat


def _encode(image: Image.Image, side: int) -> Picture:
    sized = image.copy()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = BytesIO()
    sized.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return Picture(out.getvalue(), *sized.size)
