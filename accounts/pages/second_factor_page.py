"""Setting up a second factor: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.pages.forms import CodeOnlyForm, Form, PasswordOnlyForm
from accounts.pages.profile import viewer
from accounts.pages.sign_in_targets import next_of
from accounts.selectors.second_factors import get_factors, list_passkeys
from accounts.services.log_in import confirm_password
from accounts.services.passkeys import remove_passkey
from accounts.services.second_factors import (
    app_address,
    begin_app,
    confirm_app,
    forget_codes_of_nothing,
    make_recovery_codes,
    remove_app,
    waiting_app,
)
from accounts.session_store import SECOND_FACTOR_KEY
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError


@login_required
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """`/profile/second-factor/?next=`."""
    action = request.POST.get("action", "")
    if request.method == "POST" and action == "confirm":
        return _confirm(request)
    form = PasswordOnlyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _with_password(request, form, action)
    return _page(request, password=form)


def _confirm(request: HttpRequest) -> HttpResponse:
    form = CodeOnlyForm(request.POST)
    if not form.is_valid():
        return _page(request, code=form)
    try:
        codes = confirm_app(user=viewer(request), code=form.cleaned_data["code"], now=clock.now())
    except DomainError as error:
        form.refuse(error)
        return _page(request, code=form)
    # The user has just shown a code of it, so this session has had its second factor.
    request.session[SECOND_FACTOR_KEY] = True
    messages.success(request, _("The authenticator app counts from now on."))
    return _page(request, codes=codes)


def _with_password(request: HttpRequest, form: Form, action: str) -> HttpResponse:
    """Runs a change that needs the password again: a thief of an open browser must not change the second factor."""
    user, now = viewer(request), clock.now()
    try:
        password, address = form.cleaned_data["password"], client_address(request)
        confirm_password(user=user, password=password, address=address, now=now, field="password")
        if action == "codes":
            return _page(request, codes=make_recovery_codes(user=user, now=now))
        _CHANGES.get(action, lambda *_: None)(request, user)
    except DomainError as error:
        form.refuse(error)
        return _page(request, password=form)
    return redirect(request.get_full_path())


def _begin(request: HttpRequest, user: User) -> None:
    begin_app(user=user, now=clock.now())


def _remove_app(request: HttpRequest, user: User) -> None:
    remove_app(user=user)
    messages.success(request, _("The authenticator app does not count any more."))


def _remove_passkey(request: HttpRequest, user: User) -> None:
    number = request.POST.get("passkey", "")
    remove_passkey(user=user, passkey_id=int(number) if number.isascii() and number.isdigit() else 0)
    forget_codes_of_nothing(user_id=user.pk)
    messages.success(request, _("That passkey is removed."))


_CHANGES: dict[str, Callable[[HttpRequest, User], None]] = {
    "begin": _begin,
    "remove": _remove_app,
    "remove_passkey": _remove_passkey,
}


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    user = viewer(request)
    secret = waiting_app(user)
    content = {
        "password": PasswordOnlyForm(),
        "code": CodeOnlyForm(),
        "codes": [],
        "factors": get_factors(user.pk),
        "passkeys": list_passkeys(user.pk),
        "secret": secret and " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "qr": secret and segno.make(app_address(user, secret), micro=False).svg_data_uri(scale=5, border=2),
        "next": next_of(request),
        "needed": user.is_staff,
        **more,
    }
    wrong = any(isinstance(one, Form) and one.errors for one in more.values())
    answer = render(request, "accounts/second_factor.html", content, status=400 if wrong else 200)
    answer["Cache-Control"] = "private, no-store"
    return answer
