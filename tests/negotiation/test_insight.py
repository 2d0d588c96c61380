import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User, UserProfile
from bookings.models import Booking, Review
from core import clock
from negotiation.models import Negotiation
from negotiation.selectors.insight import get_host_insight
from negotiation.services.superhosts import recompute_hosts
from properties.models import CalendarEntry, DayViews, SearchEntry
from properties.rules.months import month_of, months_later
from properties.services.search import refresh_search
from tests.factories.bookings import make_booking
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db
NOW = clock.now()


def client_of(user):
    api = APIClient()
    api.force_authenticate(user)
    return api


def insight(home):
    response = client_of(home.host).get(f"/api/dashboard/property/{home.pk}/")
    assert response.status_code == 200
    return response.data


def ago(**span):
    return NOW - timedelta(**span)


def settle(play):
    Booking.objects.filter(negotiation_id=play.id).update(payment_status="on_arrival", pay_by=None)


def haggle(home, days, *, answer=timedelta(hours=1), amount="2400.00", how="offer.accept", first=0):
    """A negotiation opened so many days ago, answered after `answer` (None: never)."""
    start = (NOW + timedelta(days=30 + first)).date()
    play = Play(home=home, guest=make_user(), now=ago(days=days), start=start, end=start + timedelta(3))
    play.open(amount)
    if answer is not None:
        play.now += answer
        fields = {"amount": "2900.00"} if how == "offer.make" else {"offer": play.standing()}
        outcome = play.do("host", how, **fields)
        assert outcome.error is None, outcome.error
    return play


def test_from_being_looked_at_to_being_paid(api):
    home = make_property()
    DayViews.objects.create(property=home, date=NOW.date() - timedelta(days=1), count=7)
    api.get(f"/api/property/{home.pk}/")
    settle(haggle(home, 5, amount="2400.00"))
    haggle(home, 4, amount="2700.00", first=10)
    haggle(home, 3, how="offer.decline", first=20, answer=timedelta(hours=3))
    haggle(home, 0.1, how="offer.make", first=30)
    shown = insight(home)
    assert shown["views"] == 8
    assert shown["bids"] == 4
    assert shown["funnel"] == {"views": 8, "negotiations": 4, "agreed": 2, "paid": 1}
    assert shown["acceptance_rate"] == 66.7
    assert shown["average_discount"] == 15.0  # of 20 % and 10 %
    assert shown["median_answer_seconds"] == 3600
    assert sum(month["nights"] for month in shown["occupancy"]) == 6
    assert sum(Decimal(month["amount"]) for month in shown["revenue"]) == Decimal("2400.00")


def test_nights_and_months_that_overlap():
    home = make_property()
    first = months_later(month_of(NOW.date()), 1)
    CalendarEntry.objects.create(property=home, kind="stay", nights=(first - timedelta(3), first + timedelta(2)))
    CalendarEntry.objects.create(property=home, kind="block", nights=(first + timedelta(5), first + timedelta(9)))
    nights = {month["month"]: month["nights"] for month in insight(home)["occupancy"]}
    assert nights[f"{first:%Y-%m}"] == 2
    assert nights[f"{first - timedelta(1):%Y-%m}"] == 3


def test_a_property_nobody_knows_has_no_rates():
    shown = insight(make_property())
    assert (shown["acceptance_rate"], shown["average_discount"], shown["median_answer_seconds"]) == (None, None, None)
    assert all(month["occupancy"] == 0 for month in shown["occupancy"])


def test_totals_over_all_of_a_hosts_properties():
    host = make_host()
    homes = [make_property(host), make_property(host, currency="USD"), make_property(host, status="draft")]
    settle(haggle(homes[0], 5))
    settle(haggle(homes[1], 4))
    haggle(make_property(), 3)
    shown = client_of(host).get("/api/dashboard/").data
    assert [p["property_id"] for p in shown["properties"]] == [homes[0].pk, homes[1].pk]
    assert shown["revenue"] == [{"currency": "BDT", "amount": "2400.00"}, {"currency": "USD", "amount": "2400.00"}]
    assert (shown["bids"], shown["acceptance_rate"]) == (2, 100.0)


