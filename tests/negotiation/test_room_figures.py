"""The room as the server draws it and as its script goes on with it are one: the same controls, prices, places and words."""

from __future__ import annotations

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core import clock
from negotiation.pages import haggle_figures as figures
from negotiation.pages.entry_words import line, offer_title, time_left
from negotiation.pages.room_controls import receives_of, room_as_shown
from negotiation.rules.negotiation_state import Side
from tests.negotiation.test_hub_client_js import NODE, SCRIPTS

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-11-22T10:00:00.000Z"


def quote_of(amount: str) -> dict[str, Any]:
    """A quote of that stay with cents in every line."""
    lines = {"stay": amount, "meals": "300.10", "cleaning": "0.25", "platform_fee": "0.05", "tax": "1200.15"}
    return {"currency": "BDT", "nights": 3, **lines, "total": str(sum(map(Decimal, lines.values())))}


def made(seq: int, actor: str, amount: str) -> dict[str, Any]:
    offer = {"id": seq, "amount": amount, "by": actor, "made_at": AT, "expires_at": "2026-11-23T10:00:00.000Z",
             "status": "standing", "quote": quote_of(amount)}  # fmt: skip
    return {"seq": seq, "at": AT, "kind": "offer.made", "actor": actor, "data": {"offer": offer}}


def entry(seq: int, kind: str, actor: str = "system", **data: Any) -> dict[str, Any]:
    return {"seq": seq, "at": AT, "kind": kind, "actor": actor, "data": data}


OPENED = entry(1, "negotiation.opened", "guest", property={"id": 1, "title": "Lake House"}, start_date="2027-03-01",
               end_date="2027-03-04", guests=2, booking_type="stay", list_amount="9600.00", currency="BDT")  # fmt: skip


def case(side: Side, *offers: tuple[str, str], status: str = "open", listed: str = "9600.00", left: int = 3,
         limits: tuple[str, str] = ("none", "none"), more: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:  # fmt: skip
    entries = [OPENED, *(made(seq, *offer) for seq, offer in enumerate(offers, 2)), *more]
    standing = entries[len(offers)]["data"]["offer"] if offers and status == "open" else None
    snapshot = {
        "status": status, "standing_offer": standing, "list_amount": listed, "currency": "BDT",
        "offers_left": {"guest": left, "host": left}, "limits": {"guest": limits[0], "host": limits[1]},
        "guest": {"id": 1, "name": "Rahim"}, "host": {"id": 2, "name": "Mina"}, "seen": {"guest": 0, "host": 0},
    }  # fmt: skip
    return {"snapshot": snapshot, "entries": entries, "side": side}


ENDS = tuple(
    entry(seq, kind, actor, **data)
    for seq, (kind, actor, data) in enumerate(
        [
            ("offer.extended", "guest", {"offer": {}}),
            ("limit.sealed", "guest", {}),
            ("limit.unsealed", "guest", {}),
            ("limit.missed", "system", {}),
            ("offer.expired", "system", {"offer": 3}),
            ("offer.expired", "system", {"offer": None}),
            ("offer.withdrawn", "guest", {"offer": 3}),
            ("offer.declined", "host", {"offer": 3, "reason": "Too low."}),
            ("offer.declined", "guest", {"offer": 3, "reason": ""}),
            ("negotiation.closed", "host", {}),
            ("list.lowered", "system", {"list_amount": "7000.00"}),
            *(
                ("negotiation.superseded", "system", {"reason": reason})
                for reason in ("dates.taken", "guest.booked", "property.unlisted", "account.closed")
            ),
            ("offer.accepted", "host", {"offer": 3, "booking": 5, "amount": "8000.50"}),
            ("limit.met", "system", {"offer": made(1, "guest", "8100.00")["data"]["offer"]}),
            ("offer.accepted", "guest", {"offer": 4, "booking": 5, "amount": "8100.00"}),
        ],
        10,
    )
)
SIDES: tuple[Side, Side] = ("guest", "host")
CASES = [
    one
    for side in SIDES
    for one in (
        case(side),
        case(side, listed="640.00"),
        case(side, ("guest", "7000.00")),
        case(side, ("guest", "7000.00"), ("host", "9600.00")),
        case(side, ("host", "9000.00")),
        case(side, ("guest", "15994.00"), ("host", "17517.00"), listed="19040.00", limits=("sealed", "none")),
        case(side, ("guest", "8000.00"), ("host", "8000.01"), left=0),
        case(side, ("guest", "10.01"), ("host", "10.99"), listed="12.00", limits=("spent", "spent")),
        case(side, ("guest", "7000.00"), status="accepted", more=ENDS),
        case(side, ("guest", "7000.00"), status="declined"),
    )
]


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the page's script makes of the cases."""
    path: Path = tmp_path_factory.mktemp("figures") / "cases.json"
    path.write_text(json.dumps(CASES))
    for app in ("core", "negotiation"):
        (path.parent / app).symlink_to(ROOT / app / "static" / app)
    command = [str(NODE), "--preserve-symlinks", str(SCRIPTS / "figures.mjs")]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "CASES": str(path), "STATIC": str(path.parent)},
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def drawn(snapshot: dict[str, Any], entries: list[dict[str, Any]], side: Side) -> dict[str, Any]:
    span, limit = figures.offer_span(snapshot, entries, side), figures.limit_span(snapshot, entries, side)
    slider = None if span.is_empty else figures.slider_of(span)
    ladder = figures.ladder_of(snapshot, entries)
    return {
        "can": figures.may(snapshot, entries, side),
        "span": [float(span.least), float(span.most)],
        "limit": [float(limit.least), float(limit.most)],
        "slider": slider and [float(slider.low), float(slider.high), float(slider.step)],
        "suggested": None if span.is_empty else float(figures.suggested(span, side, entries)),
        "ladder": [list(ladder.bids), list(ladder.asks), ladder.top],
        "receives": [
            float(receives_of(one["data"]["offer"]["quote"])) for one in entries if one["kind"] == "offer.made"
        ],
        "lines": [
            offer_title(snapshot, side, one["actor"])
            if one["kind"] == "offer.made"
            else line(snapshot, entries, one, side)
            for one in entries
        ],
    }


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_server_draws_what_the_script_would(scripted: list[dict[str, Any]], number: int) -> None:
    theirs, ours = scripted[number], drawn(**CASES[number])
    assert ours["lines"] == theirs["lines"]
    assert ours == {**theirs, "slider": theirs["slider"] and pytest.approx(theirs["slider"]),
                    "suggested": theirs["suggested"] and pytest.approx(theirs["suggested"])}  # fmt: skip


@pytest.mark.parametrize("side", SIDES)
def test_a_first_price_is_a_tenth_below_the_list(side: Side) -> None:
    one = case(side)
    shown = room_as_shown(**one, now=clock.now())
    assert shown["offering"]["value"] == "8,600"


def test_a_first_price_after_an_ask_is_a_tenth_below_it() -> None:
    one = case("guest", ("host", "8000.00"))
    assert figures.suggested(
        figures.offer_span(one["snapshot"], one["entries"], "guest"), "guest", one["entries"]
    ) == Decimal(7200)


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (-5, "time is up"),
        (1, "1 s left"),
        (59_001, "1 m 0 s left"),
        (3_600_000 * 3 + 60_000 * 12, "3 h 12 m left"),
        (86_400_000 * 2 + 3_600_000, "2 d 1 h left"),
    ],
)
def test_what_is_left_is_told_in_two_units(milliseconds: float, words: str) -> None:
    assert time_left(milliseconds) == words
