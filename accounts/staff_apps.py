"""Django's admin with the staff's own site. In a module of its own: it is read before any table is known."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class StaffSiteConfig(AdminConfig):
    """In INSTALLED_APPS in place of Django's."""

    default_site = "accounts.staff_site.StaffSite"
