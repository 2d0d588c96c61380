"""The staff's site: one door for everybody, a second factor for the staff, and what is open on its first page.

Outside the package of the staff's tables, which registers them with this site while it is imported.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse

from accounts.models import User
from accounts.staff_sessions import has_staff_powers
from core import clock


class StaffSite(AdminSite):
    """Django's admin for those who signed in with a second factor."""

    site_header = site_title = "StayNest"
    index_title = "Staff"

    def has_permission(self, request: HttpRequest) -> bool:
        return has_staff_powers(request, clock.now())

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the log-in page of the product, whose limits hold here too; staff without a second factor set one up first."""
        wanted = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        user = request.user
        if self.has_permission(request):
            return redirect("admin:index")
        if isinstance(user, User) and user.is_staff:
            return redirect(f"{reverse('second_step')}?{wanted}")
        return redirect(f"{reverse('login')}?{wanted}")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        from accounts.admin import audit, open_work

        own = [
            path("open/", self.admin_view(open_work.page), name="open_work"),
            path("audit/<str:what>.csv", self.admin_view(audit.export), name="audit_export"),
        ]
        return [*own, *super().get_urls()]
