"""The pages "Let an assistant haggle for me": what machines may do for a user, their limits, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Mandate
from accounts.pages.profile import viewer
from accounts.rules.mandates import MAY, status_of
from accounts.selectors.mandates import access_mandate, list_mandates, terms_of
from accounts.services.mandates import revoke_mandate
from core import clock
from core.amounts import price
from core.errors import DomainError, not_found
from negotiation.pages.agent_forms import MAY_CHOICES, AgentForm
from negotiation.pages.agent_words import line_words
from negotiation.selectors.mandates import Standing, get_standings, list_log
from negotiation.services.mandates import give_mandate, list_choosable_homes

LOG_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def agents(request: HttpRequest) -> HttpResponse:
    """`/profile/assistants/`: makes one, ends one, lists them."""
    if request.method == "POST" and request.POST.get("end"):
        return _end(request, request.POST["end"])
    user_id, now = viewer(request).pk, clock.now()
    homes = list_choosable_homes(user_id)
    form, made = AgentForm(request.POST or None, homes=homes), None
    if request.method == "POST" and form.is_valid():
        try:
            made = give_mandate(user_id=user_id, values=form.values(), now=now)
        except DomainError as error:
            form.refuse(_in_the_forms_words(error))
    content = {"form": form, "rows": _rows(user_id, now), **_made(request, made)}
    if made:
        content["form"] = AgentForm(homes=homes)
    answer = render(request, "negotiation/agents.html", content, status=400 if form.errors else 200)
    # The page shows the key, once.
    answer["Cache-Control"] = "private, no-store"
    return answer


def _in_the_forms_words(error: DomainError) -> DomainError:
    names = {"expires_at": "days", "properties": "property_ids"}
    error.fields = {names.get(name, name): texts for name, texts in error.fields.items()}
    return error


def _made(request: HttpRequest, made: tuple[Mandate, str] | None) -> dict[str, Any]:
    """The key, and texts to paste into common clients."""
    if made is None:
        return {"key": ""}
    mandate, key = made
    address = request.build_absolute_uri("/mcp/")
    return {"key": key, "made": mandate, "mcp": address, "socket": request.build_absolute_uri("/api/nego/as_guest/")}


def _end(request: HttpRequest, number: str) -> HttpResponse:
    id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    try:
        revoke_mandate(mandate_id=id, user_id=viewer(request).pk, now=clock.now())
        messages.success(request, _("That assistant is out. What it offered stands until you withdraw it."))
    except DomainError as error:
        if error.code != not_found().code:
            raise
        messages.error(request, _("There is no such assistant."))
    return redirect("agents_page")


def _rows(user_id: int, now: datetime) -> list[dict[str, Any]]:
    mandates = list(list_mandates(user_id, now, ended=True)[:LOG_PAGE])
    standings = get_standings([mandate.pk for mandate in mandates], now)
    return [_row(mandate, standings[mandate.pk], now) for mandate in mandates]


def _row(mandate: Mandate, standing: Standing, now: datetime) -> dict[str, Any]:
    words = dict(MAY_CHOICES)
    return {
        "mandate": mandate,
        "status": status_of(terms_of(mandate), now),
        "may": [words[one] for one in MAY if one in mandate.may],
        "total": price(standing.total, mandate.currency),
        "most": None if mandate.max_total is None else price(mandate.max_total, mandate.currency),
        "open": len(standing.opened),
    }


@login_required
@require_safe
def agent_log(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """`/profile/assistants/<id>/?before=`: what the machine did, and what was refused to it."""
    mandate, now = access_mandate(mandate_id, user_id=viewer(request).pk), clock.now()
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
    lines = list_log(mandate.pk, LOG_PAGE + 1, before)
    shown = [line | {"words": line_words(line, mandate.currency)} for line in lines[:LOG_PAGE]]
    more = f"{reverse('agent_log_page', args=[mandate.pk])}?before={shown[-1]['id']}" if len(lines) > LOG_PAGE else ""
    standing = get_standings([mandate.pk], now)[mandate.pk]
    return render(
        request, "negotiation/agent_log.html", {"row": _row(mandate, standing, now), "lines": shown, "more": more}
    )
