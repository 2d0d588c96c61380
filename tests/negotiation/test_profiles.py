"""Profiles of hosts and guests: what everybody sees, and what only the other party of a settled booking does."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.drawings import drawn_person
from accounts.models import User, UserProfile
from bookings.models import Booking, GuestReview, Review
from core import clock
from negotiation.selectors.profiles import get_host_profile, speed_of
from properties.models import Photo
from tests.factories.accounts import api_of, make_user
from tests.factories.bookings import make_booking
from tests.factories.properties import make_property

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> User:
    user = make_user("rahim", first_name="Rahim", is_host=True, verified=True, superhost=True)
    UserProfile.objects.create(user=user, phone="+880 1", response_rate="92.50", response_seconds=5000)
    return user


@pytest.fixture
def guest() -> User:
    user = make_user("mina", first_name="Mina")
    UserProfile.objects.create(user=user, phone="+880 2")
    return user


def settled(booking: Booking, **fields: Any) -> Booking:
    """The booking as it is once paid, with check-out tomorrow."""
    values = {"payment_status": "paid", "check_out_at": clock.now() + timedelta(days=1)} | fields
    Booking.objects.filter(pk=booking.pk).update(**values)
    return booking


def review(booking: Booking, rating: int, **fields: Any) -> Review:
    return Review.objects.create(
        booking=booking, property=booking.property, guest=booking.guest, rating=rating, text="Calm.",
        created_at=clock.now(), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["host_profile", "host_profile_details"])
@pytest.mark.parametrize("header", [{}, {"HTTP_AUTHORIZATION": "Token nonsense"}])
def test_everybody_sees_a_host(host: User, guest: User, name: str, header: Any) -> None:
    home = make_property(host, rating_sum=9, rating_count=2)
    Photo.objects.create(property=home, image="photos/a.jpg", thumbnail="photos/a-s.jpg")
    make_property(host, status="unlisted")
    review(make_booking(home, guest), 4)
    answer = APIClient().get(f"/auth/{name}/{host.pk}/", **header)
    assert answer.status_code == 200
    today = clock.now().date().isoformat()
    assert answer.data == {
        "host_id": host.pk,
        "name": "Rahim",
        "super_host": True,
        "verified": True,
        "profile_pic": f"http://testserver/media/{drawn_person(host.pk, host.first_name, host.last_name, host.username)}",
        "joined": host.date_joined.date().isoformat(),
        "response_rate": 92.5,
        "response_time": "within a few hours",
        "reviews": [
            {
                "id": Review.objects.get().pk,
                "rating": 4,
                "review": "Calm.",
                "reviewer_name": "Mina",
                "date": today,
                "property_id": home.pk,
                "answer": None,
            }
        ],
        "rating": 4.0,
        "reviews_count": 1,
        "listings": [
            {
                "property_id": home.pk,
                "name": "Lake House",
                "photo": "http://testserver/media/photos/a-s.jpg",
                "location_name": "Gulshan, Dhaka",
                "price_per_night": "1000.00",
                "currency": "BDT",
                "rating": 4.5,
                "reviews_count": 2,
            }
        ],
    }


def test_hidden_reviews_are_nowhere(host: User, guest: User) -> None:
    review(make_booking(make_property(host), guest), 1, hidden_at=clock.now())
    answer = APIClient().get(f"/auth/host_profile/{host.pk}/")
    assert (answer.data["reviews"], answer.data["rating"], answer.data["reviews_count"]) == ([], None, 0)


def test_who_is_no_host_has_no_such_profile(guest: User) -> None:
    api = APIClient()
    for user_id in (guest.pk, 0, 10**17, make_user(is_host=True, is_active=False).pk):
        assert api.get(f"/auth/host_profile/{user_id}/").status_code == 404
    for text in ("null", "x", "9" * 30, "-1"):
        assert api.get(f"/auth/host_profile/{text}/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({}, True),
        ({"payment_status": "on_arrival"}, True),
        ({"status": "completed"}, True),
        ({"payment_status": "due"}, False),
        ({"payment_status": "processing", "processing_since": clock.now()}, False),
        ({"payment_status": "refunded"}, False),
        ({"status": "cancelled"}, False),
        ({"status": "pending", "payment_status": "due", "hold_expires_at": clock.now()}, False),
        ({"check_out_at": clock.now() - timedelta(days=29)}, True),
        ({"check_out_at": clock.now() - timedelta(days=31)}, False),
    ],
)
def test_contact_is_for_the_parties_of_a_settled_booking(
    host: User, guest: User, fields: dict[str, Any], seen: bool
) -> None:
    settled(make_booking(make_property(host), guest), **fields)
    by_guest = api_of(guest).get(f"/auth/host_profile/{host.pk}/").data
    by_host = api_of(host).get(f"/auth/guest_profile/{guest.pk}/").data
    assert ("email" in by_guest, "phone" in by_guest, "email" in by_host, "phone" in by_host) == (seen,) * 4
    for viewer in (api_of(make_user(is_host=True)), APIClient()):
        assert "email" not in viewer.get(f"/auth/host_profile/{host.pk}/").data


def test_the_address_stays_with_a_guest_whose_stay_is_settled_when_the_home_is_unlisted(
    host: User, guest: User
) -> None:
    home = make_property(host, status="unlisted")
    address = f"/api/property/{home.pk}/"
    booking = make_booking(home, guest)
    assert api_of(guest).get(address).data["code"] == "property.not_listed"
    settled(booking)
    assert api_of(guest).get(address).data["address"]["latitude"] == float(home.location.latitude)
    assert APIClient().get(address).data["code"] == "property.not_listed"


def test_a_host_who_left_is_there_for_guests_whose_stay_is_agreed(host: User, guest: User) -> None:
    settled(make_booking(make_property(host), guest))
    User.objects.filter(pk=host.pk).update(is_active=False)
    assert api_of(guest).get(f"/auth/host_profile/{host.pk}/").data["email"] == host.email
    assert APIClient().get(f"/auth/host_profile/{host.pk}/").status_code == 404


def test_a_guest_is_seen_only_by_hosts_who_deal_with_them(host: User, guest: User) -> None:
    path = f"/auth/guest_profile/{guest.pk}/"
    assert APIClient().get(path).status_code == 401
    assert [api_of(viewer).get(path).status_code for viewer in (host, guest, make_user(is_host=True))] == [404] * 3
    booking = make_booking(make_property(host), guest)
    GuestReview.objects.create(booking=booking, guest=guest, host=host, rating=5, text="Kind.", created_at=clock.now())
    answer = api_of(host).get(path)
    assert (answer.status_code, answer.data["name"], answer.data["guest_id"]) == (200, "Mina", guest.pk)
    assert answer.data["reviews"][0]["rating"] == 5
    assert api_of(make_user(is_host=True)).get(path).status_code == 404
    assert api_of(guest).get(f"/auth/guest_profile/{host.pk}/").status_code == 404


def test_queries_do_not_grow_with_what_is_shown(
    host: User, guest: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(6):
        home = make_property(host)
        Photo.objects.create(property=home, image="photos/a.jpg", thumbnail="photos/a-s.jpg")
        review(make_booking(home, guest, first=4 * number), 4)
    with django_assert_max_num_queries(5):
        shown = get_host_profile(host.pk, viewer=None, now=clock.now(), absolute=str)
    assert (len(shown["reviews"]), len(shown["listings"])) == (6, 6)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, None),
        (0, "within an hour"),
        (3600, "within an hour"),
        (3601, "within a few hours"),
        (86400, "within a day"),
        (86401, "a few days or more"),
    ],
)
def test_how_quickly_a_host_answers(seconds: int | None, words: str | None) -> None:
    assert speed_of(seconds) == words
