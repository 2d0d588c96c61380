"""The tables of properties."""

from properties.models.calendar import CalendarEntry, Window
from properties.models.imported import ImportedCalendar, ImportedEvent, PastEntry, ServedClosure, ToldConflict
from properties.models.listing import Location, Property, SomeBasics
from properties.models.parts import Amenity, Meal, Photo, PriceRule
from properties.models.saved import SavedHome
from properties.models.search import DayViews, SearchEntry, SearchWord

__all__ = [
    "Amenity", "CalendarEntry", "DayViews", "ImportedCalendar", "ImportedEvent", "Location", "Meal", "PastEntry", "Photo",
    "PriceRule", "Property", "SavedHome", "SearchEntry", "SearchWord", "ServedClosure", "SomeBasics", "ToldConflict",
    "Window",
]  # fmt: skip
