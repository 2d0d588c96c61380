from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client, TestCase

from bookings.models import Booking, GuestReview, LedgerLine, Payment, Refund, Review, ReviewReport
from bookings.services.paying import start_payment
from properties.services.search import change_rating
from tests.factories.accounts import sign_in as open_session
from tests.factories.bookings import NOW, make_booking
from tests.factories.properties import make_property, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at")]


@pytest.fixture
def staff():
    """A client of somebody with these permissions and no others."""

    def sign_in(*codenames):
        user = make_user(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames, content_type__app_label="bookings"))
        client = Client()
        open_session(client, user)
        return client

    return sign_in


@pytest.fixture
def paid():
    booking = make_booking(make_property(), make_user())
    start_payment(actor=booking.guest, booking_id=booking.pk, method="", token="tok_ok", key=None, now=NOW)
    return Booking.objects.get(pk=booking.pk)


def refund(client, booking, amount):
    with TestCase.captureOnCommitCallbacks(execute=True):
        return client.post(f"/admin/bookings/booking/{booking.pk}/refund/", {"amount": amount})


def test_finance_gives_back_what_is_left_and_no_more(staff, paid):
    client = staff("view_booking", "add_refund")
    assert b"990" in client.get(f"/admin/bookings/booking/{paid.pk}/refund/").content
    assert refund(client, paid, "1000.00").status_code == 302
    paid.refresh_from_db()
    assert (paid.status, paid.payment_status) == ("confirmed", "partly_refunded")
    for amount in ("5000.00", "0", "-1", "1.234", "NaN", "x"):
        assert refund(client, paid, amount).status_code == 200
    assert [(r.amount, r.reason) for r in Refund.objects.all()] == [(1000, "by_staff")]
    assert refund(client, paid, str(paid.total - 1000)).status_code == 302
    paid.refresh_from_db()
    assert paid.payment_status == "refunded"


@pytest.mark.parametrize(("role", "status"), [("finance", 302), ("support", 403), ("verifier", 403)])
def test_of_the_roles_finance_alone_gives_money_back(paid, role, status):
    user, client = make_user(is_staff=True), Client()
    user.groups.set(Group.objects.filter(name=role))
    open_session(client, user)
    assert refund(client, paid, "1.00").status_code == status


def test_others_do_not(staff, paid):
    client = staff("view_booking")
    assert client.get(f"/admin/bookings/booking/{paid.pk}/change/").status_code == 200
    assert refund(client, paid, "1.00").status_code == 403
    assert not Refund.objects.exists()


@pytest.mark.parametrize("model", ["booking", "payment", "refund", "review", "guestreview", "reviewreport"])
def test_everything_can_be_read_and_nothing_written(staff, paid, model):
    client = staff(f"view_{model}", f"add_{model}", f"change_{model}", f"delete_{model}")
    assert client.get(f"/admin/bookings/{model}/").status_code == 200
    assert client.get(f"/admin/bookings/{model}/?q=1").status_code == 200
    assert client.get(f"/admin/bookings/{model}/add/").status_code == 403


