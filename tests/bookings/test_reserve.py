from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Notification
from bookings.models import BookedMeal, Booking
from bookings.selectors.details import get_booking_details
from bookings.services import jobs
from core import hooks
from properties.models import CalendarEntry
from tests.factories.bookings import NOW, day, make_booking
from tests.factories.properties import make_entry, make_meal, make_property, make_user, make_window

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


def body(home, first=0, nights=3, **more):
    stay = {
        "property_id": home.pk,
        "booking_type": "stay",
        "start_date": day(first).isoformat(),
        "end_date": day(first + nights).isoformat(),
        "number_of_guests": 2,
    }
    return stay | more


def kinds_of(user):
    return list(Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


def test_a_request_holds_the_nights_for_a_day(sign_in):
    home, guest = make_property(), make_user()
    answer = sign_in(guest).post("/api/reserve/", body(home))
    assert answer.status_code == 201, answer.json()
    told = answer.json()
    assert told["status"] == "pending"
    assert told["hold_expires_at"] == "2027-02-02T08:00:00.000Z"
    assert told["quote"]["stay"] == "3000.00"
    assert told["quote"]["total"] == "3450.00"
    booking = Booking.objects.get(pk=told["reservation_id"])
    entry = CalendarEntry.objects.get(booking=booking)
    assert (entry.kind, entry.held_until) == ("hold", NOW + timedelta(days=1))
    assert kinds_of(home.host) == ["booking.requested"]


def test_instant_book_holds_them_for_a_quarter_of_an_hour(sign_in):
    home = make_property(instant_book=True)
    answer = sign_in(make_user()).post("/api/reserve/", body(home))
    assert answer.json()["hold_expires_at"] == "2027-02-01T08:15:00.000Z"
    assert Booking.objects.get().instant


def test_instant_book_is_confirmed_at_once_where_stays_are_paid_on_arrival(sign_in, settings, monkeypatch):
    settings.PAYMENT = "on_arrival"
    taken = []
    monkeypatch.setattr(hooks.nights_taken, "functions", [lambda **facts: taken.append(facts)])
    home, guest = make_property(instant_book=True), make_user()
    told = sign_in(guest).post("/api/reserve/", body(home)).json()
    assert (told["status"], told["payment_status"]) == ("confirmed", "on_arrival")
    assert CalendarEntry.objects.get().kind == "stay"
    assert [facts["guest_id"] for facts in taken] == [guest.pk]


def test_meals_are_priced_and_moved_into_the_stay(sign_in):
    home = make_property(stay_with_meal=True)
    paratha, fish = make_meal(home), make_meal(home, "Hilsa", "dinner", "400.00")
    answer = sign_in(make_user()).post(
        "/api/reserve/",
        body(
            home,
            booking_type="stay_with_meals",
            breakfast=[{"id": paratha.pk, "quantity": "2", "date": "2020-01-01"}, {"id": 10**12, "quantity": 0}],
            dinner=[{"id": str(fish.pk), "quantity": 1, "date": day(1).isoformat()}],
            lunch=None,
        ),
    )
    assert answer.status_code == 201, answer.json()
    assert answer.json()["quote"]["meals"] == "700.00"
    booked = BookedMeal.objects.order_by("id").values_list("name", "quantity", "date", "price")
    assert list(booked) == [
        ("Paratha", 2, day(0), Decimal("150.00")),
        ("Hilsa", 1, day(1), Decimal("400.00")),
    ]
    [details] = get_booking_details([answer.json()["reservation_id"]], now=NOW)
    assert details["meal_totals"] == [
        {"date": day(0).isoformat(), "total": "300.00"},
        {"date": day(1).isoformat(), "total": "400.00"},
    ]


def test_a_paying_guests_meals_cost_by_guest_and_night(sign_in):
    home = make_property(paying_guest=True, meal_price=Decimal("100.00"))
    answer = sign_in(make_user()).post("/api/reserve/", body(home, booking_type="paying_guest"))
    assert answer.json()["quote"]["meals"] == "600.00"
    [details] = get_booking_details([answer.json()["reservation_id"]], now=NOW)
    assert details["meal_totals"] == [{"date": day(n).isoformat(), "total": "200.00"} for n in range(3)]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"property_id": None}, "invalid", "property_id"),
        ({"property_id": "x"}, "invalid", "property_id"),
        ({"property_id": 10**30}, "invalid", "property_id"),
        ({"property_id": True}, "invalid", "property_id"),
        ({"booking_type": "tent"}, "invalid", "booking_type"),
        ({"booking_type": "paying_guest"}, "invalid", "booking_type"),
        ({"booking_type": 5}, "invalid", "booking_type"),
        ({"start_date": "tomorrow"}, "invalid", "start_date"),
        ({"start_date": ""}, "invalid", "start_date"),
        ({"start_date": [1]}, "invalid", "start_date"),
        ({"end_date": "2027-03-01"}, "dates.invalid", "end_date"),
        ({"start_date": "2026-03-01"}, "dates.invalid", "start_date"),
        ({"end_date": "2037-03-01"}, "dates.invalid", "end_date"),
        ({"number_of_guests": 0}, "invalid", "number_of_guests"),
        ({"number_of_guests": "NaN"}, "invalid", "number_of_guests"),
        ({"number_of_guests": 5}, "stay.too_many_guests", "number_of_guests"),
        ({"breakfast": "all"}, "invalid", "breakfast"),
        ({"breakfast": [1]}, "invalid", None),
        ({"breakfast": [{"id": 1, "quantity": 1}]}, "invalid", None),
    ],
)
def test_what_can_not_be_reserved_names_its_field(sign_in, change, code, field):
    answer = sign_in(make_user()).post("/api/reserve/", body(make_property()) | change)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    if field:
        assert field in answer.json()["fields"]
    assert not Booking.objects.exists()


