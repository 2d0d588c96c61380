"""bin/bench says at once where a scenario can't be played, instead of waiting for it."""

from __future__ import annotations

import pytest

from bench.fits import MOVES_A_PAIR, SCENARIOS, check, settings_of
from bench.run import DEFAULT


def test_what_is_measured_by_default_fits() -> None:
    check(DEFAULT, 2500)


@pytest.mark.parametrize(
    ("scenarios", "says"),
    [
        (["push:rate=400,seconds=20"], "give seconds=11 or pairs=889"),
        ([f"push:rate={MOVES_A_PAIR},pairs=1,seconds=2"], "are 18 offers, and 1 pairs have 9"),
        (["push", "push:rate=100"], r"leaves its negotiations open on the same nights \(slot 4\)"),
        (["accept", "accept:properties=10"], r"slot 2"),
        (["idle:sockets=6000"], "give --pairs 3000"),
        (["ping:sockets=3000"], "give --pairs 3000"),
        (["haggle:pairs=2501"], "give --pairs 2501"),
        (["race"], "there is no scenario 'race'; there are haggle"),
        (["push:speed=9"], "'speed=9' is none of rate=number"),
        (["push:rate=fast"], "'rate=fast' is none of"),
    ],
)
def test_what_cannot_be_played_is_refused_with_what_mends_it(scenarios: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check(scenarios, 2500)


def test_what_just_fits_is_played() -> None:
    check([f"push:rate={MOVES_A_PAIR},pairs=1,seconds=1", "push:slot=5", "haggle", "haggle", "idle", "idle"], 2500)


def test_settings_are_the_scenarios_own() -> None:
    assert settings_of("push:rate=7")[1]["rate"] == 7
    assert all(settings_of(name)[1] for name in SCENARIOS)
