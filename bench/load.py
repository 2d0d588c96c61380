"""The load generator's process: python -m bench.load SEED --url ws://… --watch server=PID … SCENARIO[:name=value…] …

It prints one JSON line for each scenario.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import uvloop

from bench.fits import SCENARIOS, settings_of
from bench.play import Stage, read_pairs


async def run(stage: Stage, scenarios: list[str]) -> None:
    for text in scenarios:
        name, values = settings_of(text)
        try:
            figures = await SCENARIOS[name](stage, **values)
        except Exception as error:
            figures = {"failed": repr(error)}
        figures["gaps"] = await stage.hang_up()
        print(json.dumps({"scenario": text, **figures}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=Path)
    parser.add_argument("scenarios", nargs="+")
    parser.add_argument("--url", action="append", required=True)
    parser.add_argument("--watch", action="append", default=[])
    args = parser.parse_args()
    watch = {name: int(pid) for name, pid in (text.split("=") for text in args.watch)}
    uvloop.run(run(Stage(args.url, read_pairs(args.seed), watch), args.scenarios))


if __name__ == "__main__":
    main()
