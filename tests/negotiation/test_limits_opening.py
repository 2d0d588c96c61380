"""A haggle that opens with a sealed limit, and a limit that is the first figure in a question (rule 10, f)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from negotiation.models import Entry, Negotiation
from properties.models import Property
from properties.services.blocks import block_nights
from tests.factories.stays import day, make_property, make_user
from tests.negotiation import law
from tests.negotiation.play import Play, code, opened
from tests.negotiation.test_limits import seal, seen_by, where

pytestmark = pytest.mark.django_db


class TestOpening:
    def test_with_a_limit_alone(self) -> None:
        play = Play()
        assert code(play.open(None, limit="2345.67")) == "ok"
        assert play.kinds() == ["negotiation.opened", "limit.sealed"]
        shown = seen_by(play, "guest")
        assert (shown["turn"], shown["standing_offer"], shown["limits"]) == (
            None,
            None,
            {"guest": "sealed", "host": "none"},
        )
        assert play.told("host") == ["negotiation.opened"]
        assert where("2345.67") == {"negotiation_negotiation"}
        assert seal(play, "host", "2300") == "ok"
        assert play.negotiation.status == "accepted"

    def test_its_terms_hold(self) -> None:
        play = Play()
        play.open(None, limit="2500")
        Property.objects.filter(pk=play.home.pk).update(price=Decimal("2000"))
        outcome = play.offer("host", "3000")
        assert code(outcome) == "ok"
        assert "terms" not in play.log()[-1]["data"]
        assert seen_by(play, "host")["list_amount"] == "3000.00"

    @pytest.mark.parametrize("side", ["guest", "host"])
    def test_either_side_may_close_it_until_an_offer_was_made(self, side: str) -> None:
        play = Play()
        play.open(None, limit="2345.67")
        assert code(play.do(side, "negotiation.close")) == "ok"
        assert where("2345.67") == set()
        other = Play()
        other.open(None, limit="2500")
        other.offer("guest", "2000")
        assert code(other.do(side, "negotiation.close")) == "not_allowed"

    def test_with_a_bid_and_a_limit(self) -> None:
        play = Play()
        assert code(play.open("2000", limit="1999")) == "offer.not_a_concession"
        assert code(play.open("2000", limit="3000")) == "offer.not_a_concession"
        assert code(play.open("2000", limit="2000", expires_in=700, message="Hello")) == "ok"
        assert play.kinds() == ["negotiation.opened", "offer.made", "limit.sealed", "message.sent"]
        assert play.negotiation.guest_limit_until == play.now + timedelta(seconds=700)

    def test_it_counts_as_an_opening_and_meets_every_check_of_one(self) -> None:
        home, guest = make_property(), make_user()
        for n in range(3):
            assert (
                code(Play(home=home, guest=guest, start=day(5 * n), end=day(5 * n + 3)).open(None, limit="2500"))
                == "ok"
            )
        assert (
            code(Play(home=home, guest=guest, start=day(20), end=day(23)).open(None, limit="2500"))
            == "offer.limit_reached"
        )
        taken = Play()
        block_nights(
            property_id=taken.home.pk, start_date=taken.start, end_date=taken.end, actor=taken.host, now=taken.now
        )
        assert code(taken.open(None, limit="2500")) == "dates.taken"
        firm = Play(home=make_property(negotiable=False))
        assert code(firm.open(None, limit="2500")) == "negotiation.not_offered"

    def test_a_seal_in_a_question_freezes_its_terms(self) -> None:
        play = opened(None)
        before = seen_by(play, "guest")
        Property.objects.filter(pk=play.home.pk).update(price=Decimal("1100"))
        assert seal(play, "guest", "3200") == "ok"
        assert seen_by(play, "guest")["list_amount"] == "3300.00"
        assert law.durable(law.after(before, play.log())) == law.durable(seen_by(play, "guest"))
        Property.objects.filter(pk=play.home.pk).update(price=Decimal("900"))
        assert code(play.offer("host", "3000")) == "ok"
        assert seen_by(play, "guest")["list_amount"] == "3300.00"

    def test_a_seal_in_a_question_whose_price_is_the_same_says_nothing_more(self) -> None:
        play = opened(None)
        assert seal(play, "host", "2500") == "ok"
        assert Entry.objects.filter(negotiation_id=play.id).latest("seq").data == {}

    def test_the_guests_first_bid_counts_also_where_the_host_made_the_first_offer(self) -> None:
        home, guest = make_property(), make_user()
        plays = [Play(home=home, guest=guest, start=day(5 * n), end=day(5 * n + 3)) for n in range(4)]
        for play in plays:
            play.open(None, message="Is there a cot?")
            assert code(play.offer("host", "2800")) == "ok"
        for play in plays[:3]:
            assert code(play.offer("guest", "2000")) == "ok"
        assert code(plays[3].offer("guest", "2000")) == "offer.limit_reached"
        assert code(plays[3].answer("guest", "accept")) == "ok"

    def test_yesterdays_questions_count_when_a_bid_is_made(self) -> None:
        home, guest = make_property(), make_user()
        plays = [Play(home=home, guest=guest, start=day(5 * n), end=day(5 * n + 3)) for n in range(4)]
        for play in plays:
            play.open(None, message="Is there a cot?")
        Negotiation.objects.update(created_at=plays[0].now - timedelta(days=2))
        assert [code(play.offer("guest", "2000")) for play in plays] == ["ok", "ok", "ok", "offer.limit_reached"]
