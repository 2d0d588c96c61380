"""A machine's moves: what its mandate lets it do, up to which figure, and what everybody is told of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Mandate, Notification
from accounts.services import own_data
from accounts.services.closing import close_account
from accounts.services.erasing import erase_closed_accounts
from accounts.services.mandates import forget_mandates, lower_mandate, revoke_mandate
from bookings.models import Booking
from negotiation.models import Entry, MandateMove, MandateStake, Negotiation
from negotiation.selectors.mandates import get_standings, list_log
from negotiation.services import people
from negotiation.services.people import forget_old_negotiations
from properties.models import Property
from tests.factories.accounts import make_mandate
from tests.factories.stays import day
from tests.negotiation.play import Play, code, move, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db(transaction=True)


def given(play: Play, side: str = "guest", **values: Any) -> Mandate:
    """A mandate of one side of `play`."""
    user = play.guest if side == "guest" else play.host
    values = {name: Decimal(value) if name in ("max_total", "min_percent") else value for name, value in values.items()}
    return make_mandate(user, side=side, now=play.now, **values)[0]


def limit_of(outcome: Any) -> str:
    """Which limit of the mandate refused it; else the code."""
    told = code(outcome)
    return outcome.error.params["limit"] if told == "mandate.exceeded" else told


def total(amount: str) -> Decimal:
    """All in: fee and tax of the test's settings on the stay's price."""
    play = opened(amount)
    return Decimal(play.negotiation.offers.get().quote["total"])


def stake(mandate: Mandate, play: Play) -> Decimal:
    return get_standings([mandate.pk], play.now)[mandate.pk].total


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


class TestSums:
    def test_bids_in_several_rooms_are_summed_all_in(self) -> None:
        first, second = Play(), Play()
        second.guest = first.guest
        each = total("2000")
        mandate = given(first, max_total=str(2 * each))
        assert limit_of(first.open("2000", mandate=mandate)) == "ok"
        assert limit_of(second.open("2000.01", mandate=mandate)) == "max_total"
        assert limit_of(second.open("2000", mandate=mandate)) == "ok"
        assert stake(mandate, first) == 2 * each
        third = Play(guest=first.guest)
        refused = third.open("500", mandate=mandate)
        assert refused.error is not None
        assert refused.error.params == {"limit": "max_total", "most": f"{2 * each:.2f}", "left": "0.00"}
        assert Negotiation.objects.filter(guest=first.guest).count() == 2
        assert code(third.open("500")) == "ok"

    def test_a_new_bid_takes_the_place_of_the_one_before(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2100")))
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        assert limit_of(play.offer("guest", "2100.01", mandate=mandate)) == "max_total"
        assert limit_of(play.offer("guest", "2100", mandate=mandate)) == "ok"

    def test_what_ends_is_free_again(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        ends = (
            lambda p: p.answer("host", "decline"),
            lambda p: p.answer("guest", "withdraw", mandate=mandate),
            lambda p: p.later(days=2),
        )
        for n, end in enumerate(ends):
            room = Play(home=play.home, guest=play.guest, start=day(4 * n), end=day(4 * n + 3), now=play.now)
            assert limit_of(room.open("2000", mandate=mandate)) == "ok", n
            end(room)
            play.now = room.now

    def test_a_bid_that_its_person_replaced_is_the_persons(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        play.offer("guest", 2500)
        assert stake(mandate, play) == 0

    def test_what_was_agreed_counts_while_it_is_unpaid_or_ahead(self) -> None:
        play = Play()
        each = total("2000")
        mandate = given(play, max_total=str(each))
        play.open("2000", mandate=mandate)
        play.answer("host", "accept")
        booking = Booking.objects.get()
        other = Play(guest=play.guest, start=day(9), end=day(12))
        assert limit_of(other.open("500", mandate=mandate)) == "max_total"
        Booking.objects.update(payment_status="paid")
        assert stake(mandate, play) == each
        play.now = booking.check_in_at
        assert stake(mandate, play) == 0
        Booking.objects.update(payment_status="due")
        assert stake(mandate, play) == each
        Booking.objects.update(status="cancelled", calendar_entry=None)
        assert stake(mandate, play) == 0
        assert limit_of(other.open("500", mandate=mandate)) == "ok"

    def test_an_accept_counts_with_what_stands_elsewhere(self) -> None:
        first = Play()
        mandate = given(first, max_total=str(total("2000") + total("2799")))
        first.open("2000", mandate=mandate)
        second = Play(guest=first.guest, start=day(9), end=day(12))
        second.open("1000")
        second.offer("host", 2800)
        assert limit_of(second.answer("guest", "accept", mandate=mandate)) == "max_total"
        second.offer("guest", 1100)
        second.offer("host", 2799)
        assert limit_of(second.answer("guest", "accept", mandate=mandate)) == "ok"
        assert stake(mandate, first) == total("2000") + total("2799")
        check_world()

    def test_a_sealed_limit_counts_and_in_one_room_the_larger_of_the_two(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2500")))
        play.open("2000", mandate=mandate)
        assert limit_of(play.do("guest", "limit.seal", amount="2500.01", mandate=mandate)) == "max_total"
        assert limit_of(play.do("guest", "limit.seal", amount="2500", mandate=mandate)) == "ok"
        assert stake(mandate, play) == total("2500")
        other = Play(guest=play.guest, start=day(9), end=day(12))
        assert limit_of(other.open("100", mandate=mandate)) == "max_total"
        assert limit_of(play.do("guest", "limit.unseal", mandate=mandate)) == "ok"
        assert stake(mandate, play) == total("2000")

    def test_a_meeting_counts_at_its_price(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2500")))
        play.open("2000", mandate=mandate)
        play.do("guest", "limit.seal", amount="2500", mandate=mandate)
        play.do("host", "limit.seal", amount="2300")
        assert stake(mandate, play) == total("2400")

    def test_a_limit_of_an_opening_is_judged_before_anything_is_written(self) -> None:
        play = Play()
        mandate = given(play, max_total=str(total("2000")))
        assert limit_of(play.open("2000", limit="2400", mandate=mandate)) == "max_total"
        assert limit_of(play.open(None, limit="2400", mandate=mandate)) == "max_total"
        assert not Negotiation.objects.filter(guest=play.guest).exists()
        assert limit_of(play.open(None, limit="2000", mandate=mandate)) == "ok"

    def test_a_refused_second_seal_leaves_the_first(self) -> None:
        """As every refusal of it, whether or not the two would have met."""
        play = opened("2000")
        play.do("host", "limit.seal", amount="2500")
        mandate = given(play, max_total=str(total("2400")))
        assert limit_of(play.do("guest", "limit.seal", amount="2600", mandate=mandate)) == "max_total"
        assert play.negotiation.host_limit == 2500
        assert limit_of(play.do("guest", "limit.seal", amount="2400", mandate=mandate)) == "ok"
        assert play.kinds()[-1] == "limit.missed"

    def test_lowering_counts_for_the_next_move(self) -> None:
        play = Play()
        mandate = given(play, max_total="9000")
        play.open("2000", mandate=mandate)
        play.offer("host", 2900)
        lower_mandate(mandate_id=mandate.pk, user_id=play.guest.pk, changes={"max_total": Decimal(1)}, now=play.now)
        assert limit_of(play.offer("guest", 2100, mandate=mandate)) == "max_total"

    def test_open_rooms_are_those_that_the_machine_opened(self) -> None:
        play = opened("2000")
        mandate = given(play, max_open=1)
        rooms = [Play(guest=play.guest, start=day(4 * n), end=day(4 * n + 3)) for n in range(1, 4)]
        assert limit_of(rooms[0].open(None, message="Free?", mandate=mandate)) == "ok"
        assert limit_of(rooms[1].open("500", mandate=mandate)) == "max_open"
        assert limit_of(rooms[0].open("600", mandate=mandate)) == "ok"
        rooms[0].answer("guest", "withdraw")
        assert limit_of(rooms[2].open("500", mandate=mandate)) == "ok"


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
