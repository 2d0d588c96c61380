"""A guest as those hosts see them who deal with them; for everybody else there is no such page."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.pages.speed_words import speed_words
from core import clock
from core.database.replica import reads_replica
from negotiation.selectors.profiles import get_guest_profile
from properties.pages.actors import page_actor


@login_required
@require_safe
@reads_replica
def guest(request: HttpRequest, user_id: int) -> HttpResponse:
    """`/guests/<id>/`."""
    profile = get_guest_profile(user_id, viewer=page_actor(request), now=clock.now(), absolute=str)
    content = {
        "guest": profile,
        "joined": date.fromisoformat(profile["joined"]),
        "speed": speed_words(profile["response_time"]),
    }
    return render(request, "negotiation/guest.html", content)
