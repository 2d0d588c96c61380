"""How much a picture may weigh, and how requests share memory and pixels."""

import struct
import threading

import pytest

from core.errors import DomainError
from core.images import MAX_REQUEST_PIXELS, Allowance, Refusals, decode_picture
from core.images.sources import HEAVIEST, jpeg_frame
from core.images.weight import MemoryBudget
from tests.core.pictures import bomb, picture, refuses


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
