"""Plays all pairs of the house agent's strategies on a real server, and counts deals, surplus and moves.

    python -m bench.tournament [--rounds 8] [--seal] [--seed 7]

In each round a guest and a host draw what the stay is worth to them, as shares of the list amount: 65 to 100 % is the most
the guest pays, 50 to 90 % the least the host takes. Every pair of strategies plays the same draws. Surplus is what a side
gained against its limit, as a share of the distance between the two limits.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path

from agent.client import Refused, Table
from agent.haggling import Haggle, Plan, Result
from agent.strategies import STRATEGIES
from bench.figures import table
from bench.play import Pair, read_pairs
from bench.run import Bench

NIGHTS = 3
AT_ONCE = 6


@dataclass(frozen=True)
class Draw:
    """What the stay is worth to guest and host, in per cent of the list amount."""

    most: int
    least: int


@dataclass
class Score:
    """The result of a pair of strategies over all rounds."""

    played: int = 0
    possible: int = 0
    deals: int = 0
    moves: int = 0
    guest_gain: list[Decimal] = field(default_factory=list)
    host_gain: list[Decimal] = field(default_factory=list)


def draws(rounds: int, seed: int) -> list[Draw]:
    """Returns the draws, the same ones for the same seed."""
    dice = random.Random(seed)
    return [Draw(dice.randint(65, 100), dice.randint(50, 90)) for _ in range(rounds)]


async def play(url: str, pair: Pair, names: tuple[str, str], draw: Draw, *, slot: int, seal: bool) -> Result:
    """Lets two house agents negotiate; returns the result of the guest's agent."""
    start = date.today() + timedelta(days=20 + (NIGHTS + 1) * slot)
    guest_plan, host_plan = (
        Plan(strategy=name, limit=f"{share}%", start=first, seal=seal)
        for name, share, first in ((names[0], draw.most, "50%"), (names[1], draw.least, "100%"))
    )
    async with Table(url, pair.guest_key) as guest, Table(url, pair.host_key) as host:
        opened = await guest.move(
            "open_negotiation", property=pair.property, start_date=str(start), guests=1, booking_type="stay",
            end_date=str(start + timedelta(days=NIGHTS)), amount=str(pair.nightly * NIGHTS / 2),
        )  # fmt: skip
        sides = [Haggle(guest, guest_plan, opened, quiet)]
        seen = await host.ask("get_negotiation", negotiation=opened["id"])
        sides.append(Haggle(host, host_plan, seen["negotiation"], quiet))
        results = await asyncio.wait_for(asyncio.gather(*(side.play() for side in sides)), 120)
    return Result(results[0].status, results[0].amount, results[0].booking, results[0].moves + results[1].moves)


def quiet(text: str) -> None:
    """Drops an agent's output: a tournament prints only its table."""


def count(score: Score, draw: Draw, result: Result, list_amount: Decimal) -> None:
    """Adds the result of a negotiation to a pair's score."""
    score.played += 1
    score.possible += draw.most >= draw.least
    score.moves += result.moves
    if result.amount is None:
        return
    score.deals += 1
    share = result.amount * 100 / list_amount
    if draw.most > draw.least:
        score.guest_gain.append((draw.most - share) / (draw.most - draw.least))
        score.host_gain.append((share - draw.least) / (draw.most - draw.least))


async def tournament(url: str, pairs: list[Pair], rounds: list[Draw], *, seal: bool) -> dict[tuple[str, str], Score]:
    """Plays all rounds. Each pair of strategies has its own people and home; each round is on different nights."""
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    gate = asyncio.Semaphore(AT_ONCE)

    async def match(pair: Pair, names: tuple[str, str]) -> None:
        for slot, draw in enumerate(rounds):
            async with gate:
                result = await play(url, pair, names, draw, slot=slot, seal=seal)
            count(scores[names], draw, result, pair.nightly * NIGHTS)

    names = product(STRATEGIES, STRATEGIES)
    await asyncio.gather(*(match(pair, both) for pair, both in zip(pairs, names, strict=True)))
    return scores


def mean(values: list[Decimal]) -> str:
    return f"{100 * sum(values) / len(values):.0f} %" if values else "-"


def report(scores: dict[tuple[str, str], Score]) -> str:
    """Returns a table with a row for each pair of strategies."""
    body = [
        [
            f"{guest} – {host}",
            f"{score.deals} of {score.possible}",
            mean(score.guest_gain),
            mean(score.host_gain),
            f"{score.moves / score.played:.1f}",
        ]
        for (guest, host), score in sorted(scores.items())
    ]
    return table(["guest – host", "deals of those possible", "guest's surplus", "host's surplus", "prices named"], body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seal", action="store_true", help="limits are sealed once the offers are spent")
    args = parser.parse_args()
    setting = argparse.Namespace(pairs=len(STRATEGIES) ** 2, properties=0, share=0)
    with tempfile.TemporaryDirectory(prefix="staynest-tournament-") as name:
        Path(name).chmod(0o711)
        bench = Bench(setting, Path(name))
        bench.postgres.start()
        bench.valkey.start()
        try:
            bench.prepare()
            bench.fresh()
            with bench.servers(["bin/serve", "--port", "{port}"], 1, "run") as [(port, _)]:
                work = tournament(
                    f"http://127.0.0.1:{port}", read_pairs(bench.seed), draws(args.rounds, args.seed), seal=args.seal
                )
                print(report(asyncio.run(work)))
        except Refused as refused:
            raise SystemExit(f"refused: {refused}") from refused
        finally:
            bench.valkey.stop()
            bench.postgres.stop()


if __name__ == "__main__":
    main()
