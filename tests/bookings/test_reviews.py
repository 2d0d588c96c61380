from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.models import Notification, SignInPlace, UserProfile
from accounts.selectors.places import place_of
from bookings.models import Booking, Payment, Review, ReviewReport
from bookings.selectors.reviews import get_host_rating, list_host_reviews
from bookings.services.rating import count_shown_reviews
from bookings.services.review_answers import hide_review, show_review
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


def write_back(client, booking, rating=5, review="Kind and tidy."):
    """The host's word on the guest; both can be read then."""
    return client.put(f"/api/booking/{booking.pk}/review/", {"rating": rating, "review": review})


def both(sign_in, booking, rating=5):
    answer = write(sign_in(booking.guest), booking, rating)
    assert write_back(sign_in(booking.host), booking).status_code == 200
    return answer


def rating_of(home):
    home.refresh_from_db()
    return home.rating_sum, home.rating_count


def test_a_review_and_the_hosts_one_answer(sign_in, api, stayed):
    home, guest = make_property(), make_user(first_name="Nadia", last_name="Islam")
    booking = stayed(home, guest)
    answer = write(sign_in(guest), booking, rating="4")
    assert answer.status_code == 201, answer.json()
    assert Notification.objects.get(user=home.host).kind == "review.written"
    assert (rating_of(home), api.get(f"/api/review/{home.pk}/").json()) == ((0, 0), [])
    assert write_back(sign_in(home.host), booking).json()["theirs"]["rating"] == 4
    assert Notification.objects.get(user=guest).kind == "review.written"
    assert rating_of(home) == (4, 1)
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
    at(booking.check_out_at + timedelta(days=60))
    assert write_back(sign_in(home.host), booking).json()["code"] == "booking.wrong_state"


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
    booking = stayed(home, guest)
    review_id, later = both(sign_in, booking).json()["id"], booking.check_out_at
    path = f"/api/review/{home.pk}/{review_id}/report/"
    assert [sign_in(reader).post(path, {"reason": "Rude."}).status_code for _ in range(2)] == [201, 201]
    assert ReviewReport.objects.get().reason == "Rude."
    for _ in range(2):
        hide_review(review_id=review_id, now=later)
    assert (rating_of(home), ReviewReport.objects.get().outcome) == ((0, 0), "hidden")
    assert api.get(f"/api/review/{home.pk}/").json() == []
    assert (list_host_reviews(home.host_id, now=later), get_host_rating(home.host_id, now=later)) == ([], (None, 0))
    for _ in range(2):
        show_review(review_id=review_id, now=later)
    assert (rating_of(home), Review.objects.get().hidden_at) == ((5, 1), None)
    assert get_host_rating(home.host_id, now=later)[1] == 1


def test_the_mean_is_rounded_the_same_everywhere(sign_in, stayed, api):
    """33 stars of 8 reviews are 4.125."""
    home, guest = make_property(), make_user()
    refresh_search([home.pk])
    for n, stars in enumerate((5, 5, 5, 5, 5, 4, 2, 2)):
        both(sign_in, stayed(home, guest, first=4 * n), rating=stars)
    assert api.get(f"/api/property/{home.pk}/").data["rating"] == 4.13
    profile = api.get(f"/auth/host_profile/{home.host_id}/").data
    assert (profile["rating"], profile["listings"][0]["rating"]) == (4.13, 4.13)
    [found] = api.get("/api/properties/search/").data["results"]
    assert found["rating"] == 4.13


def test_nobody_reads_the_others_words_before_both_are_written(sign_in, stayed):
    booking = stayed(make_property(), make_user())
    write(sign_in(booking.guest), booking, rating=2, review="Loud.")
    path = f"/api/booking/{booking.pk}/review/"
    seen = sign_in(booking.host).get(path).json()
    assert (seen["mine"], seen["theirs"], seen["theirs_written"], seen["is_open"]) == (None, None, True, True)
    assert sign_in(make_user()).get(path).status_code == 404
    write_back(sign_in(booking.host), booking, rating=3)
    shown = [sign_in(side).get(path).json() for side in (booking.guest, booking.host)]
    assert [(one["mine"]["rating"], one["theirs"]["rating"]) for one in shown] == [(2, 3), (3, 2)]
    # Who has read the other's words changes nothing any more.
    assert write_back(sign_in(booking.host), booking, rating=1).json()["code"] == "booking.wrong_state"
    assert sign_in(booking.guest).delete(path).json()["code"] == "booking.wrong_state"


