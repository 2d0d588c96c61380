"""Second seals that are refused before anything is compared, whatever the figures (rule 10, c and e)."""

from datetime import timedelta

import pytest

from bookings.models import Booking
from properties.services.blocks import block_nights
from tests.factories.stays import day, make_property, make_user
from tests.negotiation.play import Play, code, opened
from tests.negotiation.test_limits import seal, words

pytestmark = pytest.mark.django_db


class TestRefusedComparison:
    @pytest.mark.parametrize("crossing", [True, False])
    def test_nights_that_are_gone_refuse_the_second_seal_alike(self, crossing: bool) -> None:
        play = opened("2000")
        seal(play, "guest", "2600" if crossing else "2100")
        block_nights(property_id=play.home.pk, start_date=play.start, end_date=play.end, actor=play.host, now=play.now)
        entries = len(play.kinds())
        assert seal(play, "host", "2500") == "dates.taken"
        assert len(play.kinds()) == entries
        assert words(play) == ("sealed", "none")
        assert play.negotiation.compared_at is None

    @pytest.mark.parametrize("crossing", [True, False])
    def test_a_guest_with_too_much_to_pay(self, crossing: bool) -> None:
        guest = make_user()
        for n in range(3):
            other = Play(guest=guest, start=day(10 + 5 * n), end=day(12 + 5 * n))
            other.open("1500")
            assert code(other.answer("host", "accept")) == "ok"
        play = Play(guest=guest)
        play.open("2000")
        seal(play, "guest", "2600" if crossing else "2100")
        assert seal(play, "host", "2500") == "booking.too_many_unpaid"
        assert words(play) == ("sealed", "none")

    def test_one_comparison_in_seven_days_over_all_negotiations(self) -> None:
        play = opened("2000")
        seal(play, "guest", "2100")
        seal(play, "host", "2900")
        play.answer("host", "decline")
        again = Play(home=play.home, guest=play.guest, now=play.now)
        again.open("2000")
        seal(again, "guest", "2900")
        refused = again.do("host", "limit.seal", amount="2100")
        assert code(refused) == "offer.limit_reached"
        assert refused.error is not None
        assert refused.error.params["retry_after"] == pytest.approx(7 * 86400, abs=2)
        assert words(again) == ("sealed", "none")
        elsewhere = Play(home=play.home, guest=play.guest, start=day(20), end=day(23), now=play.now)
        elsewhere.open("2000")
        seal(elsewhere, "guest", "2900")
        assert seal(elsewhere, "host", "2100") == "ok"

    def test_a_comparison_is_one_of_the_twelve_bids_of_a_day(self) -> None:
        home, guest = make_property(), make_user()
        plays = [Play(home=home, guest=guest, start=day(5 * n), end=day(5 * n + 3)) for n in range(3)]
        for play in plays:
            play.open("1000")
            for n in range(3):
                play.offer("host", 2900 - n)
                play.offer("guest", 1100 + n)
        # Twelve bids are made: neither side's seal is compared any more today.
        assert seal(plays[0], "guest", "2000") == "ok"
        assert seal(plays[0], "host", "1900") == "offer.limit_reached"

    def test_who_gives_a_met_stay_back_seals_nothing_at_that_hosts_homes(self) -> None:
        play = opened("2000")
        seal(play, "guest", "2500")
        seal(play, "host", "2500")
        booking = Booking.objects.get(negotiation_id=play.id)
        Booking.objects.filter(pk=booking.pk).update(
            status="cancelled", ended_by="guest", ended_at=booking.created_at + timedelta(hours=1), calendar_entry=None
        )
        other_home = make_property(play.host)
        again = Play(home=other_home, guest=play.guest, start=day(30), end=day(33), now=play.now)
        again.open("2000")
        assert seal(again, "guest", "2500") == "offer.limit_reached"
        assert seal(again, "host", "2500") == "ok"
        limited = Play(home=make_property(play.host), guest=play.guest, start=day(40), end=day(43), now=play.now)
        assert code(limited.open(None, limit="2500")) == "offer.limit_reached"
        again.later(days=31)
        stranger = Play(home=make_property(), guest=play.guest, start=day(50), end=day(53), now=play.now)
        assert code(stranger.open(None, limit="2500")) == "ok"