def test_reports_are_judged(staff, paid):
    review = Review.objects.create(booking=paid, property=paid.property, guest=paid.guest, rating=1, created_at=NOW)
    change_rating(paid.property_id, stars=1, reviews=1)
    report = ReviewReport.objects.create(review=review, reporter=paid.host, reason="Rude.", created_at=NOW)
    client = staff("view_reviewreport", "change_review")
    page = "/admin/bookings/reviewreport/"
    client.post(page, {"action": "hide", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert (report.outcome, Review.objects.get().hidden_at is None) == ("hidden", False)
    client.post(page, {"action": "keep", "_selected_action": [report.pk]})
    assert Review.objects.get().hidden_at is None
    staff("view_reviewreport").post(page, {"action": "hide", "_selected_action": [report.pk]})
    assert Review.objects.get().hidden_at is None


def test_a_hosts_review_is_hidden_and_shown_again_and_the_log_says_so(staff, paid):
    review = GuestReview.objects.create(
        booking=paid, guest=paid.guest, host=paid.host, rating=1, text="A thief.", created_at=NOW
    )
    page, clerk = "/admin/bookings/guestreview/", staff("view_guestreview", "change_guestreview")
    for query in ("?q=thief", f"?q={paid.host.username}", f"?q={paid.pk}", "?rating__exact=1", "?hidden_at__isempty=1"):
        assert "A thief." in clerk.get(page + query).content.decode(), query
    assert clerk.get(page + "?guest__password__startswith=a").status_code == 400

    def act(client, action):
        client.post(page, {"action": action, "_selected_action": [review.pk]})
        review.refresh_from_db()
        return review.hidden_at is not None

    # A reader changes nothing, and twice is once.
    reader = staff("view_guestreview")
    assert [act(reader, "hide"), act(clerk, "hide"), act(clerk, "hide")] == [False, True, True]
    assert [act(reader, "show"), act(clerk, "show")] == [True, False]
    log = LogEntry.objects.filter(object_id=str(review.pk), content_type__model="guestreview").order_by("pk")
    assert [entry.change_message for entry in log] == ["Hidden.", "Hidden.", "Shown again."]


def test_a_form_sent_twice_gives_back_once(staff, paid):
    client = staff("view_booking", "add_refund")
    page = f"/admin/bookings/booking/{paid.pk}/refund/"
    key = client.get(page).context["form"]["key"].value()
    with TestCase.captureOnCommitCallbacks(execute=True):
        answers = [client.post(page, {"amount": "1000.00", "key": key}).status_code for _ in range(2)]
    assert answers == [302, 302]
    assert [refund.amount for refund in Refund.objects.all()] == [1000]


def test_a_refused_form_can_be_put_right(staff, paid):
    client = staff("view_booking", "add_refund")
    page = f"/admin/bookings/booking/{paid.pk}/refund/"
    form = client.get(page).context["form"]
    again = client.post(page, {"amount": "99999.00", "key": form["key"].value()}).context["form"]
    assert again["amount"].value() == "99999.00"
    assert client.post(page, {"amount": "10.00", "key": again["key"].value()}).status_code == 302


def refused(booking, amount):
    """A refund that the gateway said no to."""
    payment = booking.payments.earliest("pk")
    return Refund.objects.create(
        payment=payment,
        booking=booking,
        amount=amount,
        status="failed",
        key=uuid4(),
        reason="cancelled",
        created_at=NOW,
    )


def try_again(client, *refunds):
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(
            "/admin/bookings/refund/", {"action": "try_again", "_selected_action": [refund.pk for refund in refunds]}
        )


def test_a_refused_refund_is_tried_again_once(staff, paid):
    client, first = staff("view_refund", "add_refund"), refused(paid, 1000)
    for _ in range(2):
        try_again(client, first)
    again = Refund.objects.exclude(pk=first.pk).get()
    assert (again.retry_of, again.amount, again.status) == (first, 1000, "succeeded")
    try_again(client, again)
    assert Refund.objects.count() == 2


def test_a_refused_refund_goes_back_by_its_own_payment_alone(staff, paid):
    """Another payment of the booking is not what the gateway refused to give back."""
    client, first = staff("view_refund", "add_refund"), refused(paid, paid.total - 10)
    own = first.payment
    other = Payment.objects.create(
        booking=paid, gateway="sandbox", amount=100, currency="BDT", key=uuid4(), status="succeeded", created_at=NOW
    )
    LedgerLine.objects.create(booking=paid, payment=other, amount=100, currency="BDT", at=NOW)
    try_again(client, first)
    assert [refund.payment for refund in Refund.objects.exclude(pk=first.pk)] == [own]
    late = refused(paid, 50)
    try_again(client, late)  # ten are left of that payment, and a hundred of the other
    assert not Refund.objects.filter(retry_of=late).exists()
