"""The sum of a mandate: what is at stake counts, what ended counts no longer."""

from decimal import Decimal

import pytest

from accounts.services.mandates import lower_mandate
from bookings.models import Booking
from negotiation.models import Negotiation
from tests.factories.stays import day
from tests.negotiation.mandates import given, limit_of, stake, total
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db(transaction=True)


class TestSums:
    def test_bids_in_several_rooms_are_summed_all_in(self) -> None:
        first, second = Play(), Play()
        second.guest = first.guest
        each = total("2000")
        mandate = given(first, max_total=str(2 * each))
        assert limit_of(first.open("2000", mandate=mandate)) == "ok"
        assert limit_of(second.open("2000.01", mandate=mandate)) == "max_total"
        assert limit_of(second.open("2000", mandate=mandate)) == "ok"
        assert stake(mandate, first) == 2 * each
        third = Play(guest=first.guest)
        refused = third.open("500", mandate=mandate)
        assert refused.error is not None
        assert refused.error.params == {"limit": "max_total", "most": f"{2 * each:.2f}", "left": "0.00"}
        assert Negotiation.objects.filter(guest=first.guest).count() == 2
        assert code(third.open("500")) == "ok"

    def test_a_new_bid_takes_the_place_of_the_one_before(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2100")))
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        assert limit_of(play.offer("guest", "2100.01", mandate=mandate)) == "max_total"
        assert limit_of(play.offer("guest", "2100", mandate=mandate)) == "ok"

    def test_what_ends_is_free_again(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        ends = (
            lambda p: p.answer("host", "decline"),
            lambda p: p.answer("guest", "withdraw", mandate=mandate),
            lambda p: p.later(days=2),
        )
        for n, end in enumerate(ends):
            room = Play(home=play.home, guest=play.guest, start=day(4 * n), end=day(4 * n + 3), now=play.now)
            assert limit_of(room.open("2000", mandate=mandate)) == "ok", n
            end(room)
            play.now = room.now

    def test_a_bid_that_its_person_replaced_is_the_persons(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        play.offer("guest", 2500)
        assert stake(mandate, play) == 0

    def test_what_was_agreed_counts_while_it_is_unpaid_or_ahead(self) -> None:
        play = Play()
        each = total("2000")
        mandate = given(play, max_total=str(each))
        play.open("2000", mandate=mandate)
        play.answer("host", "accept")
        booking = Booking.objects.get()
        other = Play(guest=play.guest, start=day(9), end=day(12))
        assert limit_of(other.open("500", mandate=mandate)) == "max_total"
        Booking.objects.update(payment_status="paid")
        assert stake(mandate, play) == each
        play.now = booking.check_in_at
        assert stake(mandate, play) == 0
        Booking.objects.update(payment_status="due")
        assert stake(mandate, play) == each
        Booking.objects.update(status="cancelled", calendar_entry=None)
        assert stake(mandate, play) == 0
        assert limit_of(other.open("500", mandate=mandate)) == "ok"

    def test_an_accept_counts_with_what_stands_elsewhere(self) -> None:
        first = Play()
        mandate = given(first, max_total=str(total("2000") + total("2799")))
        first.open("2000", mandate=mandate)
        second = Play(guest=first.guest, start=day(9), end=day(12))
        second.open("1000")
        second.offer("host", 2800)
        assert limit_of(second.answer("guest", "accept", mandate=mandate)) == "max_total"
        second.offer("guest", 1100)
        second.offer("host", 2799)
        assert limit_of(second.answer("guest", "accept", mandate=mandate)) == "ok"
        assert stake(mandate, first) == total("2000") + total("2799")
        check_world()

    def test_a_sealed_limit_counts_and_in_one_room_the_larger_of_the_two(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2500")))
        play.open("2000", mandate=mandate)
        assert limit_of(play.do("guest", "limit.seal", amount="2500.01", mandate=mandate)) == "max_total"
        assert limit_of(play.do("guest", "limit.seal", amount="2500", mandate=mandate)) == "ok"
        assert stake(mandate, play) == total("2500")
        other = Play(guest=play.guest, start=day(9), end=day(12))
        assert limit_of(other.open("100", mandate=mandate)) == "max_total"
        assert limit_of(play.do("guest", "limit.unseal", mandate=mandate)) == "ok"
        assert stake(mandate, play) == total("2000")

    def test_a_meeting_counts_at_its_price(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2500")))
        play.open("2000", mandate=mandate)
        play.do("guest", "limit.seal", amount="2500", mandate=mandate)
        play.do("host", "limit.seal", amount="2300")
        assert stake(mandate, play) == total("2400")

    def test_a_limit_of_an_opening_is_judged_before_anything_is_written(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        assert limit_of(play.open("2000", limit="2400", mandate=mandate)) == "max_total"
        assert limit_of(play.open(None, limit="2400", mandate=mandate)) == "max_total"
        assert not Negotiation.objects.filter(guest=play.guest).exists()
        assert limit_of(play.open(None, limit="2000", mandate=mandate)) == "ok"

    def test_a_refused_second_seal_leaves_the_first(self) -> None:
        """As every refusal of it, whether or not the two would have met."""
        play = opened("2000")
        play.do("host", "limit.seal", amount="2500")
        mandate = given(play, max_total=str(total("2400")))
        assert limit_of(play.do("guest", "limit.seal", amount="2600", mandate=mandate)) == "max_total"
        assert play.negotiation.host_limit == 2500
        assert limit_of(play.do("guest", "limit.seal", amount="2400", mandate=mandate)) == "ok"
        assert play.kinds()[-1] == "limit.missed"

    def test_lowering_counts_for_the_next_move(self) -> None:
        play = Play()
        mandate = given(play, max_total="9000")
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        lower_mandate(mandate_id=mandate.pk, user_id=play.guest.pk, changes={"max_total": Decimal(1)}, now=play.now)
        assert limit_of(play.offer("guest", 2100, mandate=mandate)) == "max_total"

    def test_open_rooms_are_those_that_the_machine_opened(self) -> None:
        play = opened("2000")
        mandate = given(play, max_open=1)
        rooms = [Play(guest=play.guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(1, 4)]
        assert limit_of(rooms[0].open(None, message="Free?", mandate=mandate)) == "ok"
        assert limit_of(rooms[1].open("500", mandate=mandate)) == "max_open"
        assert limit_of(rooms[0].open("600", mandate=mandate)) == "ok"
        rooms[0].answer("guest", "withdraw")
        assert limit_of(rooms[2].open("500", mandate=mandate)) == "ok"
