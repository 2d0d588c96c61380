"""Other rules on a share of the homes (RULES_TRIAL): what a negotiation gets, what stays with it, and what is told of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import REGISTRY

from core.trials import read_trial
from negotiation.models import Negotiation
from negotiation.selectors.trial import ArmFigures, get_trial_figures
from negotiation.services.superseding import end_of_property
from properties.models import Property
from tests.factories.stays import day, make_host, make_property
from tests.negotiation.play import Play, code

pytestmark = pytest.mark.django_db
OPTIONS = {"offers": "[1-9]|1[0-9]|20", "seal": "first"}
Trying = Callable[[str], None]


@pytest.fixture
def trying(settings: Any) -> Trying:
    def set_trial(text: str) -> None:
        settings.RULES_TRIAL = read_trial(text, OPTIONS)

    return set_trial


def tried() -> Play:
    """A guest at a home whose host left the number of offers as it is."""
    return Play(home=make_property(make_host(), offers_per_side=3))


def opening(amount: str | None = "100") -> Play:
    play = tried()
    assert code(play.open(amount, message=None if amount else "Hello?")) == "ok"
    return play


def left(play: Play) -> tuple[int, int]:
    row = play.negotiation
    return row.guest_offers_left, row.host_offers_left


def arms() -> dict[str, ArmFigures]:
    return {figures.arm: figures for figures in get_trial_figures(Play().now)}


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_home_of_an_arm_has_its_number_of_offers(trying: Trying) -> None:
    trying("five:100:offers=5")
    play = opening()
    assert left(play) == (4, 5)
    assert play.seen_now()["offers_left"] == {"guest": 4, "host": 5}
    assert "arm" not in play.seen_now(), "neither side is told"
    assert play.negotiation.arm == "five"


def test_what_a_host_chose_stands_and_is_in_no_arm(trying: Trying) -> None:
    trying("five:100:offers=5")
    play = Play()
    Property.objects.filter(pk=play.home.pk).update(offers_per_side=7)
    play.open("100")
    assert (left(play), play.negotiation.arm) == ((6, 7), "")


def test_the_arm_stays_with_the_negotiation(trying: Trying) -> None:
    trying("five:100:offers=5")
    play = opening()
    trying("")
    assert code(play.offer("host", 2900)) == "ok"
    assert (left(play), play.negotiation.arm) == ((4, 4), "five")
    again = opening()
    assert (left(again), again.negotiation.arm) == ((2, 3), "")


@pytest.mark.parametrize("first", ["bid", "seal", "opening", "special offer"])
def test_a_question_is_in_the_arm_of_its_first_price(trying: Trying, first: str) -> None:
    play = opening(None)
    trying("five:100:offers=5")
    done = {
        "bid": lambda: play.offer("guest", 100),
        "seal": lambda: play.do("guest", "limit.seal", amount="2000"),
        "opening": lambda: play.open("100"),
        "special offer": lambda: play.offer("host", 2900),
    }[first]()
    assert code(done) == "ok"
    assert play.negotiation.arm == "five"
    assert sum(left(play)) == (10 if first == "seal" else 9)


def haggled(kind: str) -> Play:
    """A negotiation that came to that end."""
    play = opening("1000" if kind != "question" else None)
    moves: dict[str, list[tuple[Any, ...]]] = {
        "accepted": [("host", "offer.make", {"amount": "2800"}), ("guest", "offer.accept", {"offer": None})],
        "missed": [("guest", "limit.seal", {"amount": "1500"}), ("host", "limit.seal", {"amount": "1501"})],
        "met": [("guest", "limit.seal", {"amount": "1600"}), ("host", "limit.seal", {"amount": "1500"})],
        "sealed": [("guest", "limit.seal", {"amount": "1600"})],
        "unanswered": [],
        "question": [],
    }
    for side, name, fields in moves[kind]:
        play.later(minutes=30)
        given = {**fields, "offer": play.standing()} if "offer" in fields else fields
        assert code(play.do(side, name, **given)) == "ok"
    if kind == "unanswered":
        play.later(days=1)
        play.seen_now()
    return play


def test_the_figures_of_an_arm_are_those_of_its_negotiations(trying: Trying) -> None:
    """As many of each kind as its place in the list says."""
    trying("tried:100")
    for times, kind in enumerate(("accepted", "missed", "met", "sealed", "unanswered", "question"), 1):
        for _ in range(times):
            haggled(kind)
    trying("")
    haggled("accepted")
    assert arms() == {
        "tried": ArmFigures(
            arm="tried", openings=15, ended=9, booked=4, unanswered=5, seals_offered=9, seals_answered=5, seals_met=3,
            moves=Decimal(3), minutes=Decimal(60),
        )
    }  # fmt: skip
    assert (arms()["tried"].booked_percent, arms()["tried"].unanswered_percent) == (
        Decimal("44.4"),
        Decimal("55.6"),
    )


def test_old_ones_are_not_looked_at(trying: Trying) -> None:
    trying("tried:100")
    play = opening()
    Negotiation.objects.filter(pk=play.id).update(created_at=play.now - timedelta(days=91))
    assert arms() == {}


def test_the_metrics_count_each_end_once(trying: Trying, django_capture_on_commit_callbacks: Any) -> None:
    trying("counted:100")
    names = [
        ("hub_trial_openings_total", {}), ("hub_trial_ends_total", {"status": "accepted"}),
        ("hub_trial_ends_total", {"status": "expired"}), ("hub_trial_ends_total", {"status": "superseded"}),
        ("hub_trial_seals_total", {"what": "offered"}), ("hub_trial_seals_total", {"what": "answered"}),
        ("hub_trial_seals_total", {"what": "met"}), ("hub_trial_moves_count", {}), ("hub_trial_moves_sum", {}),
        ("hub_trial_minutes_sum", {}),
    ]  # fmt: skip
    before = [counted(name, arm="counted", **labels) for name, labels in names]
    met = haggled("met")
    rival = Play(home=met.home, start=day(20), end=day(22))
    rival.open("100")
    for kind in ("accepted", "missed", "unanswered", "question"):
        haggled(kind)
    with django_capture_on_commit_callbacks(execute=True):
        end_of_property(property_id=met.home.pk, now=rival.now)
    after = [counted(name, arm="counted", **labels) for name, labels in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [5, 2, 1, 1, 2, 2, 1, 2, 6, 120]


def test_sealing_first_is_the_homes_pages_matter(trying: Trying, client: Any) -> None:
    play = tried()
    usual = client.get(f"/homes/{play.home.pk}/").content.decode()
    assert usual.index("data-make-offer") < usual.index("data-seal-limit")
    trying("sealing:100:seal=first")
    sealing = client.get(f"/homes/{play.home.pk}/").content.decode()
    assert sealing.index("data-seal-limit") < sealing.index("data-make-offer")
    play.open("100")
    assert left(play) == (2, 3)
