"""What users were told."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.models import Notification


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Shows what a user was told, and when."""

    list_display = ("id", "user", "kind", "title", "at", "read_at", "mailed_at")
    list_filter = ("kind",)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "title")
    ordering = ("-id",)
    show_full_result_count = False
