"""Signing up, in and out."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout as end_session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.browser_sessions import open_browser_session
from accounts.models import User
from accounts.pages.forms import Form, LogInForm, SignUpForm
from accounts.pages.second_step_page import sign_in_browser, sign_in_by_passkey
from accounts.pages.sign_in_targets import HOME, next_of, with_next
from accounts.serializers import SignUpBody
from accounts.services.accounts import sign_up
from accounts.services.sign_ins import Client, end_token, publish_credentials
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError
from core.said import translated
from core.web.forms import form_of


def client_of(request: HttpRequest) -> Client:
    """The address and the user agent of a request."""
    return Client(client_address(request), request.META.get("HTTP_USER_AGENT", ""))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    """`/signup/?next=`."""
    if request.user.is_authenticated:
        return redirect(next_of(request) or HOME)
    form = SignUpForm(request.POST or None)
    if form.is_valid() and _signed_up(request, form):
        return redirect(next_of(request) or HOME)
    return _door(request, form, _("Sign up"), _("Offer your own price for a stay, and talk it over live."), "login")


def _signed_up(request: HttpRequest, form: Form) -> bool:
    now = clock.now()
    try:
        made = sign_up(form=SignUpBody.read(form.cleaned_data), client=client_of(request), now=now)
    except DomainError as error:
        form.refuse(error)
        return False
    # A browser keeps its sign-in in a cookie; the token that came with the account would be used by no client.
    end_token(made.token)
    open_browser_session(request, made.user, now=now)
    return True


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """`/login/?next=`."""
    if request.user.is_authenticated:
        return redirect(next_of(request) or HOME)
    form = LogInForm(request.POST or None)
    if request.POST.get("passkey"):
        return _by_passkey(request, form)
    if form.is_valid() and (found := _logged_in(request, form)):
        return redirect(found)
    return _door(request, form, _("Log in"), _("Good to see you again."), "signup")


def _logged_in(request: HttpRequest, form: LogInForm) -> str:
    """The next page: the one that the user wanted, or the second step; "" where the sign-in is refused."""
    given, wanted = form.cleaned_data, next_of(request)
    try:
        whole = sign_in_browser(
            request, name=given["username"], password=given["password"], work=given["work"], now=clock.now()
        )
    except DomainError as error:
        form.refuse(error)
        return ""
    return wanted or HOME if whole else with_next(reverse("second_step"), wanted)


def _by_passkey(request: HttpRequest, form: LogInForm) -> HttpResponse:
    # A field that the form does not have raises no error.
    form = LogInForm()
    try:
        sign_in_by_passkey(request, request.POST["passkey"], clock.now())
    except DomainError as error:
        form.add_note(translated(error.message))
        return _door(request, form, _("Log in"), _("Good to see you again."), "signup")
    return redirect(next_of(request) or HOME)


def _door(request: HttpRequest, form: Form, title: str, lead: str, other: str) -> HttpResponse:
    wanted = next_of(request)
    words = {
        "login": (_("Have an account already?"), _("Log in instead")),
        "signup": (_("New here?"), _("Create an account")),
    }[other]
    content: dict[str, Any] = {
        "form": form,
        "title": title,
        "lead": lead,
        "action": title,
        "next": wanted,
        "other": {"question": words[0], "action": words[1], "url": with_next(reverse(other), wanted)},
        "forgot": reverse("forgotten") if other == "signup" else "",
        "challenge": getattr(form, "challenge", None),
    }
    return render(request, "accounts/door.html", content)


@form_of("home")
def logout(request: HttpRequest) -> HttpResponse:
    """Ends this browser's session; its live sockets close."""
    user = request.user
    end_session(request)
    if isinstance(user, User):
        publish_credentials([user.pk])
    return redirect(HOME)
