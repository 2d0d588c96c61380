"""Addresses that only take what a form sends."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]
METHODS = ("GET", "HEAD", "POST")


def form_of(page: str, *, keep: tuple[str, ...] = ()) -> Callable[[View], View]:
    """The view takes the POST of a form on the page `page` (a URL name). Who comes by GET, from a bookmark, a reload or a
    sign-in in between, is led to that page; `keep` names the parts of the path that it has too."""

    def decorate(view: View) -> View:
        @wraps(view)
        def take(request: HttpRequest, **parts: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, **parts)
            if request.method in METHODS:
                led: HttpResponse = redirect(page, **{name: parts[name] for name in keep})
                return led
            return HttpResponseNotAllowed(METHODS)

        return take

    return decorate
