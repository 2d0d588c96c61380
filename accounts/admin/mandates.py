"""What machines may do for users. The page shows neither a key nor its hash."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.models import Mandate
from accounts.services.mandates import revoke_mandate
from core import clock


@admin.register(Mandate)
class MandateAdmin(ReadOnlyAdmin):
    """Shows mandates; staff may end one whose machine does harm."""

    list_display = (
        "id", "user", "name", "side", "may", "currency", "max_total", "min_percent", "created_at", "expires_at",
        "last_used_at", "revoked_at",
    )  # fmt: skip
    list_filter = ("side",)
    list_select_related = ("user",)
    search_fields = ("=id", "user__username", "user__email")
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        "user", "name", "side", "may", "currency", "max_total", "min_percent", "property_ids", "max_open",
        "check_in_from", "check_out_by", "version", "created_at", "expires_at", "last_used_at", "revoked_at",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("revoke",)

    @admin.action(description="End these mandates", permissions=["view"])
    def revoke(self, request: HttpRequest, mandates: QuerySet[Mandate]) -> None:
        """Ends the chosen mandates: their next move is refused, and their sockets close."""
        chosen = list(mandates)
        for mandate in chosen:
            revoke_mandate(mandate_id=mandate.pk, user_id=mandate.user_id, now=clock.now(), by_staff=True)
        self.message_user(request, f"{len(chosen)} ended.")
