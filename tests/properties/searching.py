"""Homes to be found, and what REST finds."""

from datetime import timedelta

from core import clock
from properties.models import Amenity
from properties.services.search import refresh_search
from tests.factories.properties import make_property

ADDRESS = "/api/properties/search/"
TODAY = clock.now().date()


def day(n):
    return TODAY + timedelta(n)


def home(title="Lake House", place="Gulshan, Dhaka", at=(23.78, 90.40), amenities=(), host=None, **fields):
    row = make_property(host, title=title, **fields)
    latitude, longitude = at
    row.location.__class__.objects.filter(pk=row.pk).update(
        selected_location=place, public_latitude=latitude, public_longitude=longitude
    )
    Amenity.objects.bulk_create(Amenity(property=row, kind="regular", name=name) for name in amenities)
    refresh_search([row.pk])
    return row


def found(api, **asked):
    response = api.get(ADDRESS, asked)
    assert response.status_code == 200, response.data
    return [row["name"] for row in response.data["results"]]


def stay(first=10, last=13):
    return {"check_in": day(first).isoformat(), "check_out": day(last).isoformat()}
