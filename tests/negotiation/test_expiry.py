"""How time ends an offer, and how its maker gives it more."""

import pytest

from core.errors import DomainError
from negotiation.selectors.snapshots import get_negotiation
from negotiation.services import jobs
from negotiation.services.access import access_negotiation
from tests.factories.stays import make_user
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


class TestExpiry:
    """Rule 5: the first reader or mover after that moment, or the clock, writes it, once."""

    def expired(self) -> Play:
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
        play = self.expired()
        view, side = access_negotiation(play.id, user_id=play.host.pk, now=play.now)
        assert (view.status, view.haggle.turn, view.standing, view.last_seq, side) == ("expired", None, None, 3, "host")
        self.check(play)

    @pytest.mark.parametrize("verb", ["accept", "decline", "withdraw", "extend"])
    def test_by_a_mover_who_is_refused(self, verb: str) -> None:
        play = self.expired()
        side = "guest" if verb in ("withdraw", "extend") else "host"
        assert code(play.answer(side, verb, expires_in=400)) == "offer.expired"
        self.check(play)

    def test_by_somebody_who_writes(self) -> None:
        play = self.expired()
        assert code(play.do("guest", "message.send", text="Still there?")) == "negotiation.closed"
        self.check(play)

    def test_by_a_guest_who_opens_again(self) -> None:
        play = self.expired()
        first = play.id
        assert code(play.open("2100")) == "ok"
        assert play.id != first
        play.id = first
        assert play.kinds()[-1] == "offer.expired"

    def test_by_a_stranger_it_is_not(self) -> None:
        play = self.expired()
        with pytest.raises(DomainError) as refusal:
            access_negotiation(play.id, user_id=make_user().pk, now=play.now)
        assert refusal.value.code == "not_found"
        assert play.kinds()[-1] == "offer.made"

    def test_by_the_clock_once(self) -> None:
        play = self.expired()
        assert (jobs.expire_offers(play.now), jobs.expire_offers(play.now)) == (1, 0)
        self.check(play)

    def test_a_rival_that_is_past_its_time_ends_by_that(self) -> None:
        play = self.expired()
        other = opened(home=play.home, now=play.now)
        other.answer("host", "accept")
        self.check(play)

    def test_a_list_shows_it_and_writes_nothing(self) -> None:
        play = self.expired()
        view = get_negotiation(play.id)
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
        assert jobs.notify_expiring(play.now) == 0
        play.later(seconds=2)
        before = play.negotiation.updated_at
        assert (jobs.notify_expiring(play.now), jobs.notify_expiring(play.now)) == (1, 0)
        assert (play.told("guest"), play.told("host")[-1]) == (["offer.expiring"], "offer.expiring")
        assert play.negotiation.updated_at == before
        play.answer("guest", "extend", expires_in=10_000)
        play.later(seconds=9_990)
        assert jobs.notify_expiring(play.now) == 1
        assert play.told("guest") == ["offer.expiring", "offer.expiring"]
