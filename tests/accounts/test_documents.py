"""Proofs of identity: what is taken, who may look, who judges."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Document, DocumentAccess, Notification, User
from accounts.services.documents import review_document
from core.errors import DomainError
from tests.factories.accounts import NOON, api_of, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def send(api: APIClient, data: bytes | None = None, kind: str = "nid", name: str = "scan.png") -> Any:
    file = SimpleUploadedFile(name, picture() if data is None else data, content_type="image/png")
    return api.post("/auth/documents/", {"kind": kind, "file": file}, format="multipart")


@pytest.fixture
def rahim() -> User:
    return make_user("rahim")


@pytest.fixture
def verifier() -> User:
    user = make_user("verifier", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_document"))
    return user


@pytest.mark.parametrize(
    ("data", "content_type"), [(picture("PNG"), "image/png"), (picture("JPEG"), "image/jpeg"), (PDF, "application/pdf")]
)
def test_the_three_kinds_are_taken_whatever_their_name(rahim: User, data: bytes, content_type: str) -> None:
    api = api_of(rahim)
    answer = send(api, data, name="nonsense.exe")
    assert answer.status_code == 201
    assert (answer.data["status"], answer.data["content_type"], answer.data["size"]) == (
        "pending",
        content_type,
        len(data),
    )
    assert api.get("/auth/documents/").data == [answer.data]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"GIF89a" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>%PDF-1.7 %%EOF",
        PDF[:20],
        picture()[:60],
        picture("WEBP"),
        b"%PDF-1.7" + b"\0" * (5 * 1024 * 1024) + b"%%EOF",
    ],
    ids=["empty", "text", "gif", "svg", "html", "cut pdf", "cut png", "webp", "too large"],
)
def test_anything_else_is_refused_and_leaves_no_file(rahim: User, data: bytes) -> None:
    before = set((settings.PRIVATE_ROOT / "documents").glob("*"))
    answer = send(api_of(rahim), data)
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["file"])
    assert set((settings.PRIVATE_ROOT / "documents").glob("*")) == before


def test_too_many_pixels_are_refused_and_leave_no_file(rahim: User) -> None:
    test_anything_else_is_refused_and_leaves_no_file(rahim, picture("PNG", (9000, 9000)))


@pytest.mark.parametrize(
    "body", [{}, {"kind": "nid"}, {"kind": "visa"}, {"kind": "nid", "file": "text"}, {"kind": "\ud800x"}]
)
def test_what_is_missing_is_named(rahim: User, body: dict[str, str]) -> None:
    body = {name: value.encode("utf-8", "replace").decode() for name, value in body.items()}
    assert api_of(rahim).post("/auth/documents/", body, format="multipart").status_code == 400
    assert api_of(rahim).post("/auth/documents/", {"kind": "nid"}, format="json").status_code == 415


def test_it_is_kept_outside_the_media_root_under_a_name_nobody_can_guess(rahim: User) -> None:
    send(api_of(rahim))
    path = Document.objects.get().file.path
    assert str(settings.MEDIA_ROOT) not in path
    assert path.startswith(str(settings.PRIVATE_ROOT))
    assert "scan" not in path


def test_only_owner_and_staff_with_the_permission_see_it_and_every_look_is_written_down(
    rahim: User, verifier: User
) -> None:
    url = send(api_of(rahim)).data["url"].removeprefix("http://testserver")
    looks = {"rahim": rahim, "verifier": verifier, "mina": make_user("mina"), "clerk": make_user("c", is_staff=True)}
    answers = {name: api_of(user, second_factor=True).get(url).status_code for name, user in looks.items()}
    assert api_of(verifier).get(url).status_code == 404  # by password alone
    assert answers == {"rahim": 200, "verifier": 200, "mina": 404, "clerk": 404}
    assert APIClient().get(url).status_code == 401
    assert [a.viewer for a in DocumentAccess.objects.order_by("pk")] == [rahim, verifier]
    assert DocumentAccess.objects.first().address == "127.0.0.1"


def test_the_file_comes_as_it_was_sent_and_never_as_a_page(rahim: User) -> None:
    api = api_of(rahim)
    url = send(api, PDF).data["url"]
    answer = api.get(url)
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert (answer["X-Content-Type-Options"], answer["Content-Security-Policy"]) == ("nosniff", "sandbox")


def test_approval_verifies_and_tells(rahim: User, verifier: User) -> None:
    document = Document.objects.get(pk=send(api_of(rahim)).data["id"])
    review_document(document_id=document.pk, reviewer=verifier, approve=True, now=NOON)
    rahim.refresh_from_db()
    assert rahim.verified
    (told,) = Notification.objects.all()
    assert (told.user_id, told.kind) == (rahim.pk, "document.approved")
    assert list(send(api_of(rahim)).data["fields"]) == ["kind"]
    assert send(api_of(rahim), kind="passport").status_code == 201


def test_a_rejected_one_makes_room_for_a_better_one(rahim: User, verifier: User) -> None:
    api = api_of(rahim)
    first = send(api).data["id"]
    review_document(document_id=first, reviewer=verifier, approve=False, reason="It is blurred.", now=NOON)
    assert Notification.objects.get().title == "Your National ID was rejected: It is blurred."
    second = send(api)
    assert second.status_code == 201
    review_document(document_id=second.data["id"], reviewer=verifier, approve=True, now=NOON)
    assert [(row["status"], row["reason"]) for row in api.get("/auth/documents/").data] == [
        ("approved", ""),
        ("rejected", "It is blurred."),
    ]


def test_an_approval_can_be_taken_back(rahim: User, verifier: User) -> None:
    document_id = send(api_of(rahim)).data["id"]
    review_document(document_id=document_id, reviewer=verifier, approve=True, now=NOON)
    review_document(document_id=document_id, reviewer=verifier, approve=False, reason="Forged.", now=NOON)
    rahim.refresh_from_db()
    assert not rahim.verified
    with pytest.raises(DomainError, match="not_allowed"):
        review_document(document_id=document_id, reviewer=verifier, approve=True, now=NOON)


def test_a_rejection_says_why(rahim: User, verifier: User) -> None:
    document_id = send(api_of(rahim)).data["id"]
    with pytest.raises(DomainError, match="invalid"):
        review_document(document_id=document_id, reviewer=verifier, approve=False, reason=" ", now=NOON)


def test_another_one_takes_the_place_of_one_that_waits(
    rahim: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    api = api_of(rahim)
    send(api)
    old = Document.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        send(api)
    assert [row["status"] for row in api.get("/auth/documents/").data] == ["pending", "replaced"]
    assert not old.file.storage.exists(old.file.name)
    assert api.get(f"/auth/documents/{old.pk}/file/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_sent_at_once_one_waits(rahim: User) -> None:
    apis = [api_of(rahim) for _ in range(4)]

    def one(api: APIClient) -> int:
        try:
            return int(send(api).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, apis)) == {201}
    assert Document.objects.filter(status="pending").count() == 1
    assert Document.objects.filter(status="replaced").count() == 3
