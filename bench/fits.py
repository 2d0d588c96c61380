"""Checks that a scenario can be played at all, before anything starts; one that can't would end in a time-out."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from bench import agents, live, rest

SCENARIOS: dict[str, Any] = {
    "haggle": live.haggle,
    "push": live.push,
    "ping": live.ping,
    "accept": live.accept,
    "rivals": live.rivals,
    "idle": live.idle,
    "reconnect": live.reconnect,
    "rest": rest.mix,
    "machines": agents.machines,
    "waiting": agents.waiting,
}
# Scenarios that get server processes and a database of their own.
FRESH = ("idle", "reconnect")
# setting that says how many take part → how many of these one seeded pair provides.
PAIRS = {"pairs": 1, "connections": 1, "properties": 1, "guests": 1, "sockets": 2, "agents": 2}
# scenario → the slot of nights on which it opens negotiations and leaves them open; `push` has a setting for it.
SLOTS = {"accept": 2, "rivals": 3, "waiting": 6}
MOVES_A_PAIR = 2 * live.OFFERS_EACH - 1


def settings_of(text: str) -> tuple[str, dict[str, int]]:
    """Reads `name:setting=value,…` into the name and all settings, with defaults. Raises ValueError that says what is wrong."""
    name, _, given = text.partition(":")
    if name not in SCENARIOS:
        raise ValueError(f"{text}: there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    known = inspect.signature(SCENARIOS[name]).parameters.values()
    settings = {p.name: p.default for p in known if p.default is not p.empty}
    for pair in filter(None, given.split(",")):
        setting, _, value = pair.partition("=")
        if setting not in settings or not value.isdecimal():
            raise ValueError(f"{text}: {pair!r} is none of {', '.join(f'{n}=number' for n in settings)}")
        settings[setting] = int(value)
    return name, settings


def check(scenarios: Sequence[str], seeded: int) -> None:
    """Raises ValueError where a scenario can't be played with so many seeded pairs, and says what would help."""
    taken: dict[int, str] = {}
    for text in scenarios:
        name, settings = settings_of(text)
        check_pairs(text, settings, seeded)
        if name == "push":
            check_moves(text, settings)
        slot = settings.get("slot", SLOTS.get(name))
        if slot is None or name in FRESH:
            continue
        if slot in taken:
            raise ValueError(f"{text}: {taken[slot]} leaves its negotiations open on the same nights (slot {slot})")
        taken[slot] = text


def check_pairs(text: str, settings: dict[str, int], seeded: int) -> None:
    each = 1 if text.startswith("ping") else None
    for setting, of_one in PAIRS.items():
        wanted = -(-settings.get(setting, 0) // (each or of_one))
        if wanted > seeded:
            raise ValueError(
                f"{text}: {setting}={settings[setting]} takes {wanted} pairs of {seeded}; give --pairs {wanted}"
            )


def check_moves(text: str, settings: dict[str, int]) -> None:
    """Raises ValueError where an open loop needs more offers than its pairs may make in their negotiations."""
    wanted, there = settings["rate"] * int(settings["seconds"]), settings["pairs"] * MOVES_A_PAIR
    if wanted > there:
        raise ValueError(
            f"{text}: {settings['rate']}/s × {settings['seconds']} s are {wanted} offers, and {settings['pairs']} pairs have "
            f"{there} ({MOVES_A_PAIR} each); give seconds={there // settings['rate']} or pairs={-(-wanted // MOVES_A_PAIR)}"
        )
