"""The page of the staff that shows what is open: each list for those who may deal with it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from accounts import open_work
from accounts.admin import audit
from core import clock

SHOWN = 10


def page(request: HttpRequest) -> HttpResponse:
    """`/admin/open/`."""
    now = clock.now()
    may = [work for work in open_work.lists.values() if request.user.has_perm(work.permission)]
    content = {
        **admin.site.each_context(request),
        "title": "Open work",
        "lists": [_shown(work, now) for work in may],
        "exports": audit.names_for(request),
        "now": now,
    }
    return render(request, "admin/accounts/open_work.html", content)


def _shown(work: open_work.OpenList, now: Any) -> dict[str, Any]:
    count = work.count(now)
    try:
        address = reverse(work.url)
    except NoReverseMatch:
        address = work.url
    return {"work": work, "count": count, "rows": work.rows(now, SHOWN) if count else [], "url": address}
