"""Who stands behind the site and how it works: pages whose texts an operator may replace."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

NAMES = ("how-it-works", "help", "cancellation", "payments", "terms", "privacy", "contact")


@require_safe
def about(request: HttpRequest, name: str) -> HttpResponse:
    """`/about/<name>/`: `core/site/<name>.html`, of SITE_TEMPLATES where that folder has one. Raises Http404."""
    if name not in NAMES:
        raise Http404
    return render(request, f"core/site/{name}.html", {"here": name, "contact": settings.SITE_CONTACT})
