"""How negotiations end by what happens on the floors below, and what is told of it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import override_settings

from accounts.models import Notification, User
from accounts.services.closing import close_account
from bookings.models import Booking
from bookings.services.jobs import cancel_unpaid
from bookings.services.reserving import StayOrder, reserve_stay
from bookings.services.status_changes import change_status
from core import clock as real_clock
from negotiation.models import Entry
from negotiation.services.superseding import notify_dates_free
from properties.models import CalendarEntry, Property
from properties.services.listings import unlist_property
from tests.factories.properties import make_entry, make_window
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code, move, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


class TestFloorsBelow:
    def test_unlisting_ends_all_that_is_open_there(self) -> None:
        home = make_property()
        plays = [opened(home=home, start=day(3 * n), end=day(3 * n + 2), amount="1200") for n in range(3)]
        done, elsewhere = opened(home=home, start=day(20), end=day(22), amount="1200"), opened()
        done.answer("host", "accept")
        unlist_property(property_id=home.pk, actor=home.host, now=plays[0].now)
        for play in plays:
            assert play.log()[-1]["data"] == {"reason": "property.unlisted"}
            assert play.told("guest") == ["negotiation.superseded"]
            refused = play.offer("host", 2500)
            assert refused.error is not None
            assert (refused.error.code, refused.error.params) == ("negotiation.closed", {"status": "superseded"})
        assert (done.seen_now()["status"], elsewhere.seen_now()["status"]) == ("accepted", "open")
        assert code(plays[0].open()) == "property.not_listed"

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("side", ["guest", "host"])
    def test_closing_an_account_ends_what_is_open_on_either_side(self, side: str) -> None:
        play, agreed = opened(), opened(start=day(10), end=day(12), amount="1200")
        agreed.answer("host", "accept")
        gone = play.guest if side == "guest" else play.host
        close_account(user_id=gone.pk, now=play.now)
        assert play.log()[-1]["data"] == {"reason": "account.closed"}
        assert Property.objects.get(pk=play.home.pk).status == ("listed" if side == "guest" else "unlisted")
        close_account(user_id=agreed.host.pk, now=play.now)
        assert Booking.objects.get(negotiation_id=agreed.id).status == "confirmed"

    def test_somebody_elses_hold_blocks_the_accept_and_leaves_it_open(self) -> None:
        play = opened()
        reserve(make_user(), play, day(2), day(4))
        assert code(play.answer("host", "accept")) == "dates.taken"
        assert play.seen_now()["status"] == "open"
        play.later(hours=25)
        play.now = play.now  # the hold is over by now, and so is the bid
        assert code(play.open("2100")) == "ok"
        assert code(play.answer("host", "accept")) == "ok"

    def test_the_guests_own_hold_gives_way(self) -> None:
        play = opened()
        booking = reserve(play.guest, play, day(2), day(4))
        assert code(play.answer("host", "accept")) == "ok"
        assert Booking.objects.get(pk=booking).status == "cancelled"
        assert Booking.objects.get(negotiation_id=play.id).status == "confirmed"
        check_world()

    def test_the_guests_own_hold_that_is_being_paid_does_not(self) -> None:
        play = opened()
        booking = reserve(play.guest, play, day(2), day(4))
        Booking.objects.filter(pk=booking).update(payment_status="processing", processing_since=play.now)
        assert code(play.answer("host", "accept")) == "dates.taken"
        assert play.seen_now()["status"] == "open"

    def test_a_hold_that_is_replaced_is_not_counted_as_one_more_to_pay(self) -> None:
        play = opened()
        for n in range(2):
            reserve(play.guest, Play(), day(30 + 2 * n), day(31 + 2 * n))
        reserve(play.guest, play, day(2), day(4))
        assert code(play.answer("host", "accept")) == "ok"

    def test_a_confirmed_reservation_supersedes_here_and_elsewhere(self) -> None:
        play = opened()
        guest = make_user()
        elsewhere = opened(guest=guest)
        booking = reserve(guest, play, day(2), day(4))
        assert play.seen_now()["status"] == "open"
        change_status(actor=play.host, booking_id=booking, status="confirmed", now=play.now)
        assert (play.log()[-1]["data"], elsewhere.log()[-1]["data"]) == (
            {"reason": "dates.taken"}, {"reason": "guest.booked"},
        )  # fmt: skip
        check_world()


def reserve(guest: User, play: Play, start: date, end: date) -> int:
    order = StayOrder(play.home.pk, "stay", start, end, 1)
    return reserve_stay(actor=guest, order=order, now=play.now)


class TestDatesFree:
    def test_rivals_of_a_stay_that_nobody_paid_are_told_once(self) -> None:
        play = opened()
        rival, apart = opened(home=play.home), opened(home=play.home, start=day(20), end=day(22), amount="1200")
        elsewhere = opened(guest=play.guest, start=day(1), end=day(2), amount="600")
        play.answer("host", "accept")
        play.later(days=1, seconds=1)
        assert (cancel_unpaid(play.now), cancel_unpaid(play.now)) == (1, 0)
        free = Notification.objects.filter(kind="dates.free")
        assert [(n.user_id, n.negotiation_id, n.property_id) for n in free] == [
            (rival.guest.pk, rival.id, play.home.pk)
        ]
        assert apart.seen_now()["status"] == "open"
        assert elsewhere.negotiation.rivals_told_at is None
        rival.now = play.now
        assert code(rival.open("2000")) == "ok"
        rival.answer("host", "accept")
        rival.later(days=1, seconds=1)
        cancel_unpaid(rival.now)
        assert Notification.objects.filter(kind="dates.free", user=rival.guest).count() == 1

    @pytest.mark.parametrize("taken", ["another night", "unlisted", "outside the windows"])
    def test_nobody_is_told_of_nights_that_are_not_free(self, taken: str) -> None:
        play = opened(start=day(2), end=day(4), amount="1200")
        rival = opened(home=play.home, start=day(1), end=day(3), amount="1200")
        play.answer("host", "accept")
        if taken == "another night":
            make_entry(play.home, day(0), day(2), "block")
        elif taken == "unlisted":
            Property.objects.update(status="unlisted")
        else:
            make_window(play.home, day(2), day(9))
        play.later(days=1, seconds=1)
        assert cancel_unpaid(play.now) == 1
        assert not Notification.objects.filter(kind="dates.free").exists()
        assert rival.negotiation.rivals_told_at is None

    @pytest.mark.parametrize(("zone", "told"), [("America/Los_Angeles", 1), ("Asia/Dhaka", 0)])
    def test_tonight_is_the_propertys_own(self, zone: str, told: int) -> None:
        """At two in the morning in Greenwich it is yesterday's evening in California."""
        home = make_property(timezone=zone)
        play = opened(home=home, start=day(0), end=day(2), amount="1200")
        opened(home=home, start=day(0), end=day(1), amount="900")
        play.answer("host", "accept")
        greenwich = datetime.combine(day(1), time(2), UTC)
        notify_dates_free(property_id=home.pk, start_date=day(0), end_date=day(2), now=greenwich)
        assert Notification.objects.filter(kind="dates.free").count() == 0
        CalendarEntry.objects.update(nights=DateRange(day(30), day(32)))
        notify_dates_free(property_id=home.pk, start_date=day(0), end_date=day(2), now=greenwich)
        assert Notification.objects.filter(kind="dates.free").count() == told

    def test_who_did_not_pay_is_paused_there_for_a_week_whatever_the_factor(self) -> None:
        play = opened()
        play.answer("host", "accept")
        play.later(days=1, seconds=1)
        cancel_unpaid(play.now)
        with override_settings(RATE_LIMIT_FACTOR=100.0):
            refused = play.open("2000")
            assert refused.error is not None
            assert refused.error.code == "offer.limit_reached"
            assert 0 < refused.error.params["retry_after"] <= 7 * 86_400
            assert code(Play(guest=play.guest, now=play.now, start=day(9), end=day(10)).open("500")) == "ok"
            play.later(seconds=refused.error.params["retry_after"])
            assert code(play.open("2000")) == "ok"

    def test_a_question_is_not_paused_but_its_first_bid_is(self) -> None:
        play = opened()
        play.answer("host", "accept")
        play.later(days=1, seconds=1)
        cancel_unpaid(play.now)
        assert code(play.open(None, message="Sorry! Once more?")) == "ok"
        assert code(play.offer("guest", 2000)) == "offer.limit_reached"


def test_a_fresh_start_is_possible_after_each_end() -> None:
    play = opened()
    play.answer("host", "decline")
    assert code(play.open("2100")) == "ok"
    play.answer("guest", "withdraw")
    assert code(play.open("2200")) == "ok"
    assert Entry.objects.filter(kind="negotiation.opened").count() == 3
    assert real_clock.now() - play.now < timedelta(minutes=10)
    assert code(move("message.send", play.guest, negotiation=play.id, text="Third time lucky")) == "ok"
