import base64
import struct
import threading
import time
import tracemalloc
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageCms

from core.errors import DomainError
from core.images import MAX_REQUEST_PIXELS, Allowance, Refusals, check_picture, decode_picture
from core.images.colours import profile_of_code
from core.images.hdr import hlg_nits, pq_code, pq_nits, rolled_off
from core.images.sources import HEAVIEST, jpeg_frame
from core.images.weight import MemoryBudget


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
    began = time.perf_counter()
    for width, height in [(50_000, 50_000), (6400, 6400), (2**31 - 1, 2**31 - 1)]:
        refuses(bomb(width, height))
    high = bytearray(heic((64, 64)))
    at = high.find(b"ispe") + 8
    high[at : at + 8] = struct.pack(">II", 30_000, 30_000)
    refuses(bytes(high))
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


DISPLAY_P3 = profile_of_code(12, 13)
# What Display P3 calls these is the reddest red, the greenest green and the bluest blue of sRGB.
IN_P3 = [((234, 51, 35), (255, 0, 0)), ((117, 251, 76), (0, 255, 0)), ((0, 0, 245), (0, 0, 255))]


@pytest.mark.parametrize(("stored", "seen"), IN_P3)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_a_photo_in_display_p3_keeps_its_colours(kind, stored, seen):
    out = BytesIO()
    image = Image.new("RGB", (64, 64), stored)
    image.info["icc_profile"] = DISPLAY_P3
    image.save(out, kind, icc_profile=DISPLAY_P3, quality=95)
    [clean] = decode_picture(out.getvalue())
    # WebP halves its colours and its range.
    assert near(mean(clean.data), seen, off=16)
    assert b"ICC_PROFILE" not in clean.data


def test_a_space_named_by_number_alone_counts_as_its_profile_does():
    data = heic(
        (64, 64), (234, 51, 35), quality=95, save_nclx_profile=True, color_primaries=12, transfer_characteristics=13
    )
    [clean] = decode_picture(data)
    assert near(mean(clean.data), (255, 0, 0), off=8)
    assert profile_of_code(1, 13) is None
    assert profile_of_code(2, 17) is None


# On a screen whose white is 203 nits a mid-grey of 26 and a skin of 60 stay, white is a light grey and the sun is white.
LIGHTS = [(26.0, 100), (60.0, 148), (203.0, 228), (1000.0, 255)]


@pytest.mark.parametrize(("nits", "seen"), LIGHTS)
@pytest.mark.parametrize("bits", [8, 10])
def test_a_photo_in_high_dynamic_range_is_made_for_ordinary_screens(nits, seen, bits):
    code = round(pq_code(nits) * 65535)
    out = BytesIO()
    if bits == 8:
        file = pillow_heif.from_pillow(Image.new("RGB", (64, 64), (code >> 8,) * 3))
    else:  # of 16 bits the encoder takes the upper ten
        file = pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=code.to_bytes(2, "little") * 3 * 64 * 64)
    file.save(out, quality=95, save_nclx_profile=True, color_primaries=9, transfer_characteristics=16)
    [clean] = decode_picture(out.getvalue())
    assert near(mean(clean.data), (seen,) * 3, off=4 if bits == 10 else 6)


def test_both_kinds_of_high_dynamic_range_in_avif_too():
    for transfer, code, seen in ((18, 0.75, 228), (18, 0.5, 137), (16, 0.5807, 228)):
        out = BytesIO()
        Image.new("RGB", (64, 64), (round(code * 255),) * 3).save(out, "AVIF", quality=95)
        data = bytearray(out.getvalue())
        at = data.index(b"colrnclx") + 8
        data[at : at + 4] = struct.pack(">HH", 9, transfer)
        assert near(mean(decode_picture(bytes(data))[0].data), (seen,) * 3, off=6)


def test_the_curves_of_high_dynamic_range_as_the_recommendations_have_them():
    assert pq_nits(0.5) == pytest.approx(92.2457, rel=1e-4)
    assert pq_nits(1.0) == pytest.approx(10_000)
    assert pq_code(203) == pytest.approx(0.5807, abs=1e-4)
    assert hlg_nits(0.75) == pytest.approx(203, abs=0.5)
    curve = [rolled_off(nits) for nits in range(0, 2000, 5)]
    assert curve == sorted(curve)
    assert (curve[0], curve[-1]) == (0, pytest.approx(203))
    assert rolled_off(50) == pytest.approx(50)


