"""Runs a house agent: bin/agent --mandate KEY --strategy NAME --limit AMOUNT …

As a guest it opens a negotiation, or continues one. As a host it answers in each negotiation that a guest opens, until it
is stopped.

    bin/agent --mandate agent_… --strategy boulware --limit 2800 --property 4 --from 2027-03-05 --to 2027-03-08
    bin/agent --mandate agent_… --strategy conceder --limit 80%
"""

from __future__ import annotations

import argparse
import asyncio
import os
from decimal import Decimal
from typing import Any

from agent.client import KeyEnded, Lost, Refused, Table
from agent.haggling import Haggle, Plan, Result, amount_of
from agent.strategies import STRATEGIES

LOOK_EVERY_S = 3.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/agent", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the hub is (default: %(default)s)")
    parser.add_argument(
        "--mandate", default=os.environ.get("STAYNEST_MANDATE", ""), help="the key; or in the variable STAYNEST_MANDATE"
    )
    parser.add_argument("--strategy", choices=STRATEGIES, default="linear")
    parser.add_argument(
        "--limit", required=True, help="how far it goes: an amount for the stay, or 80%% of the list amount"
    )
    parser.add_argument("--start", default="", help="its first price (default: 60%% as a guest, 100%% as a host)")
    parser.add_argument("--seal", action="store_true", help="seals its limit when its offers are spent")
    parser.add_argument("--negotiation", type=int, help="goes on in this one")
    parser.add_argument("--property", type=int, help="as a guest: opens one about this home")
    parser.add_argument("--from", dest="start_date", help="check-in, YYYY-MM-DD")
    parser.add_argument("--to", dest="end_date", help="check-out, YYYY-MM-DD")
    parser.add_argument("--guests", type=int, default=2)
    parser.add_argument("--type", dest="booking_type", default="stay")
    parser.add_argument("--once", action="store_true", help="as a host: ends with the first negotiation that ended")
    return parser.parse_args()


async def run(args: argparse.Namespace) -> int:
    plan = Plan(strategy=args.strategy, limit=args.limit, start=args.start, seal=args.seal)
    async with Table(args.url, args.mandate) as table:
        if args.property is not None:
            negotiation = await open_negotiation(table, args, plan)
        elif args.negotiation is not None:
            negotiation = (await table.ask("get_negotiation", negotiation=args.negotiation))["negotiation"]
        else:
            await attend(table, plan, once=args.once)
            return 0
        result = await Haggle(table, plan, negotiation, print).play()
    print(ending(negotiation["id"], result))
    return 0 if result.status == "accepted" else 3


async def open_negotiation(table: Table, args: argparse.Namespace, plan: Plan) -> dict[str, Any]:
    """Prices the stay and opens with the first bid."""
    stay = {
        "property": args.property, "start_date": args.start_date, "end_date": args.end_date, "guests": args.guests,
        "booking_type": args.booking_type,
    }  # fmt: skip
    priced = await table.ask("get_quote", **stay)
    first = amount_of(plan.start or "60%", Decimal(priced["stay"]))
    print(f"   list amount {priced['stay']} {priced['currency']}; free: {priced['available']}")
    opened = await table.move("open_negotiation", **stay, amount=str(first))
    print(f"   negotiation {opened['id']}")
    return opened


async def attend(table: Table, plan: Plan, *, once: bool) -> None:
    """Negotiates as a host: in every open negotiation, and in each new one."""
    playing: dict[int, asyncio.Task[None]] = {}
    while not (once and any(task.done() for task in playing.values())):
        found = await table.ask("list_negotiations", status="open")
        for negotiation in found["negotiations"]:
            if negotiation["id"] not in playing:
                playing[negotiation["id"]] = asyncio.create_task(one_of_many(table, plan, negotiation))
        await asyncio.sleep(LOOK_EVERY_S)
    for task in playing.values():
        task.cancel()


async def one_of_many(table: Table, plan: Plan, negotiation: dict[str, Any]) -> None:
    """Negotiates over a connection of its own, since on a shared one a call would wait behind the wait of another."""
    prefix = f"{negotiation['id']}:"
    async with Table(table.address.removesuffix("/mcp/"), table.key) as own:
        try:
            result = await Haggle(own, plan, negotiation, lambda text: print(prefix, text)).play()
            print(ending(negotiation["id"], result))
        except (Refused, Lost) as error:
            print(prefix, error)


def ending(number: int, result: Result) -> str:
    if result.status == "accepted":
        return f"   negotiation {number}: agreed at {result.amount}, booking {result.booking}"
    return f"   negotiation {number}: {result.status}"


def main() -> int:
    args = arguments()
    if not args.mandate:
        print("bin/agent: give a mandate's key: --mandate, or the variable STAYNEST_MANDATE")
        return 2
    try:
        return asyncio.run(run(args))
    except KeyboardInterrupt:
        return 0
    except (KeyEnded, Refused, Lost, ArithmeticError) as error:
        print(f"bin/agent: {error}")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