@pytest.mark.parametrize("raw", ["[]", '"x"', "5", "{", '{"property_id": "\\u0000"}', '{"booking_type": "\\ud800"}'])
def test_a_body_that_is_none(sign_in, raw):
    answer = sign_in(make_user()).generic("POST", "/api/reserve/", raw, content_type="application/json")
    assert answer.status_code == 400


def test_where_nobody_may_reserve(sign_in):
    guest = make_user()
    client = sign_in(guest)
    own = sign_in((home := make_property()).host)
    assert own.post("/api/reserve/", body(home)).json()["code"] == "not_allowed"
    assert client.post("/api/reserve/", body(make_property(status="draft"))).json()["code"] == "not_found"
    assert client.post("/api/reserve/", body(make_property(status="unlisted"))).json()["code"] == "property.not_listed"
    home.pk += 1000
    assert client.post("/api/reserve/", body(home)).json()["code"] == "not_found"


def test_taken_nights_are_refused_and_the_day_of_check_out_is_free(sign_in):
    home = make_property()
    make_entry(home, day(0), day(3), "block")
    client = sign_in(make_user())
    answer = client.post("/api/reserve/", body(home, first=2))
    assert (answer.status_code, answer.json()["code"]) == (409, "dates.taken")
    assert client.post("/api/reserve/", body(home, first=3)).status_code == 201


def test_nights_outside_the_windows_are_refused(sign_in):
    home = make_property()
    make_window(home, day(0), day(5))
    client = sign_in(make_user())
    assert client.post("/api/reserve/", body(home, first=3)).json()["code"] == "dates.taken"
    assert client.post("/api/reserve/", body(home, first=2)).status_code == 201


