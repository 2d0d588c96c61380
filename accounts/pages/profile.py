"""The user's own account: the profile, and where it is signed in."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.authentication import credential_of
from accounts.models import User
from accounts.pages.devices import device_words
from accounts.pages.forms import ProfileForm
from accounts.selectors.users import get_account, list_sign_ins, picture_of, profile_of
from accounts.services.accounts import change_account
from accounts.services.sign_ins import end_own_sign_in, end_sign_ins
from core import clock
from core.api.client_address import client_address
from core.errors import DomainError, invalid
from core.images import MAX_BYTES, too_many_bytes
from core.web.drawn_pictures import picture_url

TEXTS = ("first_name", "last_name", "phone", "address")


def viewer(request: HttpRequest) -> User:
    """The signed-in user who looks at a page."""
    assert isinstance(request.user, User)  # noqa: S101 - behind login_required
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """`/profile/`."""
    user = get_account(viewer(request).pk)
    about = profile_of(user)
    present = {name: getattr(about if name in ("phone", "address") else user, name) for name in TEXTS}
    form = ProfileForm(request.POST or None, request.FILES or None, initial=present)
    if form.is_valid() and _changed(request, form):
        messages.success(request, _("Saved."))
        return redirect("profile")
    person = {
        "username": user.username,
        "email": user.email,
        "is_host": user.is_host,
        "superhost": user.superhost,
        "verified": user.verified,
        "profile_picture": picture_url(picture_of(user, about), str),
    }
    return render(
        request, "accounts/profile.html", {"form": form, "person": person}, status=400 if form.errors else 200
    )


def _changed(request: HttpRequest, form: ProfileForm) -> bool:
    given = form.filled()
    changes: dict[str, Any] = {name: given[name] for name in TEXTS if name in given}
    changes["clear"] = [name for name in TEXTS if name not in given]
    try:
        if upload := given.get("profile_picture"):
            changes["profile_picture"] = _data_url(upload)
        change_account(user_id=viewer(request).pk, changes=changes, address=client_address(request), now=clock.now())
    except DomainError as error:
        form.refuse(error)
        return False
    return True


def _data_url(upload: Any) -> str:
    """An uploaded picture as a data-URL, the one form that the service takes. The service judges its content."""
    if upload.size > MAX_BYTES:
        raise invalid(profile_picture=too_many_bytes(MAX_BYTES))
    return "data:image/jpeg;base64," + base64.b64encode(upload.read()).decode()


@login_required
@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """`/profile/sessions/`: where the account is signed in; a POST ends one of them, or all."""
    if request.method == "POST":
        return _end(request, request.POST.get("session", ""))
    found = list_sign_ins(viewer(request).pk, credential_of(request), clock.now())
    rows = [{"id": one.id, "device": device_words(one.user_agent), "current": one.current,
             "created": one.created, "last_used": one.last_used} for one in found]  # fmt: skip
    return render(request, "accounts/sessions.html", {"sessions": rows})


def _end(request: HttpRequest, which: str) -> HttpResponse:
    if which == "all":
        end_sign_ins(user_id=viewer(request).pk)
        return redirect("login")
    end_own_sign_in(user_id=viewer(request).pk, sign_in_id=which)
    messages.success(request, _("That device is signed out."))
    return redirect("sessions")
