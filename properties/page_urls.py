"""Web pages of this app, each path written in full from the root."""

from django.urls import URLPattern, URLResolver, path

import core.api.path_converters  # noqa: F401 - registers `id`
from properties.pages import hosting, saved, search, wizard

urlpatterns: list[URLPattern | URLResolver] = [
    path("", search.home, name="home"),
    path("found/", search.found_homes, name="found"),
    path("found/<id:property_id>/", search.found_home, name="found_home"),
    path("saved/", saved.saved_homes, name="saved_homes"),
    path("saved/<id:property_id>/", saved.saved_home, name="saved_home"),
    path("hosting/", hosting.hosting, name="hosting"),
    path("hosting/new/", wizard.new_listing, name="new_listing"),
    path("hosting/<id:property_id>/", hosting.listing, name="listing"),
    path("hosting/<id:property_id>/step/<id:step>/", wizard.listing_step, name="listing_step"),
    *(
        path(f"hosting/<id:property_id>/{verb}/", hosting.change_listing, {"verb": verb}, name=f"listing_{verb}")
        for verb in ("unlist", "relist", "feed")
    ),
]
