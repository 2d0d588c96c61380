"""Who may send which command: every one of the command table, by everybody, against tests/permissions/commands.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Notification
from core import clock
from negotiation.live.commands import COMMANDS as SERVED
from tests.factories.stays import day, make_host, make_user
from tests.hub.tabs import Refused, Tab
from tests.negotiation.play import Play
from tests.permissions.commands import COLUMNS, COMMANDS
from tests.permissions.world import DEAD, dead

WORDS = {"not_found": "404", "not_allowed": "403", "offer.not_your_turn": "turn"}
NOTHING = 999_999_999


def test_every_command_has_a_line_and_every_line_its_command() -> None:
    assert {command for _, command in COMMANDS} == set(SERVED)


def fields_of(play: Play, here: str, command: str, *, missing: bool = False) -> dict[str, Any]:
    """The command's fields, about a thing that is there for somebody; all that any command takes, as others are ignored."""
    negotiation = NOTHING if missing else play.id
    stay = {"property": play.home.pk, "start_date": day(300).isoformat(), "end_date": day(302).isoformat()}
    told = Notification.objects.filter(user=play.guest).first()
    if told is None:
        told = Notification.objects.create(user=play.guest, kind="offer.made", title="-", at=clock.now())
    standing = play.negotiation.offers.filter(status="standing").first()
    return stay | {
        "negotiation": negotiation,
        "offer": standing.pk if standing and not missing else NOTHING,
        "notification": NOTHING if missing else told.pk,
        "guests": 2, "booking_type": "stay", "text": "Hello.", "typing": True, "seq": 1, "expires_in": 100_000,
        "amount": {"offer.make": "2900.00", "limit.seal": "2900.00"}.get(command, "1500.00"),
    }  # fmt: skip


def sent(tab: Tab, command: str, fields: dict[str, Any]) -> tuple[str, str]:
    """What came of it in the table's words, and the refusal whole."""
    try:
        tab.call(command, **fields)
    except Refused as refusal:
        return WORDS.get(refusal.code, refusal.code), json.dumps(refusal.error)
    return "ok", ""


def test_everybody_gets_what_the_table_says(tab: Callable[..., Tab], play: Play, settings: Any) -> None:
    """First those who may not, then those who may: for these each command finds things as they were."""
    settings.RATE_LIMIT_FACTOR = 1000.0  # more haggles about one home than a guest may begin in a day
    people = {"guest": make_user(), "host": make_host(), "party": play.guest, "owner": play.host}
    assert set(people) == set(COLUMNS)
    tabs = {name: tab(user) for name, user in people.items()}
    wrong = []
    for name in people:
        for (here, command), row in COMMANDS.items():
            if not play.id or here == "asked" or (here == "room" and name in ("party", "owner")):
                start_over(play, here)
            word, refusal = sent(tabs[name], command, fields_of(play, here, command))
            if word != row[name]:
                wrong.append(f"{command} as {name}: {word} in place of {row[name]} {refusal}")
            elif (
                word == "404" and refusal != sent(tabs[name], command, fields_of(play, here, command, missing=True))[1]
            ):
                wrong.append(f"{command} as {name}: a not_found that tells that it is there: {refusal}")
    assert not wrong, "\n".join(wrong)


def start_over(play: Play, here: str) -> None:
    """A new haggle about other nights: with a bid, or a question."""
    play.start, play.end = play.end, day(3, play.end)
    if here == "asked":
        play.open(None, message="Is it quiet?")
    else:
        play.open("2000.00")


@pytest.mark.parametrize("why", DEAD)
def test_dead_credentials_send_no_command(tab: Callable[..., Tab], transactional_db: None, why: str) -> None:
    caller = dead(why)
    for headers in ({"Authorization": f"Token {caller.token}"}, {"Cookie": f"sessionid={caller.session}"}):
        live = tab(headers=headers)
        assert live.closed() == 4401
        assert not live.frames
