"""Colours come through: spaces, high dynamic range, sixteen bits, printed pictures."""

import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageCms

from core.images import decode_picture
from core.images.colours import profile_of_code
from core.images.hdr import hlg_nits, pq_code, pq_nits, rolled_off
from tests.core.pictures import chunk, heic, mean, near, picture
from tests.core.test_images import DISPLAY_P3

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
