"""Homes that a person keeps: over REST, and the heart of the pages."""

from functools import partial

import pytest
from django.test import Client

import properties.services.saving as saving
from core import clock
from properties.models import Property, SavedHome
from properties.services.listings import unlist_property
from properties.services.search import refresh_search
from tests.factories.accounts import api_of
from tests.factories.properties import make_property, make_user
from tests.threads import at_once


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def listed(title, **kwargs):
    home = make_property(title=title, **kwargs)
    refresh_search([home.pk])
    return home


@pytest.mark.django_db
def test_a_home_is_kept_and_taken_out_however_often_it_is_said():
    lake, hill = listed("Lake"), listed("Hill")
    api = api_of(make_user("maya"))
    for home in (lake, hill, lake):
        assert api.put(f"/api/saved/{home.pk}/").status_code == 204
    page = api.get("/api/saved/").data
    assert [home["name"] for home in page["results"]] == ["Hill", "Lake"]
    assert (page["next"], page["unlisted"]) == (None, [])
    assert api.get(f"/api/saved/{lake.pk}/").data == page["results"][1]
    for _ in range(2):
        assert api.delete(f"/api/saved/{lake.pk}/").status_code == 204
    assert api.get(f"/api/saved/{lake.pk}/").status_code == 404
    assert api_of(make_user()).get("/api/saved/").data["results"] == []


@pytest.mark.django_db
def test_pages_follow_one_another():
    api = api_of(make_user())
    for number in range(3):
        api.put(f"/api/saved/{listed(f'Home {number}').pk}/")
    first = api.get("/api/saved/?limit=2").data
    second = api.get(first["next"]).data
    assert [home["name"] for page in (first, second) for home in page["results"]] == ["Home 2", "Home 1", "Home 0"]
    assert second["next"] is None


@pytest.mark.django_db
def test_what_can_be_kept(monkeypatch):
    api, draft = api_of(make_user()), make_property(status=Property.Status.DRAFT, title="Secret")
    gone = make_property(status=Property.Status.UNLISTED)
    codes = [api.put(f"/api/saved/{number}/").data["code"] for number in (draft.pk, 999_999, gone.pk)]
    assert codes == ["not_found", "not_found", "property.not_listed"]
    monkeypatch.setattr(saving, "MOST_SAVED", 1)
    first, second = listed("One"), listed("Two")
    assert [api.put(f"/api/saved/{home.pk}/").status_code for home in (first, second, first)] == [204, 400, 204]


@pytest.mark.django_db
def test_an_unlisted_home_tells_nothing_but_the_name_that_it_was_saved_with():
    home = listed("Lake House")
    guest = make_user()
    api = api_of(guest)
    api.put(f"/api/saved/{home.pk}/")
    unlist_property(actor=home.host, property_id=home.pk, now=clock.now())
    Property.objects.filter(pk=home.pk).update(title="Sold to Karim", price="77777")
    page = api.get("/api/saved/").data
    assert page == {"results": [], "next": None, "unlisted": [{"property_id": home.pk, "name": "Lake House"}]}
    assert api.get(f"/api/saved/{home.pk}/").status_code == 404
    assert api.put(f"/api/saved/{home.pk}/").status_code == 204
    html = browser_of(guest).get("/saved/").content.decode()
    assert "Lake House" in html
    assert not [word for word in ("Karim", "77,777", "77777") if word in html]


@pytest.mark.django_db
def test_a_stranger_s_heart_waits_for_the_sign_in():
    home, guest, browser = listed("Lake"), make_user(), Client()
    answer = browser.post(f"/saved/{home.pk}/", {"saved": "1", "next": "/homes/7/"})
    assert answer.url == f"/login/?next=%2Fsaved%2F{home.pk}%2F%3Fnext%3D%252Fhomes%252F7%252F"
    browser.force_login(guest)
    back = f"/saved/{home.pk}/?next=%2Fhomes%2F7%2F"
    assert browser.get(back).url == "/homes/7/"
    assert SavedHome.objects.filter(user=guest, property=home).exists()
    # The same address without that press saves nothing, and leads to no other site.
    SavedHome.objects.all().delete()
    assert browser.get(back).url == "/homes/7/"
    assert browser.get(f"/saved/{home.pk}/?next=https://evil.example/").url == "/saved/"
    assert not SavedHome.objects.exists()


@pytest.mark.django_db
def test_the_heart_without_scripts():
    home, guest = listed("Lake"), make_user()
    browser = browser_of(guest)
    for saved, there in (("1", True), ("1", True), ("0", False), ("0", False)):
        assert browser.post(f"/saved/{home.pk}/", {"saved": saved, "next": "/"}).url == "/"
        assert SavedHome.objects.filter(user=guest).exists() is there
        heart = f'data-save="{home.pk}" aria-pressed="{str(there).lower()}"'
        assert heart in browser.get("/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_keep_it_once_and_count_one_another(monkeypatch):
    guest, homes, now = make_user(), [listed(f"Home {number}") for number in range(4)], clock.now()
    monkeypatch.setattr(saving, "MOST_SAVED", 2)

    def keep(home):
        return partial(saving.save_home, actor=guest, property_id=home.pk, now=now)

    assert at_once(*[keep(homes[0])] * 4) == [None] * 4
    assert sorted(map(str, at_once(*map(keep, homes[1:])))) == ["None", "invalid", "invalid"]
    assert SavedHome.objects.filter(user=guest).count() == 2
