"""Saved homes: the list, and the heart of a home. The press of a visitor waits in a cookie until they sign in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.pages.sign_in_targets import next_of, with_next
from core import clock
from core.database.replica import reads_replica
from core.errors import DomainError
from core.web.pages import refused
from properties.pages.actors import page_actor
from properties.selectors.saved import list_saved
from properties.services.saving import forget_home, save_home

PAGE = 48
# The home whose heart a visitor pressed. Only our own form can write it, so a link on another site saves nothing.
WISH, WISH_S = "saving", 3600


@login_required
@require_safe
@reads_replica
def saved_homes(request: HttpRequest) -> HttpResponse:
    """`/saved/?before=`."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    user_id = page_actor(request).pk
    page = list_saved(user_id=user_id, now=clock.now(), absolute=str, limit=PAGE, before=number)
    kept = {home["property_id"] for home in page.homes}
    content = {"page": page, "saved": kept, "is_later": number is not None}
    return render(request, "properties/saved.html", content)


@require_http_methods(["GET", "HEAD", "POST"])
def saved_home(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/saved/<id>/?next=`: the heart of a home, pressed (`saved` 1 or 0) or come back to after a sign-in."""
    if not request.user.is_authenticated:
        return _sign_in_first(request, property_id)
    wanted = request.COOKIES.get(WISH) == str(property_id) if request.method != "POST" else True
    answer = _press(request, property_id) if wanted else redirect(next_of(request) or reverse("saved_homes"))
    answer.delete_cookie(WISH)
    return answer


def _press(request: HttpRequest, property_id: int) -> HttpResponse:
    actor, back = page_actor(request), next_of(request) or reverse("saved_homes")
    if request.POST.get("saved") == "0":
        forget_home(actor=actor, property_id=property_id)
        messages.success(request, _("Taken out of your saved homes."))
        return redirect(back)
    try:
        save_home(actor=actor, property_id=property_id, now=clock.now())
    except DomainError as error:
        return refused(request, error, "saved_homes")
    messages.success(request, _("Saved. It stands in your saved homes."))
    return redirect(back)


def _sign_in_first(request: HttpRequest, property_id: int) -> HttpResponse:
    back = with_next(reverse("saved_home", args=[property_id]), next_of(request))
    answer = redirect(with_next(reverse("login"), back))
    if request.method == "POST" and request.POST.get("saved") != "0":
        # Lax as the session's own: the way back from the sign-in brings it along.
        answer.set_cookie(
            WISH, str(property_id), max_age=WISH_S, httponly=True, secure=request.is_secure(), samesite="Lax"
        )
    return answer
