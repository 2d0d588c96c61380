"""Every app's paths under one root."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.api.openapi import rest_schema
from core.web import site_files, site_pages
from core.web.drawn_pictures import drawn_picture
from core.web.media import media
from core.web.themes import theme

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
    path("theme/", theme, name="theme"),
    path("about/<slug:name>/", site_pages.about, name="about"),
    path("robots.txt", site_files.robots),
    path(".well-known/security.txt", site_files.security),
    path("favicon.ico", site_files.favicon),
    path("manifest.webmanifest", site_files.manifest, name="manifest"),
    path("service-worker.js", site_files.service_worker),
    path("offline/", site_files.offline, name="offline"),
    path("admin/", admin.site.urls),
    path("media/drawn/<slug:family>/<slug:name>.png", drawn_picture),
    path("media/<path:path>", media),
]
handler400 = "core.web.pages.bad_request"
handler404 = "core.web.pages.not_found"
handler500 = "core.web.error_responses.server_error"
