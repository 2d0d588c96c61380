from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Notification
from bookings.models import Booking, Refund
from bookings.selectors.refunds import get_balance
from bookings.services import jobs
from core import hooks
from properties.models import CalendarEntry
from tests.factories.bookings import NOW, day, make_booking, make_hold
from tests.factories.properties import make_property, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]
HOUR = timedelta(hours=1)


def move(client, booking, status, **more):
    return client.put(f"/api/booking/{booking.pk}/status/", {"status": status} | more)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def kinds_of(user):
    return list(Notification.objects.filter(user=user).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def taken(monkeypatch):
    seen = []
    monkeypatch.setattr(hooks.nights_taken, "functions", [lambda **facts: seen.append(facts)])
    return seen


@pytest.mark.parametrize("word", ["confirmed", "approved", "Approved"])
def test_the_host_approves_a_request(sign_in, taken, word):
    home, guest = make_property(), make_user()
    booking = make_hold(home, guest, NOW + HOUR)
    answer = move(sign_in(home.host), booking, word)
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["status"], answer.json()["payment_status"]) == ("confirmed", "due")
    assert answer.json()["pay_by"] == "2027-02-02T08:00:00.000Z"
    assert CalendarEntry.objects.get().kind == "stay"
    assert kinds_of(guest) == ["booking.confirmed"]
    assert kinds_of(home.host) == []
    assert len(taken) == 1
    again = move(sign_in(home.host), booking, word)
    assert (again.status_code, again.json()["code"], again.json()["params"]["status"]) == (
        409,
        "booking.wrong_state",
        "confirmed",
    )


def test_on_arrival_an_approved_stay_is_settled(sign_in, settings, taken):
    settings.PAYMENT = "on_arrival"
    home = make_property()
    booking = make_hold(home, make_user(), NOW + HOUR)
    assert move(sign_in(home.host), booking, "confirmed").json()["payment_status"] == "on_arrival"
    assert jobs.cancel_unpaid(NOW + timedelta(days=3)) == 0


def test_the_host_rejects_and_the_nights_are_free(sign_in):
    home, guest = make_property(), make_user()
    booking = make_hold(home, guest, NOW + HOUR)
    answer = move(sign_in(home.host), booking, "rejected", reason="The roof leaks.")
    assert (answer.json()["status"], answer.json()["reason"]) == ("rejected", "The roof leaks.")
    assert not CalendarEntry.objects.exists()
    assert kinds_of(guest) == ["booking.rejected"]
    make_booking(home, make_user())


@pytest.mark.parametrize("side", ["guest", "host"])
def test_either_cancels_an_agreed_stay(sign_in, side):
    home, guest = make_property(), make_user()
    booking = make_booking(home, guest)
    answer = move(sign_in({"guest": guest, "host": home.host}[side]), booking, "cancelled")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    booking = fresh(booking)
    assert (booking.ended_by, booking.ended_at, booking.calendar_entry_id) == (side, NOW, None)
    assert (kinds_of(guest), kinds_of(home.host)) == (
        ([], ["booking.cancelled"]) if side == "guest" else (["booking.cancelled"], [])
    )
    make_booking(home, make_user())


def test_who_may_do_what(sign_in):
    home, guest, stranger = make_property(), make_user(), make_user()
    booking = make_hold(home, guest, NOW + HOUR)
    assert move(sign_in(guest), booking, "confirmed").status_code == 403
    assert move(sign_in(guest), booking, "rejected").status_code == 403
    assert move(sign_in(stranger), booking, "cancelled").status_code == 404
    for path in (f"/api/booking/{booking.pk}/refund/", f"/api/booking_details/{booking.pk}/"):
        assert sign_in(stranger).get(path).status_code == 404
        assert sign_in(guest).get(path).status_code == 200
        assert sign_in(home.host).get(path).status_code == 200
    assert fresh(booking).status == "pending"


@pytest.mark.parametrize("status", [None, "", "done", 5, ["cancelled"], "completed", "\x00"])
def test_a_status_that_is_none(sign_in, status):
    guest = make_user()
    answer = move(sign_in(guest), make_booking(make_property(), guest), status)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("pk", ["null", "0x1", "-1", "99999999999999999999"])
def test_an_id_that_is_none(sign_in, pk):
    assert sign_in(make_user()).get(f"/api/booking_details/{pk}/").status_code == 404


def pay(sign_in, booking):
    client = sign_in(booking.guest)
    assert client.post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_ok"}).status_code == 201
    return client


@pytest.mark.parametrize(
    ("before", "payment_status", "back", "rule"),
    [
        (timedelta(days=5), "refunded", "2990.00", "all"),
        (timedelta(days=4), "partly_refunded", "1495.00", "half"),
        (-HOUR, "paid", "0.00", "nothing"),
    ],
)
def test_what_the_guest_gets_back(sign_in, at, before, payment_status, back, rule):
    booking = make_booking(make_property(), make_user())
    client = pay(sign_in, booking)
    at(booking.check_in_at - before)
    preview = client.get(f"/api/booking/{booking.pk}/refund/").json()
    assert (preview["amount"], preview["rule"], preview["currency"]) == (back, rule, "BDT")
    assert Decimal(preview["paid"]) == Decimal(preview["amount"]) + Decimal(preview["kept"]) == booking.total
    assert move(client, booking, "cancelled").json()["status"] == "cancelled"
    assert fresh(booking).payment_status == payment_status
    assert get_balance(booking.pk).returned == Decimal(back)


