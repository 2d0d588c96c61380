"""The page for proofs of identity; only their owner and staff see them."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Document
from accounts.pages.forms import Form
from accounts.pages.profile import viewer
from accounts.selectors.documents import list_documents
from accounts.services.documents import upload_document
from core import clock
from core.errors import DomainError

MOST_SHOWN = 100
TAGS = {"pending": "tag--host", "approved": "tag--success", "rejected": "tag--danger", "replaced": ""}


class DocumentForm(Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[("nid", gettext_lazy("National ID")), ("passport", gettext_lazy("Passport"))],
    )
    file = forms.FileField(
        label=gettext_lazy("File"), help_text=gettext_lazy("JPEG, PNG or PDF, 5 MB at most."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest) -> HttpResponse:
    """`/profile/documents/`."""
    user = viewer(request)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            given = form.cleaned_data
            upload_document(user_id=user.pk, kind=given["kind"], file=given["file"], now=clock.now())
            messages.success(request, _("Sent. We look at it within a day and tell you."))
            return redirect("documents")
        except DomainError as refusal:
            form.refuse(refusal)
    if request.method == "GET" and "sent" in request.GET:
        # The page's script sends it by REST.
        messages.success(request, _("Sent. We look at it within a day and tell you."))
        return redirect("documents")
    sent = [_shown(one) for one in list_documents(user.pk, MOST_SHOWN)]
    content = {"form": form, "documents": sent, "verified": user.verified}
    return render(request, "accounts/documents.html", content, status=400 if form.errors else 200)


def _shown(document: Document) -> dict[str, object]:
    names = {"nid": _("National ID"), "passport": _("Passport")}
    states = {
        "pending": _("Being looked at"), "approved": _("Approved"), "rejected": _("Rejected"), "replaced": _("Replaced"),
    }  # fmt: skip
    return {
        "row": document,
        "name": names[document.kind],
        "state": states[document.status],
        "tag": TAGS[document.status],
        "has_file": document.status != Document.Status.REPLACED,
    }
