"""Tables that staff read and never write by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class ReadOnly:
    """Staff with the view permission see these rows; only the product itself changes them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):
    """A table to read."""


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows to read in another table's page."""

    extra = 0
    can_delete = False
