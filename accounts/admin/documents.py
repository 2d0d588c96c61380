"""Documents: staff look at them and judge them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from accounts.models import Document, DocumentAccess, User
from accounts.services.documents import review_document
from core import clock
from core.errors import DomainError
from core.said import translated


class ReviewForm(forms.ModelForm):
    """Approve, or reject with a reason."""

    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("reject", "Reject")], widget=forms.RadioSelect)
    reason = forms.CharField(
        required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="The owner reads this."
    )

    class Meta:
        model = Document
        fields = ["reason"]

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        decision, status = fields.get("decision"), self.instance.status
        if decision == "reject" and not (fields.get("reason") or "").strip():
            self.add_error("reason", "Say why, so that they can send a better one.")
        if status not in (["pending"] if decision == "approve" else ["pending", "approved"]):
            self.add_error(None, f"This document is {status} already.")
        return fields


class AccessInline(ReadOnlyInline):
    """The looks that staff took at a document."""

    model = DocumentAccess
    fields = ("viewer", "address", "at")
    readonly_fields = fields
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("viewer")


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    """The queue: documents that wait for a judgement come first."""

    form = ReviewForm
    list_display = ("__str__", "user", "status", "uploaded_at", "reviewed_at", "reviewed_by")
    list_filter = ("status", "kind")
    list_select_related = ("user", "reviewed_by")
    search_fields = ("user__username", "user__email", "user__first_name", "user__last_name")
    ordering = ("reviewed_at", "-uploaded_at")
    readonly_fields = ("user", "person", "kind", "look", "status", "uploaded_at", "reviewed_at", "reviewed_by")
    fields = (*readonly_fields, "decision", "reason")
    inlines = [AccessInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return False

    @admin.display(description="Name in the account")
    def person(self, document: Document) -> str:
        return document.user.name

    @admin.display(description="File")
    def look(self, document: Document) -> str:
        if document.status == Document.Status.REPLACED:
            return "replaced by a later one"
        address = f"/auth/documents/{document.pk}/file/"
        return format_html('<a href="{}">{}, {} KB</a>', address, document.content_type, document.size // 1024)

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin's own door
        approve, reason = form.cleaned_data["decision"] == "approve", form.cleaned_data.get("reason", "")
        try:
            review_document(document_id=obj.pk, reviewer=request.user, approve=approve, reason=reason, now=clock.now())
        except DomainError as refusal:
            messages.error(request, translated(refusal.message))


@admin.register(DocumentAccess)
class DocumentAccessAdmin(ReadOnlyAdmin):
    """Every look at every document."""

    list_display = ("document", "viewer", "address", "at")
    list_select_related = ("document", "viewer")
    search_fields = ("viewer__username", "document__user__username", "address")
    ordering = ("-id",)
