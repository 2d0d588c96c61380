"""Pages for blocking users and for reporting to the staff."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import Report
from accounts.pages.forms import Form
from accounts.pages.profile import viewer
from accounts.pages.sign_in_targets import next_of
from accounts.safety_serializers import ThingReportBody
from accounts.selectors.blocks import list_blocks
from accounts.services.blocks import put_block, remove_block
from accounts.services.reports import write_report
from core import clock
from core.errors import DomainError, not_found
from core.web.pages import refused

SHOWN = 200
REASONS = [
    ("spam", gettext_lazy("Spam or advertising")),
    ("scam", gettext_lazy("A scam, or money outside the site")),
    ("fake", gettext_lazy("Not who or what it says it is")),
    ("inaccurate", gettext_lazy("Wrong or misleading")),
    ("offensive", gettext_lazy("Offensive or hateful")),
    ("harassment", gettext_lazy("Harassment or threats")),
    ("discrimination", gettext_lazy("Discrimination")),
    ("sexual", gettext_lazy("Sexual or inappropriate")),
    ("privacy", gettext_lazy("Somebody's private data")),
    ("unsafe", gettext_lazy("Dangerous")),
    ("illegal", gettext_lazy("Against the law")),
    ("other", gettext_lazy("Something else")),
]


class ReportForm(Form):
    reason = forms.ChoiceField(label=gettext_lazy("What is wrong?"), choices=REASONS)
    text = forms.CharField(
        label=gettext_lazy("Tell us more"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=gettext_lazy("Only our staff reads this."),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def blocks(request: HttpRequest) -> HttpResponse:
    """`/profile/blocks/`: a POST blocks a person (`block`) or takes that back (`unblock`)."""
    user = viewer(request)
    if request.method == "POST":
        return _change(request)
    return render(request, "accounts/blocks.html", {"blocks": list_blocks(user.pk, SHOWN)})


def _change(request: HttpRequest) -> HttpResponse:
    user, now = viewer(request), clock.now()
    try:
        if "block" in request.POST:
            put_block(actor=user, user_id=_number(request.POST["block"]), now=now)
            messages.success(request, _("Blocked. They are not told, and can't write to you or make offers any more."))
        else:
            remove_block(actor=user, user_id=_number(request.POST.get("unblock", "")))
            messages.success(request, _("You took the block back."))
    except DomainError as error:
        return refused(request, error, "blocks")
    return redirect(next_of(request) or "blocks")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise not_found()
    return int(text)


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """`/report/?kind=&id=&next=`."""
    kind, id = (request.POST.get(name) or request.GET.get(name, "") for name in ("kind", "id"))
    if kind not in Report.Kind.values or not id:
        raise not_found()
    form = ReportForm(request.POST or None)
    if form.is_valid():
        try:
            body = ThingReportBody.read({**form.cleaned_data, "kind": kind, "id": id})
            write_report(actor=viewer(request), **body, now=clock.now())
            messages.success(request, _("Thank you. Our staff looks at it and tells you what came of it."))
            return redirect(next_of(request) or "/")
        except DomainError as error:
            form.refuse(error)
    titles = {
        "listing": _("Report this home"), "person": _("Report this person"),
        "message": _("Report this message"), "review": _("Report this review"), "guest_review": _("Report this review"),
    }  # fmt: skip
    content = {
        "form": form, "title": titles[kind], "action": _("Report"),
        "lead": _("They are not told who reported."), "next": next_of(request),
    }  # fmt: skip
    return render(request, "accounts/form.html", content, status=400 if form.errors else 200)
