"""The page that changes the e-mail address."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.pages.forms import Form, password_field
from accounts.pages.profile import viewer
from accounts.selectors.users import find_email_change
from accounts.services.accounts import change_account
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError


class EmailForm(Form):
    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    password = password_field(gettext_lazy("Password"), "current-password")


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def email(request: HttpRequest) -> HttpResponse:
    """`/profile/email/`."""
    user = viewer(request)
    form = EmailForm(request.POST or None)
    if form.is_valid():
        try:
            changes = dict(form.cleaned_data)
            change_account(user_id=user.pk, changes=changes, address=client_address(request), now=clock.now())
            text = _("A link is on its way to %(address)s; the new address counts once you have opened it.")
            messages.success(request, text % {"address": changes["email"]})
            return redirect("email")
        except DomainError as error:
            form.refuse(error)
    waiting = find_email_change(user.pk)
    lead = _("Your address is %(address)s.") % {"address": user.email}
    if waiting:
        lead += " " + _("%(address)s waits for its confirmation.") % {"address": waiting.email}
    content = {"form": form, "title": _("E‑mail"), "lead": lead, "action": _("Change the address"), "here": "email"}
    return render(request, "accounts/form.html", content, status=400 if form.errors else 200)
