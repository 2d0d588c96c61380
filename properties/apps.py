from django.apps import AppConfig

from core import hooks


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"

    def ready(self) -> None:
        from accounts.roles import SUPPORT, grant
        from core.jobs import daily_jobs, tick_jobs
        from properties.services import listings, sweeping, tally

        hooks.account_closed.add(listings.unlist_all_of)
        tick_jobs["properties.views"] = tally.store_views
        daily_jobs["properties.drafts"] = listings.delete_stale_drafts
        daily_jobs["properties.pictures"] = sweeping.delete_orphaned_pictures
        tables = ("location", "somebasics", "photo", "amenity", "meal", "pricerule", "window", "calendarentry")
        grant(SUPPORT, "properties.view_property", "properties.change_property")
        grant(SUPPORT, *(f"properties.view_{table}" for table in tables))
