"""The roof: every app's paths under one root. Wiring only."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.media import media
from core.openapi import rest_schema

APPS = ("accounts", "properties", "bookings", "negotiation")

urlpatterns = [
    *(path("", include(f"{app}.urls")) for app in APPS),
    *(path("", include(f"{app}.page_urls")) for app in APPS),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("api/schema/", rest_schema, name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="core/api_docs.html"),
        name="docs",
    ),
    path("admin/", admin.site.urls),
    path("media/<path:path>", media),
]
handler404 = "core.pages.not_found"
handler500 = "core.failures.server_error"