def test_an_expired_hold_is_in_nobodys_way_swept_or_not(sign_in, at):
    home, first = make_property(instant_book=True), make_user()
    lost = sign_in(first).post("/api/reserve/", body(home)).json()["reservation_id"]
    other = sign_in(make_user())
    assert other.post("/api/reserve/", body(home)).json()["code"] == "dates.taken"
    at(NOW + timedelta(minutes=15))
    assert sign_in(first).get(f"/api/reservation/{lost}/").json()["status"] == "expired"
    assert other.post("/api/reserve/", body(home)).status_code == 201
    assert jobs.expire_holds(NOW + timedelta(minutes=15)) == 1
    assert Booking.objects.get(pk=lost).status == "expired"
    assert kinds_of(first) == ["booking.expired"]


def test_the_same_key_reserves_once(sign_in):
    home, guest = make_property(), make_user()
    client = sign_in(guest)
    first = client.post("/api/reserve/", body(home), headers={"Idempotency-Key": "k1"})
    again = client.post("/api/reserve/", body(home) | {"number_of_guests": "2"}, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    other = client.post("/api/reserve/", body(home, first=9), headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (409, "command.id_reused")
    assert Booking.objects.count() == 1
    # Somebody else's key is another key.
    assert sign_in(make_user()).post("/api/reserve/", body(home), headers={"Idempotency-Key": "k1"}).status_code == 409


def test_a_refusal_is_repeated_too(sign_in):
    home, client = make_property(), sign_in(make_user())
    entry = make_entry(home, day(0), day(3), "block")
    refused = client.post("/api/reserve/", body(home), headers={"Idempotency-Key": "k2"})
    entry.delete()
    again = client.post("/api/reserve/", body(home), headers={"Idempotency-Key": "k2"})
    assert refused.json() == again.json()
    assert again.status_code == 409


def test_a_key_that_was_used_is_named_before_what_is_wrong_with_the_body(sign_in):
    home, client, key = make_property(), sign_in(make_user()), {"Idempotency-Key": "k3"}
    wrong = body(home, number_of_guests="many", booking_type="\u0000")
    refused = client.post("/api/reserve/", wrong, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert client.post("/api/reserve/", wrong, headers=key).json() == refused.json()
    assert client.post("/api/reserve/", body(home), headers=key).json()["code"] == "command.id_reused"
    used = {"Idempotency-Key": "k4"}
    assert client.post("/api/reserve/", body(home), headers=used).status_code == 201
    assert client.post("/api/reserve/", wrong, headers=used).json()["code"] == "command.id_reused"


@pytest.mark.parametrize("key", ["x" * 65, "ключ"])
def test_a_key_that_is_none(sign_in, key):
    header = {"HTTP_IDEMPOTENCY_KEY": key}
    answer = sign_in(make_user()).post("/api/reserve/", body(make_property()), **header)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_three_unpaid_are_enough(sign_in, settings, at):
    homes, guest = [make_property() for _ in range(4)], make_user()
    make_booking(homes[0], guest)
    client = sign_in(guest)
    assert client.post("/api/reserve/", body(homes[1])).status_code == 201
    assert client.post("/api/reserve/", body(homes[2])).status_code == 201
    answer = client.post("/api/reserve/", body(homes[3]))
    assert (answer.status_code, answer.json()["code"]) == (409, "booking.too_many_unpaid")
    settings.RATE_LIMIT_FACTOR = 2
    assert client.post("/api/reserve/", body(homes[3])).status_code == 201


def test_who_did_not_pay_waits_a_week(sign_in, at):
    home, guest = make_property(), make_user()
    make_booking(home, guest)
    at(NOW + timedelta(days=1))
    assert jobs.cancel_unpaid(NOW + timedelta(days=1)) == 1
    answer = sign_in(guest).post("/api/reserve/", body(home))
    assert (answer.status_code, answer.json()["code"]) == (409, "offer.limit_reached")
    at(NOW + timedelta(days=8))
    assert sign_in(guest).post("/api/reserve/", body(home)).status_code == 201


def test_signed_out_nobody_reserves(api):
    answer = api.post("/api/reserve/", {})
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.required")
