from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from bookings.models import Booking, Review
from core import clock
from demo.listing import VIEW_DAYS
from negotiation.models import Entry, Negotiation
from negotiation.services.superhosts import recompute_hosts
from properties.models import DayViews, Photo, Property, SearchEntry


@pytest.fixture(autouse=True)
def _media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


def counts():
    return [model.objects.count() for model in (User, Property, Photo, Booking, Review, Negotiation, Entry)]


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_whole_and_loaded_once():
    said = StringIO()
    call_command("seed_demo", stdout=said)
    assert "rahim" in said.getvalue()
    assert "staynest-demo" in said.getvalue()
    assert SearchEntry.objects.count() == 12
    assert Photo.objects.count() == 48
    assert Negotiation.objects.filter(status="open").count() == 5
    assert Booking.objects.filter(status="confirmed").exists()
    assert Review.objects.count() == 11
    assert Property.objects.get(title="Lake House on Kaptai").rating_count == 2
    for days in (0, 2):  # earned, so the daily command takes nothing away
        recompute_hosts(clock.now() + timedelta(days=days))
        assert [*User.objects.filter(superhost=True).values_list("username", flat=True)] == ["nasrin"]
    assert not DayViews.objects.filter(date__lt=clock.now().date() - timedelta(days=VIEW_DAYS)).exists()
    before = counts()
    call_command("seed_demo", stdout=said)
    assert counts() == before


@pytest.mark.django_db
def test_real_peoples_names_are_left_alone():
    User.objects.create(username="maya", email="maya@example.com")
    said = StringIO()
    call_command("seed_demo", stdout=said)
    assert "No demo" in said.getvalue()
    assert User.objects.count() == 1
