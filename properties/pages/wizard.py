"""Listing a home, one question a screen. A step is saved by the same call as the API's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError, not_found
from properties.models import Property
from properties.pages.actors import page_actor
from properties.pages.bodies import Body, body_of, uploads_of
from properties.pages.choices import choices_of
from properties.pages.maps import map_settings
from properties.selectors.ownership import get_own_property
from properties.selectors.steps import SHOWN
from properties.serializers.steps import Step1, Step2, Step3, Step4, Step5, Step6, Step7
from properties.services.photos import add_photos
from properties.services.steps import save_step, start_registration

SERIALIZERS = {1: Step1, 2: Step2, 3: Step3, 4: Step4, 5: Step5, 6: Step6, 7: Step7}
PHOTOS, LAST = 2, 7


@dataclass(frozen=True, slots=True)
class Stage:
    """A step as the bar of progress shows it."""

    number: int
    name: str
    done: bool
    here: bool
    url: str


def step_names() -> dict[int, str]:
    """What each step is about, in two or three words."""
    return {
        1: _("The place"),
        2: _("What it offers"),
        3: _("In words"),
        4: _("Price and rules"),
        5: _("Meals"),
        6: _("At your table"),
        7: _("When it is open"),
    }


def steps_of(row: Property | None) -> list[int]:
    """The steps that this home has: meals where it takes guests with meals, a table where it takes paying guests."""
    # Meals and table are asked about once step 1 has said that there are any.
    offered = {5: row is not None and row.stay_with_meal, 6: row is not None and row.paying_guest}
    return [step for step in SERIALIZERS if offered.get(step, True)]


def stages_of(row: Property | None, here: int = 0) -> list[Stage]:
    names, done = step_names(), row.steps_done if row else []
    return [
        Stage(
            step, names[step], step in done, step == here, reverse("listing_step", args=[row.pk, step]) if row else ""
        )
        for step in steps_of(row)
    ]


def next_step(row: Property, after: int = 0) -> int | None:
    """The first step behind `after` that is not saved yet; None where all are."""
    return next((step for step in steps_of(row) if step > after and step not in row.steps_done), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_listing(request: HttpRequest) -> HttpResponse:
    """`/hosting/new/`: step 1; its first save makes the draft."""
    if request.method != "POST":
        return _page(request, None, 1, {})
    actor = page_actor(request)
    try:
        body = body_of(request.POST, request.FILES)
        row = start_registration(actor=actor, data=Step1.read(body), now=clock.now())
    except DomainError as refusal:
        return _again(request, None, 1, refusal)
    return _onward(request, row, 1)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listing_step(request: HttpRequest, property_id: int, step: int) -> HttpResponse:
    """`/hosting/<id>/step/<n>/`."""
    row = get_own_property(property_id, page_actor(request))
    if step not in SERIALIZERS:
        raise not_found()
    if step not in steps_of(row):
        # The home has no such step, for instance meals where none are served: its own page lists the steps that it has.
        return redirect("listing", row.pk)
    if request.method != "POST":
        return _page(request, row, step, stored(row, step))
    try:
        row = _save(request, row, step)
    except DomainError as refusal:
        return _again(request, row, step, refusal)
    return _onward(request, row, step)


def stored(row: Property, step: int) -> Body:
    """A step as it was saved; nothing before its first save."""
    return SHOWN[step](row, str) if step in row.steps_done else {}


def _save(request: HttpRequest, row: Property, step: int) -> Property:
    actor, now = page_actor(request), clock.now()
    body = body_of(request.POST, request.FILES)
    if step == LAST and body.pop("open", "") == "always":
        body["selected_dates"] = []
    elif step == LAST:
        body["always_open"] = False
    data = SERIALIZERS[step].read(body)
    if step == PHOTOS and (files := uploads_of(request.FILES)):
        add_photos(property_id=row.pk, actor=actor, photos=files, now=now)
    return save_step(step=step, property_id=row.pk, actor=actor, data=data, now=now)


def _onward(request: HttpRequest, row: Property, step: int) -> HttpResponse:
    """Redirects to the next step of a draft, otherwise to the home's own page."""
    further = next_step(row, step) or next_step(row)
    if step == LAST and len(row.steps_done) and row.status == Property.Status.LISTED:
        messages.success(request, _("Your home is listed. Guests can find it and make offers."))
    elif "leave" in request.POST or row.status != Property.Status.DRAFT or further is None:
        messages.success(request, _("Saved."))
    else:
        return redirect("listing_step", row.pk, further)
    return redirect("listing", row.pk)


def _again(request: HttpRequest, row: Property | None, step: int, refusal: DomainError) -> HttpResponse:
    """Shows the form as it was sent, with its errors."""
    try:
        sent = body_of(request.POST, MultiValueDict())
    except DomainError:
        sent = {}
    response = _page(request, row, step, {**(stored(row, step) if row else {}), **sent}, refusal)
    response.status_code = refusal.status
    return response


def _page(
    request: HttpRequest, row: Property | None, step: int, data: Body, refusal: DomainError | None = None
) -> HttpResponse:
    stages = stages_of(row, step)
    content: dict[str, Any] = {
        "row": row,
        "step": step,
        "stages": stages,
        "position": [stage.number for stage in stages].index(step) + 1,
        "data": data,
        "errors": refusal.translated().fields if refusal else {},
        "refusal": refusal.translated() if refusal else None,
        "is_draft": row is None or row.status == Property.Status.DRAFT,
        "is_last": step == LAST,
        "map": map_settings(),
        **choices_of(step, data),
    }
    return render(request, f"properties/wizard/step{step}.html", content)
