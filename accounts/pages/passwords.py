"""Changing a password, setting another one by a mailed link, and confirming an address."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.browser_sessions import open_browser_session
from accounts.mail_links import VOID_LINK
from accounts.pages.forms import ForgottenForm, Form, NewPasswordForm, NewPasswordWithCodeForm, PasswordForm
from accounts.pages.profile import viewer
from accounts.pages.sign_in_pages import client_of
from accounts.selectors.second_factors import get_factors
from accounts.services.email_changes import can_undo, confirm_email, undo_change
from accounts.services.log_in import SignedIn
from accounts.services.passwords import (
    change_password,
    request_password_reset,
    reset_password,
    user_of_reset_link,
)
from accounts.services.second_factors import Proof
from accounts.services.sign_ins import end_token
from core import clock
from core.api.client_address import client_address
from core.errors import Code, DomainError
from core.web.pages import refusal_page


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """`/profile/password/`."""
    form = PasswordForm(request.POST or None)
    if form.is_valid() and _changed(request, form):
        messages.success(request, _("The password is changed. Every other device is signed out."))
        return redirect("profile")
    lead = _("Changing it signs you out on every other device.")
    return _form(request, form, _("Password"), _("Change the password"), lead=lead, here="password")


def _changed(request: HttpRequest, form: Form) -> bool:
    given = form.cleaned_data
    try:
        made = change_password(
            user=viewer(request), old_password=given["old_password"], new_password=given["new_password"],
            client=client_of(request), now=clock.now(),
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return False
    _sign_in(request, made)
    return True


def _sign_in(request: HttpRequest, made: SignedIn) -> None:
    """Signs the browser in by cookie, and ends the token that the service made."""
    end_token(made.token)
    # The old session went with the old password; its row must not be written again.
    request.session.flush()
    open_browser_session(request, made.user, now=clock.now(), second_factor=made.token.second_factor)


@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """`/password/forgotten/`: the same answer for every address."""
    form = ForgottenForm(request.POST or None)
    if form.is_valid() and _asked(request, form):
        messages.success(request, _("If there is an account with that address, a link is on its way to it."))
        return redirect("login")
    lead = _("We send you a link that sets a new one, once.")
    return _form(request, form, _("Forgotten your password?"), _("Send the link"), lead=lead)


def _asked(request: HttpRequest, form: Form) -> bool:
    try:
        request_password_reset(email=form.cleaned_data["email"], address=client_address(request), now=clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    return True


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """`/password/reset/<uid>/<token>/`, as it stands in the mail."""
    if user_of_reset_link(uid, token) is None:
        again = _("Ask for another link")
        return refusal_page(request, DomainError(Code.INVALID, VOID_LINK), back=reverse("forgotten"), action=again)
    owner = user_of_reset_link(uid, token)
    with_code = owner is not None and bool(get_factors(owner.pk))
    form = (NewPasswordWithCodeForm if with_code else NewPasswordForm)(request.POST or None)
    if form.is_valid() and _reset(request, form, uid, token):
        messages.success(request, _("The new password holds. You are signed in."))
        return redirect("/")
    return _form(request, form, _("A new password"), _("Set the password"))


def _reset(request: HttpRequest, form: Form, uid: str, token: str) -> bool:
    try:
        made = reset_password(
            uid=uid, token=token, new_password=form.cleaned_data["new_password"], client=client_of(request),
            now=clock.now(), proof=Proof(form.cleaned_data.get("code", "")),
        )  # fmt: skip
    except DomainError as error:
        form.refuse(error)
        return False
    _sign_in(request, made)
    return True


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """`/email/confirm/<token>/`: a press of the button confirms, since mail scanners open every link."""
    if request.method == "POST":
        confirm_email(token=token, now=clock.now())
        messages.success(request, _("Your e-mail address is confirmed."))
        return redirect("/")
    return _form(request, Form(), _("Confirm your e‑mail address"), _("Confirm"))


@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """`/account/undo/<token>/`, as it stands in the mail about another address or password."""
    if request.method == "POST":
        uid, reset = undo_change(token=token, now=clock.now())
        messages.success(request, _("The account is yours again. Set a new password now."))
        return redirect("new_password", uid=uid, token=reset)
    if not can_undo(token, clock.now()):
        return refusal_page(
            request, DomainError(Code.INVALID, VOID_LINK), back=reverse("forgotten"), action=_("Ask for another link")
        )
    lead = _("Every device is signed out, this mailbox counts again, and you set a new password.")
    return _form(request, Form(), _("Was it not you?"), _("Take my account back"), lead=lead)


def _form(request: HttpRequest, form: Form, title: str, action: str, **more: Any) -> HttpResponse:
    content = {"form": form, "title": title, "action": action, **more}
    return render(request, "accounts/form.html", content)
