"""What an accept books, who is told of it, and what can still be said afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from accounts.models import Notification
from bookings.models import Booking
from core import hooks
from core.errors import DomainError
from properties.models import Property
from tests.factories.stays import day, make_user
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


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
            opened(home=play.home, start=day(-2), end=day(0), amount="1200"),
            opened(home=play.home, start=day(3), end=day(5), amount="1200"),
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
        # Both sides changed the stay meanwhile.
        Booking.objects.update(check_out_at=play.now + timedelta(days=1))
        assert code(play.do("host", "message.send", text="One night more!")) == "ok"

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
