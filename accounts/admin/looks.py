"""The looks that staff took at contact data of users."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.read_only import ReadOnlyAdmin
from accounts.models import ContactAccess


@admin.register(ContactAccess)
class ContactAccessAdmin(ReadOnlyAdmin):
    """Every look at a person's e-mail, phone or address."""

    list_display = ("user", "viewer", "address", "at")
    list_select_related = ("user", "viewer")
    search_fields = ("viewer__username", "user__username", "address")
    ordering = ("-id",)
    show_full_result_count = False
