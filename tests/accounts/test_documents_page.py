"""The documents page: sends, lists, says what is wrong."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Document
from tests.factories.accounts import make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def send(client: Client, data: bytes = PDF, kind: str = "nid") -> int:
    file = SimpleUploadedFile("card.pdf", data, "application/pdf")
    return client.post("/profile/documents/", {"kind": kind, "file": file}).status_code


def test_a_document_is_sent_listed_and_fetched(client: Client) -> None:
    client.force_login(make_user("rahim"))
    assert send(client) == 302
    document = Document.objects.get()
    page = client.get("/profile/documents/").content.decode()
    assert f"/auth/documents/{document.pk}/file/" in page
    assert "Being looked at" in page
    assert client.get(f"/auth/documents/{document.pk}/file/").content == PDF


def test_what_is_no_document_is_refused_beside_its_field(client: Client) -> None:
    client.force_login(make_user("rahim"))
    assert send(client, b"MZ...") == 400
    assert send(client, kind="visa") == 400
    assert client.post("/profile/documents/", {"kind": "nid"}).status_code == 400
    assert not Document.objects.exists()


def test_a_rejection_says_why(client: Client) -> None:
    user = make_user("rahim")
    client.force_login(user)
    send(client)
    Document.objects.update(status="rejected", reason="Too dark to read.")
    assert "Too dark to read." in client.get("/profile/documents/").content.decode()
