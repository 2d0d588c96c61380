"""The pages of a host's homes: the list, and one home with what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.database.replica import reads_replica
from core.errors import Code, DomainError
from core.said import translated
from core.web.forms import form_of
from properties.models import Property
from properties.pages.actors import page_actor
from properties.pages.wizard import next_step, stages_of
from properties.selectors.listings import list_own, show_listing
from properties.selectors.ownership import get_own_property
from properties.selectors.steps import drawn_photo, show_2
from properties.services.feeds import replace_feed
from properties.services.listings import relist_property, unlist_property

PAGE = 24
TAGS = {"draft": "tag--host", "listed": "tag--success", "unlisted": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A home in the host's list."""

    shown: dict[str, Any]
    row: Property

    @property
    def words(self) -> str:
        return status_words(self.row)

    @property
    def tag(self) -> str:
        return TAGS[self.row.status]

    @property
    def further(self) -> int | None:
        """The step a draft goes on with."""
        return next_step(self.row) if self.row.status == Property.Status.DRAFT else None

    @property
    def stages(self) -> list[Any]:
        return stages_of(self.row)


def status_words(row: Property) -> str:
    return {"draft": _("Draft"), "listed": _("Listed"), "unlisted": _("Not listed")}[row.status]


@login_required
@require_safe
@reads_replica
def hosting(request: HttpRequest) -> HttpResponse:
    """`/hosting/?before=<id>`: the host's homes, newest first."""
    before = request.GET.get("before", "")
    cursor = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    rows = list_own(actor=page_actor(request), limit=PAGE + 1, before=cursor)
    homes = [Row(show_listing(row, str), row) for row in rows[:PAGE]]
    more = homes[-1].row.pk if len(rows) > PAGE else None
    return render(request, "properties/hosting.html", {"homes": homes, "more": more, "here": "hosting"})


@login_required
@require_safe
@reads_replica
def listing(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/hosting/<id>/`: how far a draft is; for a listed home, links to its steps, calendar and figures."""
    row = get_own_property(property_id, page_actor(request))
    photos = show_2(row, str)["photos"]
    content = {
        "row": row,
        "stages": stages_of(row),
        "further": next_step(row),
        "photo": photos[0] if photos else drawn_photo(row.property_type, str),
        "status": status_words(row),
        "tag": TAGS[row.status],
    }
    return render(request, "properties/listing.html", content)


@login_required
@form_of("listing", keep=("property_id",))
def change_listing(request: HttpRequest, property_id: int, verb: str) -> HttpResponse:
    """Takes a home off the market, puts it back, or gives its calendar a new address."""
    change, words = {
        "unlist": (unlist_property, _("Your home is off the market. Open haggles have ended; agreed stays remain.")),
        "relist": (relist_property, _("Your home is back on the market.")),
        "feed": (replace_feed, _("The calendar has a new address; the old one is dead.")),
    }[verb]
    try:
        change(property_id=property_id, actor=page_actor(request), now=clock.now())
        messages.success(request, words)
    except DomainError as refusal:
        if refusal.code == Code.NOT_FOUND:
            raise
        messages.error(request, translated(refusal.message))
    return redirect("listing_calendar" if verb == "feed" else "listing", property_id)
