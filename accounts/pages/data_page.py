"""The page on which a user exports their data and closes the account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.pages.forms import PasswordOnlyForm
from accounts.pages.profile import viewer
from accounts.selectors.users import find_export
from accounts.services.closing import close_own_account
from accounts.services.exports import ask_for_export
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """`/profile/data/`: a POST asks for the export."""
    user = viewer(request)
    if request.method == "POST":
        ask_for_export(user_id=user.pk, now=clock.now())
        messages.success(request, _("We pack your data and tell you when it is ready."))
        return redirect("data")
    export = find_export(user.pk)
    ready = export is not None and export.expires_at is not None and export.expires_at > clock.now()
    waiting = export is not None and export.expires_at is None
    return render(request, "accounts/data.html", {"export": export, "ready": ready, "waiting": waiting})


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """`/profile/close/`."""
    form = PasswordOnlyForm(request.POST or None)
    if form.is_valid():
        try:
            close_own_account(
                user=viewer(request), password=form.cleaned_data["password"], address=client_address(request),
                now=clock.now(),
            )  # fmt: skip
            logout(request)
            messages.success(request, _("Your account is closed. Stays that are agreed go on."))
            return redirect("/")
        except DomainError as error:
            form.refuse(error)
    return render(request, "accounts/close.html", {"form": form}, status=400 if form.errors else 200)
