"""Reads of documents: their owner's own, and staff's."""

from __future__ import annotations

from accounts.models import Document, User
from core.errors import not_found


def list_documents(user_id: int, limit: int, before: int | None = None) -> list[Document]:
    """Documents that a user sent, newest first; with `before` only those of a lower id."""
    rows = Document.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[:limit])


def may_see(document: Document, viewer: User, *, as_staff: bool) -> bool:
    """Whether the user owns the document, or comes as staff who may see documents."""
    return document.user_id == viewer.pk or (as_staff and viewer.has_perm("accounts.view_document"))


def access_document(document_id: int, viewer: User, *, as_staff: bool = False) -> Document:
    """The document, for a user who may see it. Raises `not_found` for others."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None or not may_see(document, viewer, as_staff=as_staff):
        raise not_found()
    return document
