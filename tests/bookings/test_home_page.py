"""A home's page: the host beside it, homes like it, all reviews, what other sites show of it. No exact place anywhere."""

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import UserProfile
from accounts.rules.answer_speed import speed_of
from bookings.models import Review
from bookings.pages.home_reviews import star_bars
from core import clock
from properties.models import Location, Property
from properties.rules.similar import SHOWN, most_alike
from properties.services.search import refresh_search
from tests.factories.bookings import make_booking
from tests.factories.properties import make_entry
from tests.factories.stays import day, make_host, make_property, make_user


def listed(title, **kwargs):
    home = make_property(kwargs.pop("host", None), title=title, **kwargs)
    refresh_search([home.pk])
    return home


def moved(home, latitude, longitude):
    Location.objects.filter(property=home).update(
        latitude=latitude, longitude=longitude, public_latitude=latitude, public_longitude=longitude
    )
    refresh_search([home.pk])
    return home


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        ([], []),
        ([(1, "House")], []),
        ([(1, "House"), (2, "Cabin"), (3, "House"), (4, "Cabin")], [3, 2, 4]),
        ([(n, "House") for n in range(1, 9)], [2, 3, 4, 5]),
    ],
)
def test_of_the_nearest_those_of_the_same_kind_come_first(kinds, shown):
    assert most_alike(kinds, property_id=1, kind="House") == shown
    assert len(shown) <= SHOWN


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, None),
        (3600, "within an hour"),
        (3601, "within a few hours"),
        (86400, "within a day"),
        (86401, "a few days or more"),
    ],
)
def test_answers_in_words(seconds, words):
    assert speed_of(seconds) == words


def test_bars_of_stars():
    assert [bar["percent"] for bar in star_bars({5: 2, 4: 1, 3: 0, 2: 0, 1: 1})] == [50, 25, 0, 0, 25]
    assert [bar["percent"] for bar in star_bars({})] == []


@pytest.mark.django_db
def test_similar_homes_are_near_of_that_price_listed_and_free_on_these_nights():
    home = moved(listed("Lake", price="1000.00"), 23.7, 90.4)
    near = moved(listed("Near", price="1100.00"), 23.75, 90.42)
    taken = moved(listed("Taken", price="900.00"), 23.72, 90.41)
    make_entry(taken, day(10), day(12))
    moved(listed("Far", price="1000.00"), 22.3, 91.8)
    moved(listed("Dear", price="1700.00"), 23.71, 90.4)
    hidden = moved(listed("Hidden", price="1000.00"), 23.71, 90.4)
    Property.objects.filter(pk=hidden.pk).update(status=Property.Status.UNLISTED)
    refresh_search([hidden.pk])

    def names(query):
        html = Client().get(f"/homes/{home.pk}/similar/?{query}").content.decode()
        return set(re.findall(r'home__title"><a[^>]*>([^<]+)', html)), html

    assert names("")[0] == {"Near", "Taken"}
    for nonsense in ("check_in=x&check_out=y&guests=%00", "check_in=2020-01-01&check_out=2020-01-03"):
        assert names(nonsense)[0] == {"Near", "Taken"}
    found, html = names(f"check_in={day(10)}&check_out={day(12)}&guests=2")
    assert found == {"Near"}
    assert f"/homes/{near.pk}/?check_in={day(10)}&amp;check_out={day(12)}&amp;guests=2" in html
    assert "free on the same nights" in html


@pytest.mark.django_db
def test_the_page_shows_its_host_and_how_the_host_answers():
    host = make_host("hasan")
    home = listed("Lake", host=host)
    UserProfile.objects.update_or_create(
        user=host, defaults={"response_rate": Decimal(97), "response_seconds": 3000, "phone": "+8801711111111"}
    )
    html = " ".join(Client().get(f"/homes/{home.pk}/").content.decode().split())
    assert f'href="/homes/{home.pk}/ask/?guests' in html or f'href="/homes/{home.pk}/ask/' in html
    for words in (f"Hosted by {host.name}", "1 home", "Answers 97 % of first offers, within an hour"):
        assert words in html
    for secret in (host.email, "+8801711111111"):
        assert secret not in html


@pytest.mark.django_db
def test_the_exact_place_is_nowhere_in_the_page():
    home = listed("Lake")
    place = Location.objects.get(property=home)
    Location.objects.filter(property=home).update(latitude="23.654321", longitude="90.123456", road_number="77A")
    html = Client().get(f"/homes/{home.pk}/").content.decode()
    assert str(place.public_latitude) in html
    assert not [secret for secret in ("23.6543", "90.1234", "77A") if secret in html]


@pytest.mark.django_db
def test_what_other_sites_show_of_it():
    home = listed("Lake <House>", description='By the "water"\nand far.', price="1234.00")
    html = Client().get(f"/homes/{home.pk}/?check_in=2027-01-01", HTTP_ACCEPT_LANGUAGE="bn").content.decode()
    tags = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)"', html))
    assert tags["og:url"] == f"http://testserver/homes/{home.pk}/"
    assert f'<link rel="canonical" href="http://testserver/homes/{home.pk}/">' in html
    assert tags["og:title"].startswith("Lake &lt;House&gt; · ")
    assert tags["og:locale"] == "bn_BD"
    assert tags["og:image"].startswith("http://testserver/media/")
    assert "&quot;water&quot; and far." in tags["og:description"]
    [text] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    about = json.loads(text)
    assert (about["@type"], about["name"], about["url"]) == ("VacationRental", "Lake <House>", tags["og:url"])


@pytest.mark.django_db
def test_all_reviews_in_the_order_asked_for_page_by_page(monkeypatch):
    monkeypatch.setattr("bookings.pages.home_reviews.PAGE", 2)
    home, now = listed("Lake"), clock.now()
    for first, rating in ((40, 5), (50, 2), (60, 4)):
        stay = make_booking(home, make_user(), now=now, first=first)
        Review.objects.create(
            booking=stay, property=home, guest=stay.guest, rating=rating, text=f"Stars {rating}", created_at=now
        )
    late = make_booking(home, make_user(), now=now, first=70)
    Review.objects.create(
        booking=late, property=home, guest=late.guest, rating=1, text="Not yet", created_at=now,
        shows_at=now + timedelta(days=1),
    )  # fmt: skip

    def said(query):
        answer = Client().get(f"/homes/{home.pk}/reviews/?{query}")
        assert answer.status_code == 200
        return [int(stars) for stars in re.findall(r"Stars (\d)</p>", answer.content.decode())]

    assert (said("sort=best"), said("sort=best&page=2")) == ([5, 4], [2])
    assert (said("sort=worst"), said("sort=worst&page=2")) == ([2, 4], [5])
    for nonsense in ("", "sort=x&page=-1", "sort=newest&page=%E0%A7%A8x"):
        assert said(nonsense) == [4, 2]
    Property.objects.filter(pk=home.pk).update(status=Property.Status.UNLISTED)
    assert Client().get(f"/homes/{home.pk}/reviews/").status_code == 404
