"""Openings at the same moment as others and as what ends them."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from core import clock
from negotiation.models import Negotiation
from properties.services.listings import unlist_property
from tests.factories.stays import make_property, make_user
from tests.negotiation.play import Play
from tests.negotiation.racing import accepting, attempt, open_nights, run
from tests.negotiation.world import check_world
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_deadlock")]

Rounds = Callable[[int, int], int]


def test_opening_against_an_accept_and_against_unlisting(rounds: Rounds) -> None:
    for n in range(rounds(4, 40)):
        play, other = Play(), Play()
        play.open()
        other.home = play.home
        opening = partial(open_nights, play.home, other.guest)
        unlist = partial(unlist_property, property_id=play.home.pk, actor=play.host, now=clock.now())
        rival = partial(attempt, unlist) if n % 2 else partial(run, accepting(play))
        opened, _ = at_once(opening, rival)
        assert opened in {"ok", "dates.taken", "property.not_listed"}
        assert not Negotiation.objects.filter(status="open").exists()
        check_world()


def test_one_guest_opens_the_same_nights_twice_at_once(rounds: Rounds) -> None:
    for _ in range(rounds(4, 40)):
        home, guest = make_property(), make_user()
        told = at_once(
            partial(open_nights, home, guest), partial(open_nights, home, guest), partial(open_nights, home, guest, 2)
        )
        assert Counter(told) == {"ok": 1, "negotiation.already_open": 2}
        check_world()


def test_three_openings_a_day_also_at_once() -> None:
    home, guest = make_property(), make_user()
    told = at_once(*[partial(open_nights, home, guest, 4 * n) for n in range(8)])
    assert Counter(told) == {"ok": 3, "offer.limit_reached": 5}
