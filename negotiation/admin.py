"""Staff's view of negotiations: they read everything, with the whole log, and edit nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core import clock
from core.trials import Arm
from negotiation.models import Negotiation, Offer
from negotiation.selectors.entries import list_entries
from negotiation.selectors.trial import LOOKED_BACK, get_trial_figures


class OfferInline(ReadOnlyInline):
    model = Offer
    fields = ("id", "by", "amount", "status", "made_at", "expires_at", "quote")
    readonly_fields = fields
    ordering = ("id",)


@admin.register(Negotiation)
class NegotiationAdmin(ReadOnlyAdmin):
    """The list of negotiations; the search takes an id, a home, or either party's name or e-mail."""

    list_display = (
        "id", "home", "guest_name", "host_name", "status", "turn", "currency", "list_amount", "last_bid", "last_ask",
        "created_at", "updated_at",
    )  # fmt: skip
    list_filter = ("status", "has_offers", "ended_by", "booking_type", "arm", "created_at")
    list_select_related = ("property", "guest", "host")
    search_fields = (
        "=id", "property__title", "guest__username", "guest__email", "guest__first_name", "guest__last_name",
        "host__username", "host__email", "host__first_name", "host__last_name",
    )  # fmt: skip
    search_help_text = "Number, home, or either party's name or e-mail"
    date_hierarchy = "created_at"
    ordering = ("-id",)
    list_per_page = 50
    # Otherwise the page also counts all rows, which reads the whole table.
    show_full_result_count = False
    inlines = (OfferInline,)
    fields = (
        "property", "guest", "host", "nights", "guests", "booking_type", "currency", "list_amount", "status", "turn",
        "ended_by", "booking", "last_bid", "last_ask", "guest_offers_left", "host_offers_left", "guest_seen",
        "host_seen", "auto_decline_at", "question_expires_at", "created_at", "updated_at", "terms", "log",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.trial)
        return [path("trial/", page, name="negotiation_negotiation_trial"), *super().get_urls()]

    def trial(self, request: HttpRequest) -> HttpResponse:
        """The results of each arm of the trial of rules (setting RULES_TRIAL)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        content = {
            **self.admin_site.each_context(request),
            "title": "Trial of rules",
            "arms": [(arm.name, arm.percent, _options(arm)) for arm in settings.RULES_TRIAL.arms],
            "figures": get_trial_figures(clock.now()),
            "days": LOOKED_BACK.days,
        }
        return render(request, "admin/negotiation/trial.html", content)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Negotiation]:
        return super().get_queryset(request).select_related("property", "guest", "host", "booking")

    @admin.display(description="property", ordering="property__title")
    def home(self, row: Negotiation) -> str:
        return row.property.title

    @admin.display(description="guest", ordering="guest__username")
    def guest_name(self, row: Negotiation) -> str:
        return row.guest.name

    @admin.display(description="host", ordering="host__username")
    def host_name(self, row: Negotiation) -> str:
        return row.host.name

    @admin.display(description="log")
    def log(self, row: Negotiation) -> SafeString:
        """Every entry, in order."""
        entries, _ = list_entries(row.pk, limit=row.last_seq)
        lines = [(e["seq"], e["at"], _who(e), e["kind"], _words(e["data"])) for e in entries]
        return format_html("<table><thead>{}</thead><tbody>{}</tbody></table>", HEAD, _rows(lines))


def _who(entry: dict[str, Any]) -> str:
    return f"{entry['actor']} (machine)" if entry.get("via") else str(entry["actor"])


def _options(arm: Arm) -> str:
    return ", ".join(f"{name}={value}" for name, value in arm.options.items()) or "as ever"


COLUMNS = ("seq", "at", "who", "what", "data")
HEAD = format_html("<tr>{}</tr>", format_html_join("", "<th>{}</th>", ((name,) for name in COLUMNS)))


def _rows(lines: Sequence[tuple[Any, ...]]) -> SafeString:
    return format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", lines)


def _words(data: dict[str, Any]) -> str:
    """An entry's data in one line; of an offer only id, amount and end."""
    offer = data.get("offer")
    if isinstance(offer, dict):
        rest = f", total {offer['quote']['total']} {offer['quote']['currency']}, until {offer['expires_at']}"
        return f"#{offer['id']} {offer['amount']}{rest}"
    return ", ".join(f"{name}: {value}" for name, value in data.items())
