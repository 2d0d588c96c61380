"""Remembers which page a user wanted before they had to sign in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/"
LONGEST = 2000


def next_of(request: HttpRequest) -> str:
    """The wanted path of this host; "" where there is none."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Without the slash it would be taken for a view's name.
    is_path = wanted.startswith("/") and len(wanted) <= LONGEST
    safe = is_path and url_has_allowed_host_and_scheme(wanted, None, require_https=request.is_secure())
    return wanted if safe else ""


def with_next(address: str, wanted: str) -> str:
    """`address` with `wanted` as its `next`."""
    return f"{address}?{urlencode({'next': wanted})}" if wanted else address