def test_by_the_host_all_goes_back_and_both_hear_of_it(sign_in, at):
    home, guest = make_property(), make_user()
    booking = make_booking(home, guest)
    pay(sign_in, booking)
    at(booking.check_in_at)
    host = sign_in(home.host)
    assert host.get(f"/api/booking/{booking.pk}/refund/").json()["amount"] == str(booking.total)
    assert move(host, booking, "cancelled").status_code == 200
    assert fresh(booking).payment_status == "refunded"
    assert kinds_of(guest)[-2:] == ["booking.cancelled", "booking.refunded"]
    assert kinds_of(home.host)[-1] == "booking.refunded"


def test_within_a_day_of_booking_all_goes_back(sign_in):
    booking = make_booking(make_property(), make_user(), cancellation_policy="firm")
    client = pay(sign_in, booking)
    assert client.get(f"/api/booking/{booking.pk}/refund/").json()["rule"] == "all"


def test_cancelling_twice_with_one_key_refunds_once(sign_in):
    booking = make_booking(make_property(), make_user())
    client = pay(sign_in, booking)
    path, key = f"/api/booking/{booking.pk}/status/", {"Idempotency-Key": "c1"}
    answers = [client.put(path, {"status": "cancelled"}, headers=key) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[1].json()["payment_status"] == "refunded"
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("side", ["guest", "host"])
def test_a_person_cancels_while_a_payment_runs_and_what_came_goes_back(sign_in, side):
    booking = make_booking(make_property(), make_user())
    sign_in(booking.guest).post(f"/api/booking/{booking.pk}/payment/", {"token": "tok_timeout"})
    answer = move(sign_in(getattr(booking, side)), booking, "cancelled")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    # The gateway had taken it already: voiding came too late.
    assert (fresh(booking).payment_status, get_balance(booking.pk).kept) == ("refunded", 0)
    assert kinds_of(booking.guest)[-1] == kinds_of(booking.host)[-1] == "booking.refunded"


def test_an_unpaid_stay_is_cancelled_and_its_nights_are_offered(sign_in, monkeypatch):
    freed = []
    monkeypatch.setattr(hooks.nights_freed, "functions", [lambda **facts: freed.append(facts)])
    home, guest = make_property(), make_user()
    booking = make_booking(home, guest)
    later = NOW + timedelta(days=1)
    assert jobs.cancel_unpaid(later - timedelta(seconds=1)) == 0
    assert jobs.cancel_unpaid(later) == 1
    assert jobs.cancel_unpaid(later) == 0
    booking = fresh(booking)
    assert (booking.status, booking.ended_by, booking.unpaid) == ("cancelled", "system", True)
    assert not CalendarEntry.objects.exists()
    assert kinds_of(guest) == kinds_of(home.host) == ["booking.cancelled"]
    assert freed == [
        {"property_id": home.pk, "start_date": booking.start_date, "end_date": booking.end_date, "now": later}
    ]


def test_stays_that_are_over_are_completed(sign_in):
    booking = make_booking(make_property(), make_user())
    pay(sign_in, booking)
    assert jobs.complete_stays(booking.check_out_at - timedelta(seconds=1)) == 0
    assert jobs.complete_stays(booking.check_out_at) == 1
    assert fresh(booking).status == "completed"


def test_lists_of_both_sides(sign_in, at):
    home, guest = make_property(), make_user()
    first, second = make_booking(home, guest), make_booking(home, guest, first=10)
    gone = make_hold(home, guest, NOW, first=20)
    as_guest, as_host = "/api/upcoming_bookings/as_guest/", "/api/upcoming_bookings/as_host/"
    mine = sign_in(guest).get(as_guest).json()
    assert [row["id"] for row in mine] == [second.pk, first.pk]
    assert (mine[0]["check_in"], mine[0]["check_out"]) == (day(10).isoformat(), day(13).isoformat())
    assert [row["id"] for row in sign_in(home.host).get(as_host).json()] == [second.pk, first.pk]
    assert sign_in(home.host).get(as_guest).json() == []
    every = sign_in(guest).get(as_guest, {"past": 1}).json()
    assert [(row["id"], row["status"]) for row in every] == [
        (gone.pk, "expired"),
        (second.pk, "confirmed"),
        (first.pk, "confirmed"),
    ]
    page = sign_in(guest).get(as_guest, {"limit": 1})
    assert [row["id"] for row in page.json()] == [second.pk]
    following = page["Link"].split(">")[0].lstrip("<").removeprefix("http://testserver")
    assert [row["id"] for row in sign_in(guest).get(following).json()] == [first.pk]
    at(NOW + timedelta(days=1))
    assert sign_in(guest).get(as_guest).json() == []


def test_lists_take_a_constant_number_of_queries(sign_in, django_assert_num_queries):
    guest = make_user()
    client = sign_in(guest)
    make_booking(make_property(), guest)
    with django_assert_num_queries(2):
        client.get("/api/upcoming_bookings/as_guest/")
    for _ in range(5):
        make_booking(make_property(), guest)
    with django_assert_num_queries(2):
        assert len(client.get("/api/upcoming_bookings/as_guest/").json()) == 6


def test_the_frontends_prefixes_lead_to_the_same_views(sign_in):
    guest = make_user()
    booking = make_booking(make_property(), guest)
    assert sign_in(guest).get(f"/guest/api/booking_details/{booking.pk}/").json()["id"] == booking.pk
    assert Booking.objects.count() == 1
