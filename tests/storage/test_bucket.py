"""A bucket that is slow, broken or denies something, by the hand of an S3 server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.db import connection
from django.test import override_settings
from PIL import Image
from rest_framework.test import APIClient

from core.errors import DomainError
from core.storage.checks import buckets_serve
from core.storage.options import bucket_options, public_address, public_options
from properties.models import Photo, Property
from tests.factories.accounts import api_of
from tests.factories.stays import make_property
from tests.storage.s3_server import S3, running_s3, wait_until_asked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    with running_s3() as server:
        place = {"region": "ap-south-1", "endpoint": server.url}
        bucket = "core.storage.bucket.Bucket"
        ours = {
            "default": {"BACKEND": bucket, "OPTIONS": public_options("pictures", **place, public_url="")},
            "private": {"BACKEND": bucket, "OPTIONS": bucket_options("private", **place)},
        }
        with override_settings(STORAGES=django_settings.STORAGES | ours):
            yield server


@pytest.fixture
def home() -> Property:
    return make_property()


def jpeg(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


def upload(client: APIClient, home: Property, colour: str = "teal") -> Any:
    photo = ContentFile(jpeg(colour), name="a.jpg")
    return client.post(f"/api/property_registration/step2/{home.pk}/photos/", {"photos": photo}, format="multipart")


def test_a_photo_lies_in_the_bucket_with_its_life_and_goes_with_its_row(s3: S3, home: Property) -> None:
    client = api_of(home.host)
    answer = upload(client, home)
    assert answer.status_code == 201, answer.content
    (large, small) = sorted(s3.objects)
    assert {s3.objects[name][1]["cache-control"] for name in (large, small)} == {"public, max-age=31536000, immutable"}
    assert {line.split()[0] for line in s3.asked} == {"PUT"}, "nobody is asked whether a drawn name is free"
    assert answer.json()[0]["image_data"].startswith(f"{s3.url}/pictures/photos/")
    photo = Photo.objects.get()
    assert client.delete(f"/api/property_registration/step2/{home.pk}/photos/{photo.pk}/").status_code == 204
    assert s3.objects == {}


def test_while_a_bucket_is_slow_the_home_stays_on_the_market(s3: S3, home: Property) -> None:
    """Its row is locked once the files are there, not before."""
    s3.slow_s = 20
    answers: list[Any] = []

    def send() -> None:
        answers.append(upload(api_of(home.host), home))
        connection.close()

    sending, started = threading.Thread(target=send), time.monotonic()
    sending.start()
    wait_until_asked(s3, "PUT")
    block = {"start_date": "2027-03-01", "end_date": "2027-03-03"}
    assert api_of(home.host).post(f"/api/property/{home.pk}/block/", block).status_code == 200
    sending.join(15)
    assert time.monotonic() - started < 9
    assert (answers[0].status_code, answers[0].json()["code"]) == (503, "unavailable")
    assert int(answers[0]["Retry-After"]) > 0
    assert not Photo.objects.exists()


def test_a_broken_bucket_is_503_and_nothing_was_done(s3: S3, home: Property) -> None:
    s3.broken = True
    answer = upload(api_of(home.host), home)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert not Photo.objects.exists()


def test_a_bucket_that_denies_delete_changes_nothing_of_what_was_done(s3: S3, home: Property) -> None:
    client = api_of(home.host)
    upload(client, home)
    s3.refuses = frozenset({"DELETE"})
    photo = Photo.objects.get()
    assert client.delete(f"/api/property_registration/step2/{home.pk}/photos/{photo.pk}/").status_code == 204
    assert not Photo.objects.exists()


def test_a_document_that_can_not_be_read_now_is_503_and_one_that_is_gone_404(s3: S3) -> None:
    private = storages["private"]
    private.save("documents/x.pdf", ContentFile(b"%PDF-"))
    with private.open("documents/x.pdf") as file:
        assert file.read() == b"%PDF-"
    with pytest.raises(FileNotFoundError):
        private.open("documents/none.pdf")
    s3.broken = True
    with pytest.raises(DomainError, match="unavailable"):
        private.open("documents/x.pdf")


def test_the_check_says_what_a_role_may_not(s3: S3, settings: Any) -> None:
    settings.S3_BUCKET = "pictures"
    assert [message.id for message in buckets_serve(None)] == ["core.E022", "core.E022"], "this server lists nothing"
    assert s3.objects == {}
    s3.refuses = frozenset({"GET", "DELETE"})
    told = {message.id: message for message in buckets_serve(None)}
    assert set(told) == {"core.E021", "core.E022", "core.E023", "core.W020"}
    assert told["core.E023"].hint == "Allow s3:DeleteObject."
    s3.refuses = frozenset({"PUT"})
    assert [message.id for message in buckets_serve(None)] == ["core.E020", "core.E020"]
    assert "AccessDenied" in str(buckets_serve(None)[0].msg)


def test_a_disk_that_is_full_leaves_no_part_of_a_file(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path

    class Full(ContentFile):  # type: ignore[type-arg]  # of bytes
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"x" * 1000
            raise OSError(28, "No space left on device")

    with pytest.raises(DomainError, match="unavailable"):
        default_storage.save("photos/a.jpg", Full(b"x"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("bucket", "region", "public_url", "address"),
    [
        ("pictures", "", "", "https://pictures.s3.amazonaws.com"),
        ("pictures", "ap-south-1", "", "https://pictures.s3.ap-south-1.amazonaws.com"),
        ("stay.pictures", "ap-south-1", "", "https://s3.ap-south-1.amazonaws.com/stay.pictures"),
        ("pictures", "ap-south-1", "https://cdn.stay.example/", "https://cdn.stay.example"),
    ],
)
def test_where_browsers_find_a_picture(bucket: str, region: str, public_url: str, address: str) -> None:
    place = {"region": region, "endpoint": ""}
    assert public_address(bucket, **place, public_url=public_url) == address
    options = public_options(bucket, **place, public_url=public_url)
    assert f"{options['url_protocol']}//{options['custom_domain']}" == address
    assert options["client_config"].s3["addressing_style"] == ("path" if "." in bucket else "virtual")
