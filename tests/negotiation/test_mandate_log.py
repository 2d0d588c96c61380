"""What a machine did stands in its mandate's log, and goes with it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Mandate
from accounts.services import own_data
from accounts.services.closing import close_account
from accounts.services.erasing import erase_closed_accounts
from accounts.services.mandates import forget_mandates
from negotiation.models import Entry, MandateMove, MandateStake
from negotiation.selectors.mandates import list_log
from negotiation.services import people
from negotiation.services.people import forget_old_negotiations
from tests.negotiation.mandates import given, total
from tests.negotiation.play import Play, move, opened

pytestmark = pytest.mark.django_db(transaction=True)


class TestLog:
    def test_its_person_reads_what_it_did_and_was_refused(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")), may=["offer", "seal", "message"])
        play.open("2000", message="Hello.", mandate=mandate)
        play.do("guest", "limit.seal", amount="2000", mandate=mandate)
        play.offer("host", 2900)
        for _ in range(3):
            play.offer("guest", 2100, mandate=mandate)
        play.answer("guest", "accept", mandate=mandate)
        move("offer.make", play.guest, negotiation=999_999, amount="1", mandate=mandate)
        lines = list_log(mandate.pk, 50, None)
        assert [(line["type"], line["code"], line["limit"], line["times"]) for line in lines] == [
            ("offer.make", "not_found", None, 1),
            ("offer.accept", "not_allowed", None, 1),
            ("offer.make", "mandate.exceeded", "max_total", 3),
            ("limit.seal", None, None, 1),
            ("negotiation.open", None, None, 1),
            ("negotiation.open", None, None, 1),
            ("negotiation.open", None, None, 1),
        ]
        assert [line["negotiation"] for line in lines] == [None, *[play.id] * 6]
        shown = [line["entry"]["kind"] for line in lines if line["entry"]]
        assert shown == ["limit.sealed", "message.sent", "offer.made", "negotiation.opened"]
        assert lines[5]["entry"]["data"]["offer"]["amount"] == "2000.00"

    def test_no_figure_of_a_limit_stands_in_it(self) -> None:
        play = opened("2000")
        mandate = given(play)
        play.do("guest", "limit.seal", amount="2345.67", mandate=mandate)
        assert "2345.67" not in str(list_log(mandate.pk, 50, None))
        assert not Entry.objects.filter(data__icontains="2345").exists()

    def test_it_pages(self) -> None:
        play = opened("2000")
        mandate = given(play)
        for n in range(3):
            play.do("guest", "message.send", text=str(n), mandate=mandate)
        first = list_log(mandate.pk, 2, None)
        rest = list_log(mandate.pk, 2, first[-1]["id"])
        assert [line["entry"]["data"]["text"] for line in first + rest] == ["2", "1", "0"]


def test_what_it_did_goes_with_its_mandate_and_the_log_of_the_negotiation_stays() -> None:
    play = Play()
    mandate = given(play)
    play.open("2000", mandate=mandate)
    later = play.now + timedelta(days=400)
    assert forget_mandates(later) == 1
    assert not MandateMove.objects.exists()
    assert not MandateStake.objects.exists()
    assert Entry.objects.filter(via="agent").count() == 2


def test_a_stake_goes_with_its_negotiation() -> None:
    play = Play()
    play.open("2000", mandate=given(play))
    play.answer("host", "decline")
    assert forget_old_negotiations(play.now + timedelta(days=800)) == 1
    assert not MandateStake.objects.exists()


def test_its_person_takes_it_along_and_an_erased_account_leaves_none() -> None:
    play = Play()
    mandate = given(play)
    play.open("2000", mandate=mandate)
    box = Box()
    own_data.put_into_export(user_id=play.guest.pk, box=box)
    people.put_into_export(user_id=play.guest.pk, box=box)
    assert [row["name"] for row in box.rows["mandates"]] == ["Robo"]
    assert [row["kind"] for row in box.rows["mandate_moves"]] == ["negotiation.open"] * 2
    assert "digest" not in box.rows["mandates"][0]
    close_account(user_id=play.guest.pk, now=play.now)
    mandate.refresh_from_db()
    assert mandate.revoked_at is not None
    erase_closed_accounts(play.now + timedelta(days=31))
    assert not Mandate.objects.exists()


class Box:
    """What an export gathers."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def add_rows(self, name: str, rows: Any) -> None:
        self.rows[name] = list(rows)

    def add_file(self, name: str, file: Any) -> None:
        """Files are of no matter here."""
