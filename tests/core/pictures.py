"""Pictures made for tests of reading them."""

import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from core.errors import DomainError
from core.images import decode_picture


def picture(format="PNG", size=(64, 48), mode="RGB", **saved):
    out = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, format, **saved)
    return out.getvalue()


def heic(size=(64, 48), colour="red", **saved):
    out = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, colour)).save(out, **saved)
    return out.getvalue()


def mean(data):
    """The colour of a picture of one colour."""
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB").resize((1, 1)).getpixel((0, 0))


def near(found, wanted, off=4):
    return all(abs(one - other) <= off for one, other in zip(found, wanted, strict=True))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width, height):
    """A PNG that claims these sizes and is a few kilobytes long."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def refuses(source, **limits):
    with pytest.raises(DomainError) as refusal:
        decode_picture(source, **limits)
    assert refusal.value.code == "invalid"
    assert "image_data" in refusal.value.fields
    return refusal.value