def test_a_review_is_changed_or_taken_back_within_an_hour(sign_in, stayed, at):
    booking = stayed(make_property(), make_user())
    client, path, then = sign_in(booking.guest), f"/api/booking/{booking.pk}/review/", booking.check_out_at
    write(client, booking, rating=2)
    at(then + timedelta(minutes=59))
    changed = client.put(path, {"rating": 3, "review": "Better than I thought."}).json()["mine"]
    assert (changed["rating"], changed["review"], changed["shown"]) == (3, "Better than I thought.", False)
    assert [client.delete(path).status_code for _ in range(2)] == [204, 204]
    assert client.put(path, {"rating": 4, "review": "Calm."}, headers={"Idempotency-Key": "put"}).status_code == 200
    at(then + timedelta(minutes=59, hours=1))
    assert client.put(path, {"rating": 4, "review": "Calm."}).status_code == 200
    refused = [client.put(path, {"rating": 5, "review": "Calm."}), client.delete(path)]
    assert [(one.status_code, one.json()["code"]) for one in refused] == [(409, "booking.wrong_state")] * 2
    assert Review.objects.get().rating == 4
    # A key that is sent again after its review was taken back writes no second one.
    at(then + timedelta(hours=1))
    posted = {"booking": booking.pk, "rating": 5, "review": "Calm."}
    keyed = {"headers": {"Idempotency-Key": "post"}}
    assert client.delete(path).status_code == 204
    assert client.put(path, {"rating": 4, "review": "Calm."}, headers={"Idempotency-Key": "put"}).json()["mine"] is None
    assert client.post(f"/api/review/{booking.property_id}/", posted, **keyed).status_code == 201
    assert client.delete(path).status_code == 204
    assert client.post(f"/api/review/{booking.property_id}/", posted, **keyed).status_code == 404


@pytest.mark.parametrize(
    "body", [{"rating": 5}, {"rating": 5, "review": "  "}, {"review": "Calm."}, {"rating": 9, "review": "x"}]
)
def test_stars_and_words_are_both_asked_for(sign_in, stayed, body):
    booking = stayed(make_property(), make_user())
    answer = sign_in(booking.guest).put(f"/api/booking/{booking.pk}/review/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Review.objects.exists()


def test_what_one_side_wrote_is_shown_and_counted_when_the_time_is_over(sign_in, api, stayed):
    home = make_property()
    booking = stayed(home, make_user())
    write(sign_in(booking.guest), booking, rating=4)
    over = booking.check_out_at + timedelta(days=60)
    assert (count_shown_reviews(over - timedelta(seconds=1)), rating_of(home)) == (0, (0, 0))
    assert [count_shown_reviews(over) for _ in range(2)] == [1, 0]
    assert (rating_of(home), get_host_rating(home.host_id, now=over)) == ((4, 1), (4, 1))
    assert [review.rating for review in list_host_reviews(home.host_id, now=over)] == [4]


def card_of(payer, home, card):
    booking = make_booking(home, payer, first=30)
    Payment.objects.create(
        booking=booking,
        gateway="stripe",
        amount=100,
        currency="BDT",
        status="succeeded",
        key=uuid4(),
        card=card,
        created_at=NOW,
    )


def one_address(booking):
    for user in (booking.guest, booking.host):
        SignInPlace.objects.create(user=user, place=place_of("203.0.113.7"), last_at=booking.check_out_at)


def one_home(booking):
    for user in (booking.guest, booking.host):
        UserProfile.objects.update_or_create(user=user, defaults={"address": "House 4, Road 2, Gulshan"})


def one_card(booking):
    card_of(booking.guest, booking.property, b"c" * 16)
    card_of(booking.host, make_property(), b"c" * 16)


def next_to_nothing(booking):
    nothing = dict.fromkeys(("base_price", "meals_price", "cleaning_fee", "platform_fee", "tax", "total"), 0)
    Booking.objects.filter(pk=booking.pk).update(**nothing)


def at_the_servers_own(booking):
    for user in (booking.guest, booking.host):
        SignInPlace.objects.create(user=user, place=place_of("127.0.0.1"), last_at=booking.check_out_at)


def in_a_crowd(booking):
    one_address(booking)
    for _ in range(30):
        SignInPlace.objects.create(user=make_user(), place=place_of("203.0.113.7"), last_at=booking.check_out_at)


def two_homes(booking):
    for number, user in enumerate((booking.guest, booking.host)):
        UserProfile.objects.update_or_create(user=user, defaults={"address": f"House {number}"})


@pytest.mark.parametrize(
    ("share", "counted"),
    [
        (one_address, 0), (one_home, 0), (one_card, 0), (next_to_nothing, 0), (at_the_servers_own, 1), (in_a_crowd, 1),
        (two_homes, 1),
    ],
)  # fmt: skip
def test_friends_of_the_host_rate_nothing(sign_in, api, stayed, share, counted):
    home = make_property()
    booking = stayed(home, make_user())
    share(booking)
    both(sign_in, booking)
    assert len(api.get(f"/api/review/{home.pk}/").json()) == 1
    assert (rating_of(home)[1], get_host_rating(home.host_id, now=booking.check_out_at)[1]) == (counted, counted)


def test_a_guests_profile_has_what_hosts_say(sign_in, stayed):
    booking = stayed(make_property(), make_user())
    both(sign_in, booking)
    profile = sign_in(booking.host).get(f"/auth/guest_profile/{booking.guest_id}/").json()
    assert (profile["rating"], profile["reviews_count"], profile["reviews"][0]["review"]) == (5.0, 1, "Kind and tidy.")
