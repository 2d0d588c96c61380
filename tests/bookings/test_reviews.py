from datetime import timedelta

import pytest

from accounts.models import Notification
from bookings.models import Booking, Review, ReviewReport
from bookings.selectors.reviews import get_host_rating, list_host_reviews
from bookings.services.reviewing import hide_review, show_review
from properties.services.search import refresh_search
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def stayed(at):
    """A stay that is paid and over."""

    def make(home, guest, first=0):
        booking = make_booking(home, guest, first=first)
        Booking.objects.filter(pk=booking.pk).update(payment_status="paid")
        at(booking.check_out_at)
        return booking

    return make


def write(client, booking, rating=5, review="Calm and warm."):
    body = {"booking": booking.pk, "rating": rating, "review": review}
    return client.post(f"/api/review/{booking.property_id}/", body)


def rating_of(home):
    home.refresh_from_db()
    return home.rating_sum, home.rating_count


def test_a_review_and_the_hosts_one_answer(sign_in, api, stayed):
    home, guest = make_property(), make_user(first_name="Nadia", last_name="Islam")
    booking = stayed(home, guest)
    answer = write(sign_in(guest), booking, rating="4")
    assert answer.status_code == 201, answer.json()
    assert rating_of(home) == (4, 1)
    assert Notification.objects.get(user=home.host).kind == "review.written"
    [shown] = api.get(f"/api/review/{home.pk}/", headers={"Authorization": "Token none"}).json()
    assert shown == {
        "id": answer.json()["id"],
        "rating": 4,
        "review": "Calm and warm.",
        "reviewer_name": "Nadia Islam",
        "date": "2027-03-04",
        "answer": "",
        "answered_at": None,
    }
    path = f"/api/review/{home.pk}/{shown['id']}/answer/"
    assert sign_in(guest).post(path, {"answer": "x"}).status_code == 404
    assert sign_in(home.host).post(path, {"answer": "Come again."}).json()["answer"] == "Come again."
    again = sign_in(home.host).post(path, {"answer": "Once more."})
    assert (again.status_code, again.json()["code"]) == (409, "booking.wrong_state")


def test_who_may_not_review(sign_in, stayed, at):
    home, guest = make_property(), make_user()
    booking = stayed(home, guest)
    assert write(sign_in(home.host), booking).status_code == 404
    assert write(sign_in(make_user()), booking).status_code == 404
    booking.property_id = make_property().pk
    assert write(sign_in(guest), booking).status_code == 404
    booking.property_id = home.pk
    at(booking.check_out_at - timedelta(seconds=1))
    assert write(sign_in(guest), booking).json()["code"] == "booking.wrong_state"
    at(booking.check_out_at)
    assert write(sign_in(guest), booking).status_code == 201
    assert write(sign_in(guest), booking).json()["code"] == "booking.wrong_state"
    unpaid = make_booking(home, guest, first=10)
    at(unpaid.check_out_at)
    assert write(sign_in(guest), unpaid).json()["code"] == "booking.wrong_state"
    assert rating_of(home) == (5, 1)


@pytest.mark.parametrize("rating", [0, 6, "", None, "good", True, 4.5, 10**20])
def test_a_rating_that_is_none(sign_in, stayed, rating):
    guest = make_user()
    answer = write(sign_in(guest), stayed(make_property(), guest), rating=rating)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_signed_out_nobody_writes_and_drafts_have_none(api):
    home = make_property(status="draft")
    assert api.get(f"/api/review/{home.pk}/").status_code == 404
    assert api.get("/api/review/999999/").status_code == 404
    assert api.post(f"/api/review/{home.pk}/", {}).status_code == 401


def test_staff_hide_what_was_reported_and_show_it_again(sign_in, api, stayed):
    home, guest, reader = make_property(), make_user(), make_user()
    review_id = write(sign_in(guest), stayed(home, guest)).json()["id"]
    path = f"/api/review/{home.pk}/{review_id}/report/"
    assert [sign_in(reader).post(path, {"reason": "Rude."}).status_code for _ in range(2)] == [201, 201]
    assert ReviewReport.objects.get().reason == "Rude."
    for _ in range(2):
        hide_review(review_id=review_id, now=NOW)
    assert (rating_of(home), ReviewReport.objects.get().outcome) == ((0, 0), "hidden")
    assert api.get(f"/api/review/{home.pk}/").json() == []
    assert (list_host_reviews(home.host_id), get_host_rating(home.host_id)) == ([], (None, 0))
    for _ in range(2):
        show_review(review_id=review_id, now=NOW)
    assert (rating_of(home), Review.objects.get().hidden_at) == ((5, 1), None)
    assert get_host_rating(home.host_id)[1] == 1


def test_the_mean_is_rounded_the_same_everywhere(sign_in, stayed, api):
    """33 stars of 8 reviews are 4.125."""
    home, guest = make_property(), make_user()
    refresh_search([home.pk])
    for n, stars in enumerate((5, 5, 5, 5, 5, 4, 2, 2)):
        write(sign_in(guest), stayed(home, guest, first=4 * n), rating=stars)
    assert api.get(f"/api/property/{home.pk}/").data["rating"] == 4.13
    profile = api.get(f"/auth/host_profile/{home.host_id}/").data
    assert (profile["rating"], profile["listings"][0]["rating"]) == (4.13, 4.13)
    [found] = api.get("/api/properties/search/").data["results"]
    assert found["rating"] == 4.13
