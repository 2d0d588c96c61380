"""How negotiations end by themselves, by what happens on the floors below, and what is told of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from accounts.models import Notification
from accounts.services.accounts import close_account
from bookings.models import Booking
from bookings.services.answering import change_status
from bookings.services.clockwork import cancel_unpaid
from bookings.services.reserving import StayOrder, reserve_stay
from core import clock as real_clock
from core import hooks
from core.errors import DomainError
from negotiation.models import Entry
from negotiation.selectors.snapshots import get_view
from negotiation.services import clock
from negotiation.services.access import access_negotiation
from properties.models import Property
from properties.services.listings import unlist_property
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code, move
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


def opened(**fields: object) -> Play:
    play = Play(**fields)  # type: ignore[arg-type]
    assert code(play.open(str(600 * (play.end - play.start).days))) == "ok"
    return play


class TestExpiry:
    """Rule 5: the first reader or mover after that moment, or the clock, writes it, once."""

    def lapsed(self) -> Play:
        play = Play()
        play.open(expires_in=300)
        play.later(seconds=300)
        return play

    def check(self, play: Play) -> None:
        assert play.kinds() == ["negotiation.opened", "offer.made", "offer.expired"]
        entry = play.log()[-1]
        offer = play.negotiation.offers.get()
        assert (entry["actor"], entry["data"], offer.status) == ("system", {"offer": offer.pk}, "expired")
        assert (play.told("guest"), play.told("host")) == (["offer.expired"], ["negotiation.opened", "offer.expired"])
        check_world()

    def test_by_a_reader(self) -> None:
        play = self.lapsed()
        view, side = access_negotiation(play.id, user_id=play.host.pk, now=play.now)
        assert (view.status, view.turn, view.standing, view.last_seq, side) == ("expired", None, None, 3, "host")
        self.check(play)

    @pytest.mark.parametrize("verb", ["accept", "decline", "withdraw", "extend"])
    def test_by_a_mover_who_is_refused(self, verb: str) -> None:
        play = self.lapsed()
        side = "guest" if verb in ("withdraw", "extend") else "host"
        assert code(play.answer(side, verb, expires_in=400)) == "offer.expired"
        self.check(play)

    def test_by_somebody_who_writes(self) -> None:
        play = self.lapsed()
        assert code(play.do("guest", "message.send", text="Still there?")) == "negotiation.closed"
        self.check(play)

    def test_by_a_guest_who_opens_again(self) -> None:
        play = self.lapsed()
        first = play.id
        assert code(play.open("2100")) == "ok"
        assert play.id != first
        play.id = first
        assert play.kinds()[-1] == "offer.expired"

    def test_by_a_stranger_it_is_not(self) -> None:
        play = self.lapsed()
        with pytest.raises(DomainError) as refusal:
            access_negotiation(play.id, user_id=make_user().pk, now=play.now)
        assert refusal.value.code == "not_found"
        assert play.kinds()[-1] == "offer.made"

    def test_by_the_clock_once(self) -> None:
        play = self.lapsed()
        assert (clock.expire_offers(play.now), clock.expire_offers(play.now)) == (1, 0)
        self.check(play)

    def test_a_rival_that_is_past_its_time_ends_by_that(self) -> None:
        play = self.lapsed()
        other = opened(home=play.home, now=play.now)
        other.answer("host", "accept")
        self.check(play)

    def test_a_list_shows_it_and_writes_nothing(self) -> None:
        play = self.lapsed()
        view = get_view(play.id)
        assert view is not None
        assert view.as_of(play.now).status == "expired"
        assert play.kinds()[-1] == "offer.made"


class TestExtending:
    def test_it_costs_nothing_and_takes_no_turn(self) -> None:
        play = opened()
        before = play.seen_now()
        assert code(play.answer("guest", "extend", expires_in=100_000)) == "ok"
        after = play.seen_now()
        assert (after["turn"], after["offers_left"]) == (before["turn"], before["offers_left"])
        assert after["standing_offer"]["id"] == before["standing_offer"]["id"]
        assert after["standing_offer"]["expires_at"] > before["standing_offer"]["expires_at"]
        assert (play.log()[-1]["data"], play.told("host")[-1]) == ({"offer": after["standing_offer"]}, "offer.extended")
        play.later(seconds=90_000)
        assert code(play.answer("host", "accept")) == "ok"

    def test_both_are_told_in_the_last_tenth_and_again_after_an_extension(self) -> None:
        play = Play()
        play.open(expires_in=1000)
        play.later(seconds=899)
        assert clock.tell_expiring(play.now) == 0
        play.later(seconds=2)
        before = play.negotiation.updated_at
        assert (clock.tell_expiring(play.now), clock.tell_expiring(play.now)) == (1, 0)
        assert (play.told("guest"), play.told("host")[-1]) == (["offer.expiring"], "offer.expiring")
        assert play.negotiation.updated_at == before
        play.answer("guest", "extend", expires_in=10_000)
        play.later(seconds=9_990)
        assert clock.tell_expiring(play.now) == 1
        assert play.told("guest") == ["offer.expiring", "offer.expiring"]


class TestMessages:
    def test_they_go_on_after_agreement_until_check_out(self) -> None:
        play = opened()
        play.answer("host", "accept")
        for side in ("guest", "host"):
            assert code(play.do(side, "message.send", text="See you!")) == "ok"
        # 11:00 in Dhaka on the check-out day is 05:00 UTC.
        play.now = play.now.replace(year=day(3).year, month=day(3).month, day=day(3).day, hour=4, minute=59)
        assert code(play.do("guest", "message.send", text="Leaving.")) == "ok"
        play.later(minutes=1)
        refused = play.do("host", "message.send", text="Bye.")
        assert refused.error is not None
        assert (refused.error.code, refused.error.params) == (
            "negotiation.closed", {"status": "accepted", "booking": play.negotiation.booking_id},
        )  # fmt: skip

    def test_who_agreed_is_not_forgotten_by_a_message(self) -> None:
        play = opened()
        play.answer("host", "accept")
        play.do("guest", "message.send", text="Thank you!")
        assert play.negotiation.ended_by == "host"

    def test_the_other_side_is_told_of_each(self) -> None:
        play = opened()
        play.do("guest", "message.send", text="1")
        play.do("guest", "message.send", text="2")
        play.offer("host", 2900, message="3")
        assert (play.told("host")[1:], play.told("guest")) == (["message.sent"] * 2, ["offer.made", "message.sent"])


class TestFloorsBelow:
    def test_unlisting_ends_all_that_is_open_there(self) -> None:
        home = make_property()
        plays = [opened(home=home, start=day(3 * n), end=day(3 * n + 2)) for n in range(3)]
        done, elsewhere = opened(home=home, start=day(20), end=day(22)), opened()
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
        play, agreed = opened(), opened(start=day(10), end=day(12))
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


def reserve(guest: object, play: Play, start: object, end: object) -> int:
    order = StayOrder(play.home.pk, "stay", start, end, 1)  # type: ignore[arg-type]
    return reserve_stay(actor=guest, order=order, now=play.now)  # type: ignore[arg-type]


class TestDatesFree:
    def test_rivals_of_a_stay_that_nobody_paid_are_told_once(self) -> None:
        play = opened()
        rival, apart = opened(home=play.home), opened(home=play.home, start=day(20), end=day(22))
        elsewhere = opened(guest=play.guest, start=day(1), end=day(2))
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


class TestEcho:
    """A reserve that echoes a negotiation books nothing twice."""

    def echo(self, play: Play, actor: object | None = None, **fields: object) -> object:
        body = {"id": str(play.id), "negotiation_status": "Guest Payment"} | fields
        return hooks.reserve_echo(actor=actor or play.guest, body=body, now=play.now)[0]

    def test_an_accepted_one_gives_its_booking(self) -> None:
        play = opened()
        play.answer("host", "accept")
        booking = self.echo(play)
        assert booking == Booking.objects.get(negotiation_id=play.id)

    def test_a_body_without_both_is_no_echo(self) -> None:
        play = opened()
        assert self.echo(play, negotiation_status="") is None
        assert self.echo(play, id=None) is None

    @pytest.mark.parametrize(
        ("end", "expected"),
        [(None, "booking.wrong_state"), ("decline", "negotiation.closed"), ("late", "negotiation.closed")],
    )
    def test_without_agreement_it_is_refused(self, end: str | None, expected: str) -> None:
        play = opened()
        if end == "decline":
            play.answer("host", "decline")
        if end == "late":
            play.later(days=2)
        with pytest.raises(DomainError) as refusal:
            self.echo(play)
        assert (refusal.value.code, refusal.value.status) == (expected, 409)

    def test_somebody_elses_is_not_found(self) -> None:
        play = opened()
        play.answer("host", "accept")
        for actor in (make_user(), play.host):
            with pytest.raises(DomainError) as refusal:
                self.echo(play, actor)
            assert refusal.value.code == "not_found"

    @pytest.mark.parametrize("id", ["abc", -1, {"a": 1}, 10**30])
    def test_nonsense_is_invalid(self, id: object) -> None:
        with pytest.raises(DomainError) as refusal:
            self.echo(opened(), id=id)
        assert refusal.value.code == "invalid"


class TestAgreement:
    def test_exactly_the_offers_quote_is_booked_whatever_the_host_edits(self) -> None:
        play = opened()
        quote = play.seen_now()["standing_offer"]["quote"]
        Property.objects.update(price=Decimal(9999), cleaning_fee=Decimal(700), cancellation_policy="firm")
        play.answer("host", "accept")
        booking = Booking.objects.get(negotiation_id=play.id)
        assert (booking.quote, booking.cancellation_policy, booking.list_price) == (quote, "moderate", Decimal(3000))
        check_world()

    def test_the_rates_of_the_opening_hold(self) -> None:
        play = opened()
        with override_settings(PLATFORM_FEE_PERCENT=Decimal(50), TAX_PERCENT=Decimal(50)):
            play.offer("host", 2900)
            play.answer("guest", "accept")
        booking = Booking.objects.get(negotiation_id=play.id)
        assert (booking.platform_fee, booking.tax, booking.total) == (Decimal(145), Decimal(290), Decimal(3335))

    def test_others_nights_are_left_alone(self) -> None:
        play = opened()
        before, after = (
            opened(home=play.home, start=day(-2), end=day(0)),
            opened(home=play.home, start=day(3), end=day(5)),
        )
        play.answer("host", "accept")
        assert before.seen_now()["status"] == after.seen_now()["status"] == "open"

    def test_who_is_told_of_an_agreement(self) -> None:
        play = opened()
        rival = opened(home=play.home)
        play.offer("host", 2900)
        play.answer("guest", "accept")
        assert (play.told("guest"), play.told("host")) == (["offer.made"], ["negotiation.opened", "offer.accepted"])
        assert rival.told("guest") == ["negotiation.superseded"]
        told = Notification.objects.get(user=play.host, kind="offer.accepted")
        assert (told.booking_id, told.property_id) == (play.negotiation.booking_id, play.home.pk)
        assert not Notification.objects.filter(kind="booking.confirmed").exists()


def test_a_fresh_start_is_possible_after_each_end() -> None:
    play = opened()
    play.answer("host", "decline")
    assert code(play.open("2100")) == "ok"
    play.answer("guest", "withdraw")
    assert code(play.open("2200")) == "ok"
    assert Entry.objects.filter(kind="negotiation.opened").count() == 3
    assert real_clock.now() - play.now < timedelta(minutes=10)
    assert code(move("message.send", play.guest, negotiation=play.id, text="Third time lucky")) == "ok"
