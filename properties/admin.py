"""Staff's view of properties: they read everything, and an action unlists a home that should not be on the market."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from accounts.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from core import clock
from properties.models import (
    Amenity,
    CalendarEntry,
    ImportedCalendar,
    Location,
    Meal,
    Photo,
    PriceRule,
    Property,
    SomeBasics,
    Window,
)  # fmt: skip
from properties.services.listings import unlist_by_staff


class LocationInline(ReadOnlyInline):
    model = Location


class BasicsInline(ReadOnlyInline):
    model = SomeBasics


class AmenityInline(ReadOnlyInline):
    model = Amenity


class MealInline(ReadOnlyInline):
    model = Meal


class PriceRuleInline(ReadOnlyInline):
    model = PriceRule


class WindowInline(ReadOnlyInline):
    model = Window


class PhotoInline(ReadOnlyInline):
    model = Photo
    fields = ("picture", "description", "position", "width", "height")
    readonly_fields = fields

    @admin.display(description="Photo")
    def picture(self, photo: Photo) -> str:
        return format_html('<img src="{}" width="160" alt="{}">', photo.thumbnail.url, photo.description)


@admin.register(Property)
class PropertyAdmin(ReadOnlyAdmin):
    list_display = ("id", "title", "host", "status", "property_type", "price", "currency", "rating_count", "listed_at")
    list_filter = ("status", "property_type", "negotiable", "instant_book")
    list_select_related = ("host",)
    search_fields = ("title", "host__username", "host__email", "location__selected_location")
    exclude = ("ical_nonce", "ical_token_hash")
    actions = ("unlist",)
    inlines = (
        LocationInline, BasicsInline, PhotoInline, AmenityInline, MealInline, PriceRuleInline, WindowInline,
    )  # fmt: skip

    @admin.action(description="Take off the market", permissions=["unlist"])
    def unlist(self, request: HttpRequest, chosen: QuerySet[Property]) -> None:
        count = unlist_by_staff(property_ids=chosen.order_by("pk").values_list("pk", flat=True), now=clock.now())
        self.message_user(request, f"{count} taken off the market; their open negotiations ended.", messages.SUCCESS)

    def has_unlist_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("properties.change_property")


@admin.register(ImportedCalendar)
class ImportedCalendarAdmin(ReadOnlyAdmin):
    """Shows neither the address, which opens the calendar to anyone who has it, nor the file."""

    list_display = ("id", "property", "name", "status", "event_count", "last_read_at", "due_at", "error_code")
    list_filter = ("status", "error_code")
    list_select_related = ("property",)
    raw_id_fields = ("property",)
    exclude = ("url", "file", "digest", "etag", "modified")
    search_fields = ("name", "property__title")


@admin.register(CalendarEntry)
class CalendarEntryAdmin(ReadOnlyAdmin):
    list_display = ("id", "property", "kind", "nights", "held_until", "created_at")
    list_filter = ("kind",)
    list_select_related = ("property",)
    raw_id_fields = ("property",)
    show_full_result_count = False

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Finds calendars by the property's id."""
        if search_term.isascii() and search_term.isdigit() and len(search_term) < 19:
            return queryset.filter(property_id=int(search_term)), False
        return queryset, False

    search_fields = ("property__id",)
