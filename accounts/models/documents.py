from __future__ import annotations

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q

from accounts.models.users import User


def private_storage() -> Storage:
    """The storage outside the media root: nothing in it has a public address."""
    return storages["private"]


class Document(models.Model):
    """A proof of identity, judged by staff. One of each kind counts at a time; a rejected one makes room."""

    class Kind(models.TextChoices):
        NID = "nid", "National ID"
        PASSPORT = "passport", "Passport"

    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        REPLACED = "replaced"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=8, choices=Kind)
    file = models.FileField(upload_to="documents/", storage=private_storage, max_length=200)
    content_type = models.CharField(max_length=32)
    size = models.PositiveIntegerField(help_text="Bytes.")
    status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    reason = models.CharField(max_length=500, blank=True)
    uploaded_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(status__in=["pending", "approved"]), name="document_one_of_a_kind"
            ),
            models.CheckConstraint(
                condition=~Q(status="rejected") | ~Q(reason=""), name="document_rejected_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["uploaded_at"], name="document_pending", condition=Q(status="pending"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class DocumentAccess(models.Model):
    """A look at a document: by whom, from where. The row outlives its viewer, never the document."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="accesses")
    viewer = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "document accesses"