def test_a_strangers_dashboard_is_not_there(api):
    home = make_property()
    for path in ("", "csv/"):
        address = f"/api/dashboard/property/{home.pk}/{path}"
        assert client_of(make_host()).get(address).status_code == 404
        assert api.get(address).status_code == 401
    assert client_of(make_user()).get("/api/dashboard/").data["properties"] == []


def test_many_properties_take_as_many_queries(django_assert_num_queries):
    host = make_host()
    for _ in range(4):
        make_property(host)
    with django_assert_num_queries(6):
        get_host_insight(actor=host, now=NOW)


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_the_file_holds_no_formulas(title):
    home = make_property(title=title)
    answer = client_of(home.host).get(f"/api/dashboard/property/{home.pk}/csv/")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode(), newline="")))
    assert len(rows) == 15
    assert rows[0]["name"] == f"'{title}"
    assert rows[0]["revenue"] == "0.00"


def figures(host):
    recompute_hosts(NOW)
    profile = UserProfile.objects.get(user=host)
    rate = None if profile.response_rate is None else float(profile.response_rate)
    return rate, profile.response_seconds


def test_figures_of_how_a_host_answers():
    home = make_property()
    assert figures(home.host) == (None, None)
    haggle(home, 9, answer=timedelta(hours=2))
    haggle(home, 8, answer=timedelta(hours=4), how="offer.make", first=10)
    assert figures(home.host) == (100.0, 3 * 3600)
    haggle(home, 7, answer=None, first=20)
    assert figures(home.host)[0] == 66.67
    haggle(home, 0.5, answer=None, first=40)  # there is time yet
    assert figures(home.host)[0] == 66.67
    withdrawn = haggle(home, 6, answer=None, first=60)
    withdrawn.now += timedelta(hours=5)
    withdrawn.do("guest", "offer.withdraw", offer=withdrawn.standing())
    assert figures(home.host)[0] == 66.67


def test_what_a_rule_answered_counts_neither_way():
    home = make_property(auto_accept_percent=Decimal(80))
    play = haggle(home, 5, answer=None, amount="2500.00")
    assert Negotiation.objects.get(pk=play.id).ended_by == "rule"
    assert figures(home.host) == (None, None)


def stays(host, count, nights=3, rating=5, **fields):
    """So many stays that are over and paid, each with its review."""
    home = make_property(host)
    made = []
    for n in range(count):
        then = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n * (nights + 1))
        booking = make_booking(home, make_user(), first=n * (nights + 1), nights=nights)
        booking.refresh_from_db()
        Booking.objects.filter(pk=booking.pk).update(
            payment_status="paid", status="completed", check_out_at=ago(days=30), confirmed_at=ago(days=40), **fields
        )
        Review.objects.create(
            booking=booking, property=home, guest=booking.guest, rating=rating, text="", created_at=ago(days=20)
        )
        made.append((then, booking))
    refresh_search([home.pk])
    return home


def is_superhost(host):
    recompute_hosts(NOW)
    return User.objects.get(pk=host.pk).superhost


def test_a_superhost_is_earned_shown_and_lost():
    host = make_host()
    home = stays(host, 10)
    assert is_superhost(host)
    assert SearchEntry.objects.get(pk=home.pk).superhost
    assert recompute_hosts(NOW) == 0
    assert not is_superhost(make_host())
    booking = Booking.objects.filter(host=host).first()
    Booking.objects.filter(pk=booking.pk).update(status="cancelled", ended_by="host", ended_at=ago(days=3))
    assert not is_superhost(host)
    assert not SearchEntry.objects.get(pk=home.pk).superhost


@pytest.mark.parametrize(
    ("count", "nights", "rating", "earned"),
    [(9, 3, 5, False), (10, 3, 4, False), (3, 34, 5, True), (3, 33, 5, False), (2, 60, 5, False)],
)
def test_what_it_takes(count, nights, rating, earned):
    host = make_host()
    stays(host, count, nights, rating)
    assert is_superhost(host) is earned


def test_slow_answers_cost_the_badge():
    host = make_host()
    stays(host, 10)
    UserProfile.objects.create(user=host)
    haggle(make_property(host), 5, answer=None)
    assert not is_superhost(host)


def test_the_page_client_reads_the_file_too():
    home = make_property()
    client = Client()
    client.force_login(home.host)
    assert client.get("/api/dashboard/csv/").status_code == 200
