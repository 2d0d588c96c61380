"""What people reported: read, and decided."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from accounts import reporting
from accounts.models import Report, User
from accounts.services.reports import decide_report
from core import clock
from core.errors import DomainError
from core.said import translated


class DecisionForm(forms.ModelForm):
    """What staff decide about a report, and why."""

    decision = forms.ChoiceField(choices=Report.Decision.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), help_text="Why; for the staff only."
    )

    class Meta:
        model = Report
        fields = ["decision", "note"]

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        report: Report = self.instance
        if report.decided_at is not None:
            self.add_error(None, "This report is decided already.")
        if fields.get("decision") == "removed" and reporting.kinds[report.kind].remove is None:
            self.add_error("decision", "This kind can't be taken out of sight; warn, or close the account.")
        return fields


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    """The queue: what waits longest comes first, decided ones last."""

    form = DecisionForm
    list_display = ("__str__", "kind", "reason", "about", "created_at", "decision", "decided_by")
    list_filter = (("decided_at", admin.EmptyFieldListFilter), "kind", "reason", "decision")
    list_select_related = ("about", "decided_by")
    search_fields = ("=id", "about__username", "text")
    ordering = ("decided_at", "created_at")
    readonly_fields = (
        "kind", "subject_id", "seq", "what", "about", "reporter", "reason", "text", "others", "created_at",
        "decided_at", "decided_by",
    )  # fmt: skip
    fields = (*readonly_fields, "decision", "note")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        """Open ones first: PostgreSQL sorts nulls last by itself."""
        return super().get_queryset(request).select_related("about", "reporter", "decided_by")

    def get_ordering(self, request: HttpRequest) -> Any:
        return (F("decided_at").asc(nulls_first=True), "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    @admin.display(description="What was reported, as it was then")
    def what(self, report: Report) -> str:
        return format_html_join(
            "", "<p><b>{}</b> {}</p>", ((name, value) for name, value in report.evidence.items() if value)
        )

    @admin.display(description="Reports of the same, and of this person, all in all")
    def others(self, report: Report) -> str:
        same = Report.objects.filter(kind=report.kind, subject_id=report.subject_id, seq=report.seq).count()
        return format_html("{} and {}", same, Report.objects.filter(about_id=report.about_id).count())

    def save_model(self, request: HttpRequest, obj: Report, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin's own door
        decision, note = form.cleaned_data["decision"], form.cleaned_data.get("note", "")
        try:
            decide_report(report_id=obj.pk, actor=request.user, decision=decision, note=note, now=clock.now())
        except DomainError as refusal:
            messages.error(request, translated(refusal.message))
