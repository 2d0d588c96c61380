"""Pictures as phones make them, through the pages of a real browser, with its scripts and without."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import Request, expect

from accounts.models import Document, UserProfile
from properties.models import Photo
from tests.factories.accounts import make_user
from tests.factories.properties import make_property
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
MB = 1024 * 1024


def photo(path: Path, size: tuple[int, int] = (2400, 1800)) -> Path:
    """A JPEG of some megabytes: a picture without noise would have hardly any."""
    Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3)).save(path, quality=70)
    assert path.stat().st_size > 2 * MB
    return path


def heic(path: Path) -> Path:
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "teal")).save(path)
    return path


def test_photos_of_a_phone_are_sent_small_and_each_refused_file_is_named(visit: Visit, tmp_path: Path) -> None:
    row = make_property(make_user("rahim"))
    visitor = visit(row.host, width=360, height=760)
    page = visitor.go(f"/hosting/{row.pk}/step/2/")
    for _question in range(2):
        page.get_by_role("button", name="Next", exact=True).click()
    fake, cut = tmp_path / "fake.jpg", tmp_path / "cut.jpg"
    fake.write_bytes(b"no picture")
    cut.write_bytes(photo(tmp_path / "whole.jpg").read_bytes()[:4000])
    sent: list[int] = []
    page.on("request", lambda request: sent.append(size_of(request)))
    chosen = [photo(tmp_path / "large.jpg", (4000, 3000)), fake, heic(tmp_path / "IMG_2041.HEIC"), cut]
    page.get_by_label("Add photos").set_input_files([str(path) for path in chosen])
    expect(page.locator("[data-photo]")).to_have_count(2)
    refused = page.locator("[data-photo-error] span")
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("fake.jpg: Send a JPEG, PNG, WebP, HEIC or AVIF picture.")
    expect(refused.nth(1)).to_contain_text("cut.jpg: The picture is cut short. Send it again.")
    # A fourth of the pixels of noise, which no camera makes: what a phone sends gets far smaller.
    assert max(sent) < 0.6 * chosen[0].stat().st_size
    assert set(Photo.objects.values_list("width", "height")) == {(1600, 1200), (640, 480)}
    assert visitor.overflow() == []
    visitor.picture("photos-refused", whole=False)
    visitor.troubles = [trouble for trouble in visitor.troubles if "400" not in trouble]


def size_of(request: Request) -> int:
    return len(request.post_data_buffer or b"") if request.method == "POST" else 0


def test_a_document_of_megabytes_is_sent_with_and_without_scripts(visit: Visit, tmp_path: Path) -> None:
    file = photo(tmp_path / "passport.jpg")
    for name, scripts in (("rahim", True), ("karim", False)):
        visitor = visit(make_user(name), width=360, height=760, scripts=scripts)
        page = visitor.go("/profile/documents/")
        page.get_by_label("What it is").select_option("passport")
        page.get_by_label("File").set_input_files(str(file))
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.get_by_text("Sent. We look at it within a day and tell you.")).to_be_visible()
        expect(page.get_by_text("Being looked at")).to_be_visible()
        if scripts:
            visitor.picture("document-sent", whole=False)
    assert [one.content_type for one in Document.objects.all()] == ["image/jpeg"] * 2


def test_a_document_that_is_none_is_refused_beside_its_field(visit: Visit, tmp_path: Path) -> None:
    fake = tmp_path / "card.pdf"
    fake.write_bytes(b"MZ")
    visitor = visit(make_user("rahim"))
    page = visitor.go("/profile/documents/")
    page.get_by_label("File").set_input_files(str(fake))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Send a JPEG, a PNG or a PDF")
    expect(page.get_by_label("File")).to_be_focused()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    assert visitor.accessibility() == []
    visitor.troubles = [trouble for trouble in visitor.troubles if "400" not in trouble]


def test_a_picture_of_oneself_counts_once_it_is_chosen(visit: Visit, tmp_path: Path) -> None:
    user = make_user("rahim")
    visitor = visit(user, width=360, height=760)
    page = visitor.go("/profile/")
    page.get_by_label("Picture").set_input_files(str(photo(tmp_path / "me.jpg")))
    expect(page.locator("#toasts")).to_contain_text("Your picture is changed.")
    expect(page.locator("img[data-avatar]")).to_be_visible()
    assert UserProfile.objects.get(user=user).profile_picture
    assert visitor.overflow() == []
    visitor.picture("profile-picture", whole=False)


def test_without_scripts_forms_take_what_rest_takes_and_are_refused_as_a_page(visit: Visit, tmp_path: Path) -> None:
    user = make_user("rahim")
    visitor = visit(user, scripts=False)
    page = visitor.go("/profile/")
    page.get_by_label("Picture").set_input_files(str(photo(tmp_path / "me.jpg")))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert UserProfile.objects.get(user=user).profile_picture
    # Over the route's own limit, of 12 MB.
    (tmp_path / "huge.jpg").write_bytes(b"x" * (13 * MB))
    page.get_by_label("Picture").set_input_files(str(tmp_path / "huge.jpg"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="That is too large")).to_be_visible()
    expect(page.get_by_text("12 MB together")).to_be_visible()
    visitor.picture("too-large", whole=False)
    visitor.troubles = [trouble for trouble in visitor.troubles if "413" not in trouble]
