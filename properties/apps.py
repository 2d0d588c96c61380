from django.apps import AppConfig

from core import hooks


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"

    def ready(self) -> None:
        from accounts import open_work, reporting
        from accounts.roles import SUPPORT, grant
        from core.jobs import Lane, Portions, daily_jobs, lanes, tick_jobs
        from core.web.drawn_pictures import add_family
        from properties.drawings import draw_dish, draw_home
        from properties.importing import metrics
        from properties.selectors.open_work import LISTS
        from properties.services import calendar_readings, listings, orphaned_pictures, people, view_counts

        add_family("home", draw_home)
        add_family("dish", draw_dish)
        hooks.account_closed.add(listings.unlist_all_of)
        hooks.account_exported.add(people.put_into_export)
        hooks.account_erased.add(people.erase_homes)
        for work in LISTS:
            open_work.add(work)
        reporting.kinds["listing"] = reporting.Reportable(people.find_listing, people.remove_listing)
        tick_jobs["properties.views"] = view_counts.store_views
        daily_jobs["properties.drafts"] = Portions(listings.delete_stale_drafts, listings.DRAFTS_AT_ONCE)
        lanes["properties.calendars"] = Lane("properties.importing.lane")
        metrics.watch()
        daily_jobs["properties.calendars"] = calendar_readings.forget_past
        daily_jobs["properties.pictures"] = orphaned_pictures.delete_orphaned_pictures
        tables = (
            "location",
            "somebasics",
            "photo",
            "amenity",
            "meal",
            "pricerule",
            "window",
            "calendarentry",
            "importedcalendar",
        )
        grant(SUPPORT, "properties.view_property", "properties.change_property")
        grant(SUPPORT, *(f"properties.view_{table}" for table in tables))
