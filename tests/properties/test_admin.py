import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.roles import granted
from properties.models import Property, SearchEntry
from properties.services.search import refresh_search
from tests.factories.accounts import sign_in
from tests.factories.properties import make_entry, make_property, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/properties/property/"


def staff(**fields):
    client = Client()
    sign_in(client, make_user(is_staff=True, **fields))
    return client


@pytest.fixture
def support():
    user = make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="support"))
    client = Client()
    sign_in(client, user)
    return client


def test_support_reads_homes_and_takes_one_off_the_market(support):
    row = make_property()
    make_entry(row, "2027-01-01", "2027-01-05")
    refresh_search([row.pk])
    assert support.get(ADDRESS, {"q": "lake"}).status_code == 200
    page = support.get(f"{ADDRESS}{row.pk}/change/")
    assert page.status_code == 200
    assert "ical" not in page.content.decode()
    assert support.get("/admin/properties/calendarentry/", {"q": str(row.pk)}).status_code == 200
    answer = support.post(ADDRESS, {"action": "unlist", "_selected_action": [row.pk]})
    assert answer.status_code == 302
    assert Property.objects.get(pk=row.pk).status == "unlisted"
    assert not SearchEntry.objects.exists()


def test_nobody_edits_by_hand(support):
    row = make_property()
    support.post(f"{ADDRESS}{row.pk}/change/", {"title": "Mine"})
    assert Property.objects.get(pk=row.pk).title == "Lake House"
    assert support.get(f"{ADDRESS}add/").status_code == 403
    assert support.post(f"{ADDRESS}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_others_on_the_staff_see_nothing():
    row = make_property()
    client = staff()
    assert client.get(ADDRESS).status_code == 403
    client.post(ADDRESS, {"action": "unlist", "_selected_action": [row.pk]})
    assert Property.objects.get(pk=row.pk).status == "listed"
    assert "properties.change_property" in granted("support")
