"""The tables of the host's floor."""

from properties.models.calendar import CalendarEntry, Window
from properties.models.listing import Location, Property, SomeBasics
from properties.models.parts import Amenity, Meal, Photo, PriceRule
from properties.models.search import DayViews, SearchEntry, SearchWord

__all__ = [
    "Amenity", "CalendarEntry", "DayViews", "Location", "Meal", "Photo", "PriceRule", "Property", "SearchEntry",
    "SearchWord", "SomeBasics", "Window",
]  # fmt: skip
