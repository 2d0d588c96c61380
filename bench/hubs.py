"""Simulates, with the hub's own presence tables, how many messages N hub processes exchange with the broker.

    python -m bench.hubs [--hubs 1,2,8,80] [--sockets 100000] [--offers 1000] [--sample 2000]

Sockets are spread over the processes at random, as a balancer does; a negotiation's guest and host have one each. The
simulation counts deliveries: messages that the broker hands out, a second. "To all" means one message a move to every
process; "to subscribers" asks `Presence.peers_of`, as `core.live.bus` does. Messages of one event-loop turn travel together,
which lowers both figures; the simulation ignores that. Beats and changes of presence always go to all processes and are
counted separately.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass

from core.live.presence import Presence

# Seconds that a socket lives and a negotiation stays joined: people read a page for some minutes.
SOCKET_LIVES_S = 600.0
JOINS_A_SOCKET = 3
SOON_S = 0.02


@dataclass(frozen=True)
class Load:
    """The load of a whole site. `offers` is a number a second."""

    hubs: int
    sockets: int
    offers: float
    sample: int


def nothing(*_: object) -> None:
    """Does nothing: the callback of a presence that announces nothing."""


def build(load: Load, chance: random.Random) -> tuple[list[Presence], list[tuple[int, int, int]]]:
    """Returns each hub's presence table for a sample of negotiations, and `(negotiation, guest's hub, host's hub)` of each."""
    tables = [Presence(nothing, nothing, nothing) for _ in range(load.hubs)]
    pairs = [(n, chance.randrange(load.hubs), chance.randrange(load.hubs)) for n in range(load.sample)]
    for negotiation, *homes in pairs:
        for side, hub in enumerate(homes):
            user = 2 * negotiation + side
            tables[hub].socket_opened(user)
            tables[hub].topic_joined(user, f"negotiation:{negotiation}")
    diffs = [table.take_presence_diff() for table in tables]
    for here, table in enumerate(tables):
        for there, diff in enumerate(diffs):
            if here != there and diff is not None:
                table.apply_presence_diff(str(there), diff, 0.0)
    return tables, pairs


def targeted(load: Load, chance: random.Random) -> float:
    """Returns messages a move: one to each other process with a subscriber of its entry or of the other side's pushes."""
    tables, pairs = build(load, chance)
    messages = 0
    for negotiation, guest_hub, host_hub in pairs:
        for mover_hub, other in ((guest_hub, 2 * negotiation + 1), (host_hub, 2 * negotiation)):
            here = tables[mover_hub]
            messages += len({*here.peers_of(f"negotiation:{negotiation}"), *here.peers_of(f"user:{other}")})
    return messages / (2 * len(pairs))


def presence_messages(load: Load) -> float:
    """Returns the diffs a second of all processes. A change waits `SOON_S` for others, to share a message."""
    changes = load.sockets / SOCKET_LIVES_S * 2 * (1 + JOINS_A_SOCKET) / load.hubs
    return load.hubs * min(changes, 1 / SOON_S)


def report(load: Load) -> str:
    """Returns one line of the table."""
    others = load.hubs - 1
    to_all, to_some = load.offers * load.hubs, load.offers * targeted(load, random.Random(1))
    beats, diffs = load.hubs * load.hubs, presence_messages(load) * others
    a_hub = (to_some + beats + diffs) / load.hubs
    return f"| {load.hubs} | {to_all:,.0f} | {to_some:,.0f} | {beats:,.0f} | {diffs:,.0f} | {a_hub:,.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--hubs", default="1,2,8,80", help="numbers of processes, with commas")
    parser.add_argument("--sockets", type=int, default=100_000)
    parser.add_argument("--offers", type=float, default=1000.0, help="a second, of the whole site")
    parser.add_argument("--sample", type=int, default=2000, help="negotiations that are looked at")
    asked = parser.parse_args()
    print(f"{asked.sockets:,} sockets, {asked.offers:,.0f} offers a second; deliveries of the broker a second")
    print("| hubs | moves, to all | moves, to subscribers | beats | changes of presence | a hub receives |")
    print("|---|---|---|---|---|---|")
    for hubs in map(int, asked.hubs.split(",")):
        print(report(Load(hubs, asked.sockets, asked.offers, asked.sample)))


if __name__ == "__main__":
    main()
