"""REST paths of this app, each written in full from the root."""

from django.urls import URLPattern, URLResolver, path, re_path

import core.api.path_converters  # noqa: F401 - registers <id:…>
from properties.views import calendar, feeds, photos, registration, saved, search

STEPS = "api/property_registration/step"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{STEPS}1/", registration.StartView.as_view(), name="registration-start"),
    *(
        path(f"{STEPS}{view.step}/<id:property_id>/", view.as_view(), name=f"registration-step{view.step}")
        for view in registration.STEP_VIEWS
    ),
    path(f"{STEPS}2/<id:property_id>/photos/", photos.PhotosView.as_view(), name="registration-photos"),
    path(f"{STEPS}2/<id:property_id>/photos/<id:photo_id>/", photos.PhotoView.as_view(), name="registration-photo"),
    path("api/complete_registration/<id:property_id>/", registration.RegistrationView.as_view(), name="registration"),
    path("api/mylistings/", registration.MyListingsView.as_view(), name="my-listings"),
    path("api/properties/search/", search.SearchView.as_view(), name="search"),
    path("api/properties/places/", search.PlacesView.as_view(), name="places"),
    path("api/saved/", saved.SavedHomesView.as_view(), name="saved-homes"),
    path("api/saved/<id:property_id>/", saved.SavedHomeView.as_view(), name="saved-home"),
    path("api/property/<id:property_id>/availability/", calendar.AvailabilityView.as_view(), name="availability"),
    path("api/property/<id:property_id>/quote/", calendar.QuoteView.as_view(), name="quote"),
    path("api/property/<id:property_id>/block/", calendar.IntervalView.as_view(verb="block"), name="block"),
    path(
        "api/property/<id:property_id>/mark_interval_available/",
        calendar.IntervalView.as_view(verb="free"),
        name="mark-interval-available",
    ),
    path("api/property/<id:property_id>/price/", calendar.PriceView.as_view(), name="price"),
    path("api/property/<id:property_id>/unlist/", calendar.MarketView.as_view(), name="unlist"),
    path("api/property/<id:property_id>/relist/", calendar.MarketView.as_view(verb="relist"), name="relist"),
    path("api/property/<id:property_id>/ical/", calendar.FeedAddressView.as_view(), name="feed-address"),
    re_path(r"^ical/(?P<token>[A-Za-z0-9_-]{43})\.ics$", feeds.feed, name="feed"),
]
