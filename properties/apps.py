from django.apps import AppConfig

from core import hooks


class PropertiesConfig(AppConfig):
    name = "properties"
    verbose_name = "Properties"

    def ready(self) -> None:
        from properties.services import listings, tally

        hooks.account_closed.add(listings.unlist_all_of)
        hooks.tick_jobs["views"] = tally.store_views
        hooks.daily_jobs["stale drafts"] = listings.delete_stale_drafts
