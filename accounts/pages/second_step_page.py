"""The second step of a log-in, for accounts that have a second factor; and the log-in by a passkey alone."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.browser_sessions import open_browser_session
from accounts.models import User
from accounts.pages.forms import CodeForm, Form
from accounts.pages.sign_in_targets import HOME, next_of, with_next
from accounts.selectors.second_factors import get_factors
from accounts.selectors.users import find_active_user
from accounts.services.log_in import check_passkey_sign_in, check_sign_in, take_second_step
from accounts.services.second_factors import Proof
from accounts.sites import site_of
from core import clock
from core.api.client_address import client_address
from core.clock import stamp
from core.errors import DomainError, invalid

PENDING_KEY = "second_step"
PENDING_FOR = timedelta(minutes=10)


def sign_in_browser(request: HttpRequest, *, name: str, password: str, work: str, now: datetime) -> bool:
    """Signs the browser in by name and password; False where the account has a second factor, which is asked for next."""
    with transaction.atomic():
        address = client_address(request)
        user = check_sign_in(name=name, password=password, address=address, now=now, work=work)
        if not get_factors(user.pk):
            open_browser_session(request, user, now=now)
            return True
        # The sign-in is not complete before the second step.
        transaction.set_rollback(True)
    request.session[PENDING_KEY] = {"user": user.pk, "mark": _mark(user), "at": stamp(now)}
    return False


def sign_in_by_passkey(request: HttpRequest, given: str, now: datetime) -> None:
    """Signs the browser in by a passkey, given as the browser's JSON. Raises `auth.bad_credentials`, `invalid`."""
    with transaction.atomic():
        user = check_passkey_sign_in(credential=read_credential(given), site=site_of(request), now=now)
    open_browser_session(request, user, now=now, second_factor=True)


def read_credential(text: str) -> dict[str, Any]:
    """Reads the passkey's JSON that the page's script put into the form. Raises `invalid`."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise invalid(passkey=_("The browser did not send a passkey."))
    return found


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """`/login/second-step/?next=`."""
    now = clock.now()
    user, wanted = pending_user(request, now), next_of(request)
    if user is None:
        return redirect(with_next(reverse("login"), wanted))
    if not get_factors(user.pk):
        return redirect(with_next(reverse("second_factor"), wanted))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _proven(request, form, user, now):
        return redirect(wanted or HOME)
    content = {"form": form, "next": wanted, "methods": get_factors(user.pk).methods}
    return render(request, "accounts/second_step.html", content, status=400 if form.errors else 200)


def pending_user(request: HttpRequest, now: datetime) -> User | None:
    """The user who showed a password within the last ten minutes, or is signed in without a second factor."""
    if isinstance(request.user, User):
        return request.user
    pending = request.session.get(PENDING_KEY) or {}
    began = parse_datetime(pending.get("at", ""))
    if began is None or now - began > PENDING_FOR:
        return None
    user = find_active_user(pending["user"])
    return user if user and constant_time_compare(pending["mark"], _mark(user)) else None


def _mark(user: User) -> str:
    """A mark of the password: a changed password voids a sign-in that was begun with the old one."""
    return str(user.get_session_auth_hash())


def _proven(request: HttpRequest, form: Form, user: User, now: datetime) -> bool:
    given = form.cleaned_data
    try:
        passkey = read_credential(given["passkey"]) if given.get("passkey") else None
        take_second_step(user=user, proof=Proof(given.get("code", ""), passkey, site_of(request)), now=now)
    except DomainError as error:
        form.refuse(error)
        return False
    request.session.pop(PENDING_KEY, None)
    open_browser_session(request, user, now=now, second_factor=True)
    return True
