"""Tables that staff read and never write by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
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

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only by what is shown: Django lets the address of a list ask for every column (`?guest_limit__gte=5000`), and so
        would tell what staff are not shown."""
        filters = [f[0] if isinstance(f, tuple) else getattr(f, "parameter_name", f) for f in self.list_filter]
        fields = flatten_fieldsets(self.get_fieldsets(request))
        shown = ("id", *self.list_display, *fields, *filters, self.date_hierarchy)
        is_shown = lookup.split("__")[0] in {str(name).split("__")[0] for name in shown}
        return is_shown and super().lookup_allowed(lookup, value, request)


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows to read in another table's page."""

    extra = 0
    can_delete = False
