"""A machine's moves: what its mandate lets it do, up to which figure, and what everybody is told of it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Mandate, Notification
from accounts.services.mandates import revoke_mandate
from negotiation.models import MandateMove
from properties.models import Property
from tests.factories.accounts import make_mandate
from tests.factories.stays import day
from tests.negotiation.mandates import given, limit_of
from tests.negotiation.play import Play, code, move, opened

pytestmark = pytest.mark.django_db(transaction=True)


class TestVia:
    def test_each_entry_of_a_machine_says_so_from_the_first_on(self) -> None:
        play = Play()
        mandate = given(play)
        play.open("2000", message="Hello.", mandate=mandate)
        play.offer("host", 2800)
        play.offer("guest", 2100, mandate=mandate)
        play.offer("guest", 2200)
        assert [(entry["kind"], entry.get("via")) for entry in play.log()] == [
            ("negotiation.opened", "agent"),
            ("offer.made", "agent"),
            ("message.sent", "agent"),
            ("offer.made", None),
            ("offer.made", "agent"),
        ]

    def test_the_other_side_is_told_whose_assistant_it_was(self) -> None:
        play = Play()
        mandate = given(play)
        play.open("2000", mandate=mandate)
        play.do("guest", "message.send", text="Still free?", mandate=mandate)
        play.answer("guest", "withdraw", mandate=mandate)
        titles = Notification.objects.filter(user=play.host).order_by("id").values_list("title", flat=True)
        assert [title.split(" ", 3)[:2] for title in titles] == [["Rahim's", "assistant"]] * 3
        assert not Notification.objects.filter(user=play.guest).exists()

    def test_a_rule_that_answers_a_machine_names_it(self) -> None:
        play = Play()
        Property.objects.filter(pk=play.home.pk).update(auto_accept_percent=90)
        mandate = given(play)
        play.open("2900", mandate=mandate)
        assert [(entry["kind"], entry.get("via")) for entry in play.log()][1:] == [
            ("offer.made", "agent"),
            ("offer.accepted", None),
        ]
        told = Notification.objects.get(user=play.host, kind="offer.accepted")
        assert "Rahim's assistant" in told.title

    @pytest.mark.parametrize("second", ["guest", "host"])
    def test_a_meeting_says_whose_seal_was_a_machines(self, second: str) -> None:
        """offer.accepted is the first sealer's; it is a machine's where that seal was."""
        for machine in ("guest", "host"):
            play = opened("2000")
            mandate = given(play, machine)
            first = "host" if second == "guest" else "guest"
            for side, amount in ((first, "2500"), (second, "2500")):
                by = {"mandate": mandate} if side == machine else {}
                assert code(play.do(side, "limit.seal", amount=amount, **by)) == "ok"
            [accepted] = [entry for entry in play.log() if entry["kind"] == "offer.accepted"]
            assert (accepted["actor"], accepted.get("via")) == (first, "agent" if machine == first else None)

    def test_a_limit_that_its_time_ends_was_ended_by_no_machine(self) -> None:
        play = Play()
        mandate = given(play)
        play.open("2000", mandate=mandate)
        play.do("guest", "limit.seal", amount="2200", expires_in=300, mandate=mandate)
        play.later(seconds=400)
        assert code(play.do("guest", "message.send", text="Hm.", mandate=mandate)) == "ok"
        assert [(entry["kind"], entry.get("via")) for entry in play.log()][-2:] == [
            ("limit.unsealed", None),
            ("message.sent", "agent"),
        ]


class TestMay:
    MOVES = (
        ("message.send", {"text": "Hi."}, {"message"}),
        ("offer.make", {"amount": "2100"}, {"offer"}),
        ("offer.make", {"amount": "2100", "message": "Hi."}, {"offer", "message"}),
        ("offer.accept", {"offer": 0}, {"accept"}),
        ("offer.decline", {"offer": 0}, {"offer"}),
        ("limit.seal", {"amount": "2500"}, {"seal"}),
    )

    @pytest.mark.parametrize(("kind", "fields", "needed"), MOVES)
    def test_a_move_outside_is_not_allowed(self, kind: str, fields: dict[str, Any], needed: set[str]) -> None:
        play = opened("2000")
        play.offer("host", 2800)
        fields = fields | ({"offer": play.standing()} if "offer" in fields else {})
        for missing in needed:
            may = [word for word in ("read", "message", "offer", "seal", "accept") if word != missing]
            refused = play.do("guest", kind, **fields, mandate=given(play, may=may))
            assert (code(refused), refused.error and refused.error.params) == ("not_allowed", {"may": [missing]})
        assert code(play.do("guest", kind, **fields, mandate=given(play, may=sorted(needed)))) == "ok"

    @pytest.mark.parametrize(
        ("fields", "needed"),
        [
            ({"amount": "2000"}, {"offer"}),
            ({"amount": None, "limit": "2000"}, {"seal"}),
            ({"amount": None, "message": "Free?"}, {"message"}),
            ({"limit": "2500", "message": "Hi."}, {"offer", "seal", "message"}),
        ],
    )
    def test_an_opening_needs_what_it_carries(self, fields: dict[str, Any], needed: set[str]) -> None:
        play = Play()
        for missing in needed:
            may = [word for word in ("read", "message", "offer", "seal", "accept") if word != missing]
            assert code(play.open(mandate=given(play, may=may), **fields)) == "not_allowed"
        assert code(play.open(mandate=given(play, may=sorted(needed)), **fields)) == "ok"

    def test_of_the_other_side_it_knows_nothing(self) -> None:
        play = opened("2000")
        host_too = given(play, "guest")
        assert code(move("offer.accept", play.host, negotiation=play.id, offer=play.standing(), mandate=host_too)) == (
            "auth.required"
        )
        wrong_side = make_mandate(play.host, side="guest", now=play.now)[0]
        assert code(play.answer("host", "accept", mandate=wrong_side)) == "not_found"
        opening = make_mandate(play.guest, side="host", now=play.now)[0]
        assert code(Play(home=play.home, guest=play.guest, start=day(9), end=day(12)).open(mandate=opening)) == (
            "not_allowed"
        )

    def test_at_a_home_for_people_no_machine_moves(self) -> None:
        play = opened("2000")
        Property.objects.filter(pk=play.home.pk).update(people_only=True)
        assert code(play.do("guest", "message.send", text="Hi.", mandate=given(play))) == "not_allowed"
        assert code(play.answer("host", "accept", mandate=given(play, "host"))) == "not_allowed"
        other = Play(home=play.home)
        assert code(other.open(mandate=given(other))) == "not_allowed"
        assert code(play.do("guest", "message.send", text="Hi.")) == "ok"

    @pytest.mark.parametrize("how", ["revoked", "expired", "inactive", "nobody"])
    def test_one_that_ended_moves_nothing_and_nothing_is_stored(self, how: str) -> None:
        play = opened("2000")
        mandate = given(play, "host")
        if how == "revoked":
            revoke_mandate(mandate_id=mandate.pk, user_id=play.host.pk, now=play.now)
        elif how == "expired":
            Mandate.objects.filter(pk=mandate.pk).update(created_at=play.now - timedelta(days=1), expires_at=play.now)
        elif how == "inactive":
            type(play.host).objects.filter(pk=play.host.pk).update(is_active=False)
        else:
            mandate.pk = 999_999
        fields = {"negotiation": play.id, "offer": play.standing(), "key": "k1"}
        assert code(move("offer.accept", play.host, mandate=mandate, **fields)) == "auth.required"
        assert (play.negotiation.status, MandateMove.objects.count()) == ("open", 0)
        assert code(move("offer.accept", play.host, **fields)) == "ok"

    def test_a_person_and_a_machine_never_share_an_outcome(self) -> None:
        play = opened("2000")
        mandate, fields = given(play, "host"), {"negotiation": play.id, "text": "Hi.", "key": "k1"}
        assert code(move("message.send", play.host, **fields)) == "ok"
        assert code(move("message.send", play.host, mandate=mandate, **fields)) == "command.id_reused"


class TestStays:
    @pytest.mark.parametrize(
        ("values", "told"),
        [
            (lambda play: {"property_ids": [play.home.pk]}, "ok"),
            (lambda play: {"property_ids": [play.home.pk + 1]}, "properties"),
            (lambda play: {"check_in_from": play.start}, "ok"),
            (lambda play: {"check_in_from": play.start + timedelta(days=1)}, "check_in_from"),
            (lambda play: {"check_out_by": play.end}, "ok"),
            (lambda play: {"check_out_by": play.end - timedelta(days=1)}, "check_out_by"),
        ],
    )
    def test_homes_and_dates_bound_every_move(self, values: Any, told: str) -> None:
        play = Play()
        assert limit_of(play.open("2000", mandate=given(play, **values(play)))) == told
        if told != "ok":
            play.open("2000")
        for kind, fields in (("message.send", {"text": "Hi."}), ("limit.seal", {"amount": "2500"})):
            assert limit_of(play.do("guest", kind, **fields, mandate=given(play, **values(play)))) == told
        assert limit_of(play.answer("guest", "withdraw", mandate=given(play, **values(play)))) == told

    def test_a_figure_in_another_currency_is_refused_and_a_word_is_not(self) -> None:
        play = opened("2000")
        mandate = given(play, "host", currency="USD")
        assert limit_of(play.offer("host", 2800, mandate=mandate)) == "currency"
        assert limit_of(play.answer("host", "accept", mandate=mandate)) == "currency"
        assert limit_of(play.do("host", "message.send", text="Hi.", mandate=mandate)) == "ok"


class TestHost:
    def test_asks_seals_and_accepts_are_bound_by_a_share_of_the_list_amount(self) -> None:
        """3,000 is the list amount."""
        play = opened("2000")
        mandate = given(play, "host", min_percent="80")
        assert limit_of(play.offer("host", "2399.99", mandate=mandate)) == "min_percent"
        assert limit_of(play.do("host", "limit.seal", amount="2399.99", mandate=mandate)) == "min_percent"
        assert limit_of(play.answer("host", "accept", mandate=mandate)) == "min_percent"
        assert limit_of(play.do("host", "limit.seal", amount="2400", mandate=mandate)) == "ok"
        assert limit_of(play.offer("host", "2400", mandate=mandate)) == "ok"
        play.offer("guest", "2399")
        assert limit_of(play.answer("host", "accept", mandate=mandate)) == "min_percent"
        assert limit_of(play.answer("host", "accept")) == "ok"

    def test_a_first_ask_in_a_question_is_bound_too(self) -> None:
        play = opened(None)
        mandate = given(play, "host", min_percent="80")
        assert limit_of(play.offer("host", "2399", mandate=mandate)) == "min_percent"
        assert limit_of(play.do("host", "limit.seal", amount="2399", mandate=mandate)) == "min_percent"
        assert limit_of(play.offer("host", "2400", mandate=mandate)) == "ok"
