"""Trials: some things, chosen by their id, follow other rules than the rest, so that both can be compared.

The choice stays the same as long as the arms keep their names: a growing share takes in more things and moves none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

# The arm of all things that follow the usual rules while a trial runs.
USUAL = "usual"
NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm: `percent` of the things follow these rules, names of options → their values as text."""

    name: str
    percent: int
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """Arms whose shares are 100 % at the most; the rest is `usual`. Without arms there is no trial."""

    arms: tuple[Arm, ...] = ()

    def arm_of(self, number: int) -> Arm | None:
        """The arm of the thing with that id; None without a trial."""
        if not self.arms:
            return None
        salt = " ".join(arm.name for arm in self.arms)
        point = int.from_bytes(blake2b(f"{salt} {number}".encode(), digest_size=8).digest(), "big") * 100 >> 64
        for arm in self.arms:
            if point < arm.percent:
                return arm
            point -= arm.percent
        return Arm(USUAL, 100 - sum(arm.percent for arm in self.arms))


def read_trial(text: str, options: Mapping[str, str]) -> Trial:
    """`name:percent:option=value:…,…`; `options` are patterns of what each may be. Raises ValueError, with the words."""
    arms = tuple(_read_arm(part.strip(), options) for part in text.split(",") if part.strip())
    names = [arm.name for arm in arms]
    if len({USUAL, *names}) != len(names) + 1:
        raise ValueError(f"each arm needs a name of its own, and none is called {USUAL!r}")
    if sum(arm.percent for arm in arms) > 100:
        raise ValueError("the shares of its arms are more than 100 % together")
    return Trial(arms)


def _read_arm(text: str, options: Mapping[str, str]) -> Arm:
    name, percent, *rest = [*text.split(":"), ""] if ":" not in text else text.split(":")
    if not NAME.fullmatch(name):
        raise ValueError(f"an arm is called by 1 to 16 of a-z, 0-9 and _, not {name!r}")
    if not (percent.isascii() and percent.isdigit() and 1 <= int(percent) <= 100):
        raise ValueError(f"the share of {name!r} must be 1 to 100, not {percent!r}")
    given = dict(option.partition("=")[::2] for option in rest)
    for option, value in given.items():
        if not re.fullmatch(options.get(option, r"(?!)"), value):
            allowed = ", ".join(f"{known}={pattern}" for known, pattern in options.items())
            raise ValueError(f"{name!r} takes {allowed}, not {option}={value}")
    return Arm(name, int(percent), given)
