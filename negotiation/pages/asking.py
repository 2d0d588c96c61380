"""A question to the host of a home, with the dates chosen there or without any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.selectors.users import get_user
from core import clock
from core.errors import Code, DomainError, not_found
from core.said import translated
from negotiation.engine.outcomes import Outcome
from negotiation.engine.parsing import read_move
from negotiation.live.batcher import submit_here
from negotiation.selectors.open_rooms import find_open_room
from properties.pages.actors import page_actor
from properties.rules.first_stay import first_stay
from properties.rules.search import check_search_dates
from properties.rules.spans import Span
from properties.rules.terms import BOOKING_TYPES, MAX_DAYS_AHEAD, PropertyTerms, local_today
from properties.selectors.availability import access_terms
from properties.selectors.calendar import list_taken

MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class About:
    """The stay that a question is about; `chosen` where the guest named the nights."""

    start: date
    end: date
    guests: int
    chosen: bool


@login_required
@require_http_methods(["GET", "POST"])
def ask_host(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/homes/<id>/ask/?check_in=&check_out=&guests=`."""
    actor, now = page_actor(request), clock.now()
    terms = access_terms(property_id, actor)
    if terms.host_id == actor.pk:
        raise not_found()
    problem = ""
    if request.method == "POST":
        try:
            return redirect("room", _ask(actor, terms, request.POST, now))
        except DomainError as refusal:
            problem = translated(next((texts[0] for texts in refusal.fields.values() if texts), refusal.message))
    content = _content(request, actor, terms, now) | {"problem": problem}
    return render(request, "negotiation/ask.html", content, status=400 if problem else 200)


def _content(request: HttpRequest, actor: User, terms: PropertyTerms, now: datetime) -> dict[str, Any]:
    """The form. It fixes the stay, so that sending it twice sends the same twice."""
    return {
        "home": terms,
        "host": get_user(terms.host_id).name,
        "room": find_open_room(guest_id=actor.pk, property_id=terms.id, now=now),
        "about": about(request.GET, terms, now),
        "text": request.POST.get("text", ""),
        "key": uuid4().hex,
    }


def about(given: QueryDict, terms: PropertyTerms, now: datetime) -> About:
    """The nights in the query, else the first free ones."""
    asked = given.get("guests", "")
    people = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    guests = min(max(people, 1), terms.max_guests)
    start, end = _span(given)
    try:
        check_search_dates(start, end, now)
    except DomainError:
        start = end = None
    if start is not None and end is not None:
        return About(start, end, guests, chosen=True)
    first, last = _first_free(terms, now)
    return About(first, last, guests, chosen=False)


def _first_free(terms: PropertyTerms, now: datetime) -> Span:
    today = local_today(terms, now)
    last = date.fromordinal(today.toordinal() + MAX_DAYS_AHEAD)
    return first_stay(terms, list_taken(terms.id, today, last, now), today)


def _span(given: QueryDict) -> tuple[date | None, date | None]:
    try:
        return date.fromisoformat(given.get("check_in", "")), date.fromisoformat(given.get("check_out", ""))
    except ValueError:
        return None, None


def _ask(actor: User, terms: PropertyTerms, form: QueryDict, now: datetime) -> int:
    """Sends the question. Returns the negotiation's id. Raises what opening or sending refuses."""
    text, key = form.get("text", "").replace("\r\n", "\n"), form.get("key", "")
    if not text.strip():
        raise DomainError(Code.INVALID, _("Write your question first."))
    if form.get("room"):
        return _say(actor, form.get("room", ""), text, key)
    fields = {
        "property": terms.id,
        "booking_type": next(kind for kind in BOOKING_TYPES if getattr(terms, kind)),
        "message": text,
        **{name: form.get(name, "") for name in ("start_date", "end_date", "guests")},
    }
    try:
        return _move("negotiation.open", fields, actor, f"{key}-open").negotiation_id
    except DomainError as refusal:
        # Another tab has opened it meanwhile: the question goes there.
        if refusal.code != Code.NEGOTIATION_ALREADY_OPEN:
            raise
        return _say(actor, str(refusal.params["negotiation"]), text, key)


def _say(actor: User, room: str, text: str, key: str) -> int:
    return _move("message.send", {"negotiation": room, "text": text}, actor, f"{key}-say").negotiation_id


def _move(kind: str, fields: dict[str, Any], actor: User, key: str) -> Outcome:
    usable = key.isascii() and key.replace("-", "").isalnum() and len(key) <= 64
    outcome = submit_here(read_move(kind, fields, actor_id=actor.pk, key=key if usable else None))
    if outcome.error is not None:
        raise outcome.error
    return outcome
