"""A room's page as the server sends it: everything stands already where its script goes on with it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from core import clock
from tests.factories.stays import make_host, make_property
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db


def page(user: User, play: Play) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(f"/inbox/{play.id}/", secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def is_hidden(markup: str, mark: str) -> bool:
    """Whether the element that `mark` is an attribute of is hidden."""
    [tag] = re.findall(rf"<\w+[^>]*{re.escape(mark)}[^>]*>", markup)
    return re.search(r"\shidden[\s>]", tag) is not None


def test_the_table_and_the_moves_of_whose_turn_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(home=make_property(make_host(first_name="Mina")))
    monkeypatch.setattr(clock, "now", lambda: play.now + timedelta(seconds=90))
    play.open("2200.00", message="Would this do?")
    play.offer("host", "2800")
    markup = page(play.guest, play)
    for words in ("Mina asks", "৳2,800", "23 h 58 m left", "You bid", "Would this do?", "above ৳2,200, below ৳2,800"):
        assert words in markup
    shown = {name: not is_hidden(markup, f'data-move="{name}"') for name in ("accept", "decline", "withdraw", "close")}
    assert shown == {"accept": True, "decline": True, "withdraw": False, "close": False}
    assert not is_hidden(markup, 'data-part="offer"')
    assert '<fieldset class="moves"' in markup
    waits = page(play.host, play)
    assert not is_hidden(waits, 'data-move="withdraw"')
    assert is_hidden(waits, 'data-part="offer"')
    assert "The guest has your price." in waits


def test_a_room_that_is_over_offers_no_moves() -> None:
    play = Play()
    play.open("2200.00")
    play.answer("host", "decline")
    markup = page(play.guest, play)
    assert "Last on the table" in markup
    assert is_hidden(markup, 'data-move="accept"')
    assert is_hidden(markup, 'data-part="talk"')
    assert "declined." in markup


def test_a_question_suggests_a_price_near_the_list() -> None:
    play = Play()
    play.open(None, message="Is it quiet?")
    assert re.search(r'id="amount"[^>]*value="2,700"', page(play.guest, play))


def test_what_is_wrong_can_be_told_where_it_is_met() -> None:
    play = Play()
    play.open("2200.00", message="Would this do?")
    markup = page(play.host, play)
    seq = play.log()[-1]["seq"]
    for link in (
        f"kind=message&amp;id={play.id}:{seq}&amp;",
        f"kind=person&amp;id={play.guest.pk}&amp;",
        'data-ask="Block ',
    ):
        assert link in markup
    theirs = page(play.guest, play)
    assert f"kind=listing&amp;id={play.home.pk}&amp;" in theirs
    assert "kind=message" not in theirs


def test_all_modules_of_the_room_are_told_at_once() -> None:
    play = Play()
    play.open("2200.00")
    preloads = re.findall(r'rel="modulepreload" href="[^"]*/([\w-]+)\.js"', page(play.guest, play))
    assert {"room", "haggle", "client", "link", "dom", "live", "ask"} <= set(preloads)
    assert len(preloads) > 25
