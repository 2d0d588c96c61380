"""The page of a host, as guests see it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.pages.speed_words import speed_words
from core import clock
from core.database.replica import reads_replica
from negotiation.selectors.profiles import get_host_profile

SHOWN_REVIEWS = 10


@require_safe
@reads_replica
def host(request: HttpRequest, user_id: int) -> HttpResponse:
    """`/hosts/<id>/`."""
    viewer = request.user if isinstance(request.user, User) else None
    profile = get_host_profile(user_id, viewer=viewer, now=clock.now(), absolute=str)
    content = {
        "host": profile,
        "joined": date.fromisoformat(profile["joined"]),
        "speed": speed_words(profile["response_time"]),
        "reviews": profile["reviews"][:SHOWN_REVIEWS],
        "more_reviews": profile["reviews"][SHOWN_REVIEWS:],
        "own": viewer is not None and viewer.pk == user_id,
    }
    return render(request, "negotiation/host.html", content)
