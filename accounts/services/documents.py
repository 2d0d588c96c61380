"""Proofs of identity: users send them, staff look at them and judge them. A user with an approved one is verified."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.models import Document, DocumentAccess, User
from accounts.selectors.documents import access_document
from accounts.services.notifications import notify
from core.api.quotas import spend
from core.errors import Code, DomainError, invalid, not_found
from core.images import check_picture
from core.said import as_said, said
from core.storage.bounded import delete_quietly

# For the catalogue: refusals name a status.
STATUS_WORDS = (said("pending"), said("approved"), said("rejected"), said("replaced"))
MAX_BYTES = 5 * 1024 * 1024
PICTURES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png")}
PDF = ("application/pdf", "pdf")
WRONG = said("Send a JPEG, a PNG or a PDF of at most 5 MB.")


def upload_document(*, user_id: int, kind: str, file: UploadedFile, now: datetime) -> Document:
    """Stores a document for staff to judge, in place of one of its kind that waits.

    `kind` is nid or passport; the file is judged by what is in it. Raises `invalid`, also where one is approved already.
    """
    if (file.size or 0) > MAX_BYTES:
        raise invalid(file=WRONG)
    spend("documents", user_id, now)
    data = file.read(MAX_BYTES + 1)
    content_type, suffix = judge(data)
    document = Document(user_id=user_id, kind=kind, content_type=content_type, size=len(data), uploaded_at=now)
    document.file.save(f"{uuid.uuid4().hex}.{suffix}", ContentFile(data), save=False)
    try:
        _store(document)
    except BaseException:
        delete_quietly(document.file.storage, [document.file.name or ""])
        raise
    return document


def judge(data: bytes) -> tuple[str, str]:
    """The media type of a file and the suffix to keep it under. Raises `invalid` for anything but the three kinds."""
    if len(data) > MAX_BYTES:
        raise invalid(file=WRONG)
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise invalid(file="The PDF is cut short.")
        return PDF
    kinds = tuple(PICTURES)
    return PICTURES[check_picture(data, field="file", formats=kinds, max_bytes=MAX_BYTES, otherwise=WRONG)]


def _store(document: Document) -> None:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=document.user_id)
        others = Document.objects.filter(user_id=document.user_id, kind=document.kind)
        if others.filter(status=Document.Status.APPROVED).exists():
            raise invalid(kind="One of this kind is approved already.")
        replaced = list(others.filter(status=Document.Status.PENDING))
        for waiting in replaced:
            waiting.status = Document.Status.REPLACED
            waiting.save(update_fields=["status"])
        transaction.on_commit(lambda: _delete_files(replaced), robust=True)
        document.save(force_insert=True)


def _delete_files(documents: Sequence[Document]) -> None:
    for document in documents:
        delete_quietly(document.file.storage, [document.file.name or ""])


def open_document(
    *, document_id: int, viewer: User, address: str, now: datetime, as_staff: bool = False
) -> tuple[Document, bytes]:
    """Opens the file for its owner and, `as_staff`, for staff who may see documents; the look is recorded first.

    Raises `not_found` for other users, and for a document without its file.
    """
    document = access_document(document_id, viewer, as_staff=as_staff)
    DocumentAccess.objects.create(document=document, viewer=viewer, address=address, at=now)
    try:
        with document.file.open("rb") as file:
            return document, file.read()
    except (FileNotFoundError, ValueError) as error:
        raise not_found() from error


def review_document(*, document_id: int, reviewer: User, approve: bool, now: datetime, reason: str = "") -> Document:
    """Approves or rejects a document and tells its owner. An approved one may be rejected later.

    Raises `invalid` for a rejection without a reason, `not_allowed` for a document that was judged or replaced already,
    and for one's own.
    """
    if not approve and not reason.strip():
        raise invalid(reason="Say why, so that they can send a better one.")
    owner_id = Document.objects.filter(pk=document_id).values_list("user_id", flat=True).first()
    if owner_id is None:
        raise not_found()
    if owner_id == reviewer.pk:
        raise DomainError(Code.NOT_ALLOWED, "Somebody else has to judge your own document.")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner_id)
        document = Document.objects.get(pk=document_id)
        _check_may_become(document, approve)
        document.status = Document.Status.APPROVED if approve else Document.Status.REJECTED
        document.reason = "" if approve else reason.strip()[:500]
        document.reviewed_at, document.reviewed_by = now, reviewer
        document.save(update_fields=["status", "reason", "reviewed_at", "reviewed_by"])
        _tell(document, now)
    return document


def _check_may_become(document: Document, approve: bool) -> None:
    may = {Document.Status.PENDING} if approve else {Document.Status.PENDING, Document.Status.APPROVED}
    if document.status not in may:
        raise DomainError(
            Code.NOT_ALLOWED, said("This document is %(status)s already.", status=as_said(document.status))
        )


def _tell(document: Document, now: datetime) -> None:
    """Brings `verified` up to date and notifies the owner."""
    approved = Document.objects.filter(user_id=document.user_id, status=Document.Status.APPROVED).exists()
    User.objects.filter(pk=document.user_id).update(verified=approved)
    name = document.get_kind_display()
    if document.status == Document.Status.APPROVED:
        title = f"Your {name} was approved: you are verified."
    else:
        title = f"Your {name} was rejected: {document.reason}"
    notify(user_id=document.user_id, kind=f"document.{document.status}", title=title, now=now)
