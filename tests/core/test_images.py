import base64
import struct
import time
import tracemalloc
from io import BytesIO

import pytest
from PIL import Image

from core.images import check_picture, decode_picture
from core.images.colours import profile_of_code
from tests.core.pictures import bomb, heic, mean, near, picture, refuses


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
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
    began = time.process_time()
    for width, height in [(50_000, 50_000), (6400, 6400), (2**31 - 1, 2**31 - 1)]:
        refuses(bomb(width, height))
    high = bytearray(heic((64, 64)))
    at = high.find(b"ispe") + 8
    high[at : at + 8] = struct.pack(">II", 30_000, 30_000)
    refuses(bytes(high))
    webp = bytearray(picture("WEBP", (32, 32), lossless=True))
    webp[21:25] = struct.pack("<I", 0x3FFF | 0x3FFF << 14)
    refuses(bytes(webp))
    took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert took < 2
    assert peak < 20_000_000


def test_the_limits_of_size():
    refuses(picture() + bytes(2000), max_bytes=1000)
    refuses("data:image/png;base64," + "A" * 3000, max_bytes=1000)
    assert "megapixels" in refuses(picture(size=(2000, 1001)), max_pixels=2_000_000).message
    assert decode_picture(picture(size=(2000, 1000)), max_pixels=2_000_000)


DISPLAY_P3 = profile_of_code(12, 13)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "HEIF"])
def test_a_photo_is_upright_however_the_phone_was_held(kind, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    image = Image.new("RGB", (80, 40), "blue")
    image.paste("red", (0, 0, 40, 20))
    out = BytesIO()
    image.save(out, kind, exif=exif.tobytes(), quality=90)
    with Image.open(BytesIO(decode_picture(out.getvalue())[0].data)) as clean:
        assert clean.size == ((80, 40) if turn < 5 else (40, 80))
        corners = [(2, 2), (clean.width - 3, 2), (clean.width - 3, clean.height - 3), (2, clean.height - 3)]
        reds = [n for n, at in enumerate(corners) if clean.getpixel(at)[0] > 150]
    # Where the corner that was top left in the file belongs.
    assert reds == [{1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[turn]]


def test_a_photo_with_another_picture_behind_it_is_a_jpeg():
    out = BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (32, 24))])
    assert near(mean(decode_picture(out.getvalue())[0].data), (254, 0, 0))
    assert check_picture(out.getvalue(), field="file", formats=("JPEG",), max_bytes=10**6, otherwise="") == "JPEG"