def test_grey_and_printed_pictures_with_a_profile_and_broken_profiles():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(mean(decode_picture(picture("PNG", mode="L", icc_profile=srgb))[0].data), (0, 0, 0))
    assert near(mean(decode_picture(picture("JPEG", icc_profile=b"nothing" * 40))[0].data), (254, 0, 0))
    assert near(mean(decode_picture(picture("JPEG", icc_profile=srgb[:300]))[0].data), (254, 0, 0))
    assert near(mean(decode_picture(picture("JPEG", mode="CMYK", icc_profile=srgb))[0].data), (255, 255, 255))


def deep(kind, *values):
    """A PNG of one pixel with 16 bits a channel; `kind` is 0 grey, 2 colour, 4 and 6 the same with alpha."""
    head = struct.pack(">IIBBBBB", 1, 1, 16, kind, 0, 0, 0)
    pixel = zlib.compress(b"\0" + struct.pack(f">{len(values)}H", *values))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (deep(0, 0x8080), (128, 128, 128)),
        (deep(0, 0xFFFF), (255, 255, 255)),
        (deep(0, 0x0100), (1, 1, 1)),
        (deep(2, 0x8080, 0x4040, 0x2020), (128, 64, 32)),
        (deep(4, 0x8080, 0xFFFF), (128, 128, 128)),
        (deep(6, 0x8080, 0x8080, 0x8080, 0), (255, 255, 255)),
    ],
    ids=["grey", "white", "dark", "colour", "grey, alpha", "clear"],
)
def test_sixteen_bits_are_scaled(data, seen):
    assert near(mean(decode_picture(data)[0].data), seen)


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


def claiming(width, height, start=b"\xff\xc0"):
    """A JPEG that claims these sizes; `start` is the marker of its frame."""
    data = bytearray(picture("JPEG", (64, 48)))
    at = data.find(b"\xff\xc0")
    data[at : at + 2] = start
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def test_a_jpeg_may_have_more_pixels_than_what_is_read_whole():
    assert "120 megapixels" in refuses(claiming(12_000, 10_001)).message
    assert "JPEG" in refuses(bomb(8000, 5001)).message
    [read] = decode_picture(claiming(12_000, 9000))
    assert (read.width, read.height) == (1600, 1200)


def test_a_jpeg_that_is_decoded_from_all_its_coefficients_is_weighed_by_them():
    [plain, progressive] = [jpeg_frame(picture("JPEG", (640, 480), progressive=one)) for one in (False, True)]
    assert plain.coefficient_bytes(10**8) == 0
    assert progressive.coefficient_bytes(10**8) == 3 * 10**8
    assert jpeg_frame(picture("JPEG", subsampling=0, progressive=True)).coefficient_bytes(10**8) == 6 * 10**8
    assert jpeg_frame(picture("JPEG", mode="L")).coefficient_bytes(10**8) == 0
    assert jpeg_frame(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5000) == HEAVIEST
    cmyk = bytearray(picture("JPEG", (64, 48), mode="CMYK", progressive=True))
    at = cmyk.find(b"\xff\xc2")
    cmyk[at + 5 : at + 9] = struct.pack(">HH", 10_000, 11_000)
    assert "progressive" in refuses(bytes(cmyk)).message


def test_all_pictures_of_a_request_share_its_pixels_and_each_refused_one_is_named():
    allowance, refusals = Allowance(pixels=5000), Refusals()
    for n, data in enumerate([picture(), b"nothing", picture(), picture("JPEG")[:-40]]):
        with refusals.each(f"{n}.jpg"):
            decode_picture(data, field=f"photos.{n}", allowance=allowance)
    with pytest.raises(DomainError) as refusal:
        refusals.check()
    fields = refusal.value.fields
    assert list(fields) == ["photos.1", "photos.2", "photos.3"]
    assert fields["photos.2"] == [f"2.jpg: {text}" for text in [fields["photos.2"][0].removeprefix("2.jpg: ")]]
    assert "by itself" in fields["photos.2"][0]
    assert Allowance().left == MAX_REQUEST_PIXELS


def test_memory_is_shared_first_come_first_served():
    budget, order = MemoryBudget(100), []
    entered, release = threading.Event(), threading.Event()

    def hold(name, wanted):
        with budget.hold(wanted):
            order.append(name)
            entered.set()
            release.wait(10)

    first = threading.Thread(target=hold, args=("first", 60))
    first.start()
    assert entered.wait(10)
    # More than there is at all waits until it is alone.
    huge = threading.Thread(target=hold, args=("huge", 1000))
    huge.start()
    release.set()
    for thread in (first, huge):
        thread.join(10)
    assert (order, budget.left) == (["first", "huge"], 100)
