"""How a host's homes do: four figures, three charts, and each chart's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import clock
from core.database.replica import reads_replica
from core.money import ZERO
from negotiation.pages import charts
from negotiation.pages.words import duration_words
from negotiation.selectors.discounts import list_agreed_discounts
from negotiation.selectors.insight import get_host_insight, get_property_insight
from negotiation.services.insight import insight_of
from properties.pages.actors import page_actor
from properties.rules.months import months_later
from properties.selectors.ownership import get_own_property

Plain = dict[str, Any]


@login_required
@require_safe
@reads_replica
def listing_insight(request: HttpRequest, property_id: int) -> HttpResponse:
    """`/hosting/<id>/figures/`."""
    actor, now = page_actor(request), clock.now()
    row = get_own_property(property_id, actor)
    shown = insight_of(get_property_insight, property_id=property_id, actor=actor, now=now)
    content = {
        **_charts([shown], now),
        "row": row,
        "currency": shown["currency"],
        "earned": _earned(shown),
        "accepted": shown["acceptance_rate"],
        "discount": shown["average_discount"],
        "answer": duration_words(shown["median_answer_seconds"]) if shown["median_answer_seconds"] is not None else "",
        "csv": reverse("property-insight-file", args=[property_id]),
    }
    return render(request, "negotiation/listing_insight.html", content)


@login_required
@require_safe
@reads_replica
def host_insight(request: HttpRequest) -> HttpResponse:
    """`/hosting/figures/`: all of the host's homes together, and side by side."""
    now = clock.now()
    total = insight_of(get_host_insight, actor=page_actor(request), now=now)
    homes = total["properties"]
    agreed = sum(home["funnel"]["agreed"] for home in homes)
    off = sum((home["average_discount"] or 0) * home["funnel"]["agreed"] for home in homes)
    content = {
        **_charts(homes, now),
        "total": total,
        "homes": [home | {"earned": _earned(home), "let": _let_this_month(home, now)} for home in homes],
        "accepted": total["acceptance_rate"],
        "discount": round(off / agreed, 1) if agreed else None,
        "csv": reverse("insight-file"),
    }
    return render(request, "negotiation/insight.html", content)


def _earned(shown: Plain) -> Decimal:
    return sum((Decimal(month["revenue"]) for month in shown["months"]), ZERO)


def _let_this_month(shown: Plain, now: datetime) -> float | None:
    this = f"{now:%Y-%m}"
    share: float | None = next((month["occupancy"] for month in shown["months"] if month["month"] == this), None)
    return share


def _charts(homes: Sequence[Plain], now: datetime) -> Plain:
    """The marks of the three charts over these homes, and the rows of their tables."""
    months, today = _months(homes), now.date()
    first = months[0]["day"] if months else today
    found = list_agreed_discounts([home["property_id"] for home in homes], first)
    bars = [(month["day"], month["occupancy"], f"{month['name']}: {month['occupancy']:g} %") for month in months]
    let, off = charts.percent_scale(bar[1] for bar in bars), charts.percent_scale(one.percent for one in found)
    return {
        "months": months,
        "occupancy": {"bars": charts.month_bars(bars, today, let), "lines": charts.percent_lines(let)},
        "this_month": next((m for m in months if m["key"] == f"{today:%Y-%m}"), None),
        "funnel": charts.funnel_steps(_funnel(homes)),
        "agreed": found,
        "dots": {"dots": charts.discount_dots(found, first, today), "lines": charts.percent_lines(off)},
        "span": (first, today),
        "plot": {"left": charts.LEFT, "right": charts.WIDTH - charts.RIGHT, "width": charts.WIDTH,
                 "height": charts.HEIGHT, "base": charts.BASE},
    }  # fmt: skip


def _months(homes: Sequence[Plain]) -> list[Plain]:
    """The months of all homes together; occupancy in per cent of all their nights."""
    together: dict[str, Plain] = {}
    for home in homes:
        for month in home["months"]:
            row = together.setdefault(month["month"], {"nights": 0, "views": 0, "agreed": 0, "homes": 0})
            row["homes"] += 1
            for name in ("nights", "views", "agreed"):
                row[name] += month[name]
    return [_month(key, row) for key, row in sorted(together.items())]


def _month(key: str, row: Plain) -> Plain:
    day = date.fromisoformat(f"{key}-01")
    nights = (months_later(day, 1) - day).days * row["homes"]
    name = formats.date_format(day, "M Y")
    return {**row, "key": key, "day": day, "name": name, "occupancy": round(100 * row["nights"] / nights, 1)}


def _funnel(homes: Sequence[Plain]) -> list[tuple[str, int]]:
    names = {
        "views": _("Looked at"), "negotiations": _("Made an offer"), "agreed": _("Agreed"), "paid": _("Paid"),
    }  # fmt: skip
    return [(words, sum(home["funnel"][name] for home in homes)) for name, words in names.items()]
