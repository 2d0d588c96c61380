import base64
import struct
import time
import tracemalloc
import zlib
from io import BytesIO

import pytest
from PIL import Image

from core.errors import DomainError
from core.images import decode_picture


def picture(format="PNG", size=(64, 48), mode="RGB", **saved):
    out = BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(out, format, **saved)
    return out.getvalue()


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


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_pictures_come_back_as_clean_jpegs_in_each_size(format):
    large, small = decode_picture(picture(format, (2000, 1000)), sides=(1600, 400))
    assert (large.width, large.height, small.width, small.height) == (1600, 800, 400, 200)
    assert Image.open(BytesIO(large.data)).format == "JPEG"


def test_a_small_picture_is_never_enlarged():
    [only] = decode_picture(picture(size=(64, 48)))
    assert (only.width, only.height) == (64, 48)


def test_a_data_url_is_read_with_or_without_line_breaks():
    text = base64.b64encode(picture()).decode()
    assert decode_picture("data:image/png;base64," + text) == decode_picture(
        "DATA:image/jpeg;base64," + text[:40] + "\n" + text[40:]
    )


def test_metadata_is_gone_and_the_picture_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "my secret garden"
    source = picture("JPEG", (80, 40), exif=exif.tobytes(), comment=b"secret comment")
    assert b"secret" in source
    [clean] = decode_picture(source)
    assert (clean.width, clean.height) == (40, 80)
    assert b"secret" not in clean.data
    assert not Image.open(BytesIO(clean.data)).getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_colour_mode_becomes_an_ordinary_picture(mode):
    [clean] = decode_picture(picture(mode=mode))
    assert Image.open(BytesIO(clean.data)).mode == "RGB"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(40),
        picture("PNG", (500, 500))[:-60],
        picture("JPEG", (500, 500))[:400],
        picture("GIF"),
        picture("BMP"),
        "https://example.com/a.png",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:text/html;base64,PHN2Zy8+",
        "data:image/png;base64,%%%",
        "data:image/png;base64,\ud800",
        "data:image/png,raw",
        "data:image/png;base64,",
        "image",
    ],
    ids=range(18),
)
def test_what_is_no_picture_is_refused(source):
    refuses(source)


def test_a_bomb_is_refused_quickly_and_without_memory():
    tracemalloc.start()
    began = time.perf_counter()
    for width, height in [(50_000, 50_000), (6400, 6400), (2**31 - 1, 2**31 - 1)]:
        refuses(bomb(width, height))
    webp = bytearray(picture("WEBP", (32, 32), lossless=True))
    webp[21:25] = struct.pack("<I", 0x3FFF | 0x3FFF << 14)
    refuses(bytes(webp))
    took, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 2
    assert peak < 20_000_000


def test_the_limits_of_size():
    refuses(picture() + bytes(2000), max_bytes=1000)
    refuses("data:image/png;base64," + "A" * 3000, max_bytes=1000)
    assert "megapixels" in refuses(picture(size=(2000, 1001)), max_pixels=2_000_000).message
    assert decode_picture(picture(size=(2000, 1000)), max_pixels=2_000_000)
