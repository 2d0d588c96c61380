"""Where a user wanted to go before they had to sign in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/"


def next_of(request: HttpRequest) -> str:
    """A path of this host; "" where none was wanted."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def with_next(address: str, wanted: str) -> str:
    """`address`, from which the way leads on to `wanted`."""
    return f"{address}?{urlencode({'next': wanted})}" if wanted else address
