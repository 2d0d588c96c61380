"""Rule 1, the questions: no amount, no offer, no limit; and how one becomes a haggle."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from core.errors import DomainError
from negotiation.engine.executor import execute_one
from negotiation.engine.parsing import read_move
from negotiation.models import Negotiation
from negotiation.services import jobs
from properties.models import Property
from tests.factories.properties import make_entry, make_window
from tests.factories.stays import day, make_meal, make_property, make_user
from tests.negotiation.play import Play, code, move

pytestmark = pytest.mark.django_db

OPENED = ["negotiation.opened", "message.sent"]


def ask(play: Play | None = None, **fields: object) -> Play:
    play = play or Play()
    outcome = play.open(None, **{"message": "Is there a cot?"} | fields)
    assert code(outcome) == "ok", outcome.error
    return play


def edit(play: Play, **fields: object) -> None:
    Property.objects.filter(pk=play.home.pk).update(**fields)


def test_a_script_that_asks_everywhere_is_stopped() -> None:
    """A hundred in 24 hours, at all homes together; those that became a haggle count as openings instead."""
    plays = [ask(), ask()]
    guest, now = plays[0].guest, plays[0].now
    Negotiation.objects.bulk_create(
        Negotiation(**{**row, "id": None, "created_at": now - timedelta(hours=1), "guest_id": guest.pk, "status": "closed"})
        for row in Negotiation.objects.filter(pk=plays[0].id).values() for _ in range(98)
    )  # fmt: skip
    assert code(Play(guest=guest, now=now).open(None, message="The hundredth?")) == "ok"
    refused = Play(guest=guest, now=now).open(None, message="One more?")
    assert (code(refused), refused.error.params["quota"]) == ("rate_limited", "questions")
    assert refused.error.params["retry_after"] == 23 * 3600
    assert code(Play(guest=guest, now=now).open("1000")) == "ok", "a bid is no question"
    assert code(plays[1].do("guest", "message.send", text="Hello")) == "ok", "nor is somebody else's"
    later = Play(guest=guest, now=now + timedelta(hours=23, seconds=1))
    assert code(later.open(None, message="Tomorrow?")) == "ok"


def test_a_question_has_words_and_no_offer() -> None:
    play = ask()
    seen = play.seen_now()
    assert (seen["status"], seen["turn"], seen["standing_offer"]) == ("open", None, None)
    assert seen["offers_left"] == {"guest": 5, "host": 5}
    assert play.kinds() == OPENED
    assert (play.told("host"), play.told("guest")) == (["negotiation.opened"], [])


@pytest.mark.parametrize("message", [None, "", "   "])
def test_without_words_it_asks_nothing(message: str | None) -> None:
    outcome = Play().open(None, message=message)
    assert outcome.error is not None
    assert (outcome.error.code, list(outcome.error.fields)) == ("invalid", ["message"])
    assert not Negotiation.objects.exists()


def test_a_question_needs_neither_free_nights_nor_a_host_who_haggles_nor_is_it_counted() -> None:
    play = Play()
    edit(play, negotiable=False)
    make_entry(play.home, play.start, play.end)
    for n in range(0, 15, 3):
        ask(Play(home=play.home, guest=play.guest, start=day(n), end=day(n + 3)))
    assert Negotiation.objects.filter(status="open", turn=None).count() == 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"status": "unlisted"}, "property.not_listed"), ({"status": "draft"}, "not_found"), ({"min_nights": 9}, "dates.invalid")],
)  # fmt: skip
def test_a_question_meets_the_other_checks(change: dict, expected: str) -> None:
    play = Play()
    edit(play, **change)
    assert code(play.open(None, message="Hello?")) == expected


def test_ones_own_home_is_not_asked_about() -> None:
    play = Play()
    play.guest = play.host
    assert code(play.open(None, message="Hello?")) == "not_allowed"


def test_a_second_question_on_these_nights_is_the_first() -> None:
    play = ask()
    again = Play(home=play.home, guest=play.guest, start=day(2), end=day(5)).open(None, message="And a pool?")
    assert again.error is not None
    assert (again.error.code, again.error.params) == ("negotiation.already_open", {"negotiation": play.id})
    bid = Play(home=play.home, guest=play.guest, start=day(2), end=day(5)).open("900")
    assert code(bid) == "negotiation.already_open"


@pytest.mark.parametrize(("side", "amount", "turn"), [("guest", "2000", "host"), ("host", "3000", "guest")])
def test_either_side_may_make_the_first_offer(side: str, amount: str, turn: str) -> None:
    play = ask()
    outcome = play.offer(side, amount, message="Here you are.")
    assert code(outcome) == "ok"
    seen = play.seen_now()
    assert (seen["turn"], seen["standing_offer"]["by"], seen["offers_left"][side]) == (turn, side, 4)
    assert play.kinds() == [*OPENED, "offer.made", "message.sent"]
    assert play.negotiation.question_expires_at is None


@pytest.mark.parametrize(("side", "amount"), [("guest", "3000"), ("host", "3000.01")])
def test_the_first_offer_is_a_concession_too(side: str, amount: str) -> None:
    assert code(ask().offer(side, amount)) == "offer.not_a_concession"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"negotiable": False}, "negotiation.not_offered"), ({"min_nights": 5}, "dates.invalid"),
        ({"stay": False}, "invalid"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("side", ["guest", "host"])
def test_the_first_offer_meets_every_check_of_opening(change: dict, expected: str, side: str) -> None:
    play = ask()
    edit(play, **change)
    assert code(play.offer(side, 2000)) == expected
    assert play.kinds() == OPENED


@pytest.mark.parametrize("side", ["guest", "host"])
def test_the_first_offer_wants_free_nights(side: str) -> None:
    play = ask()
    make_entry(play.home, day(2), day(4), kind="block")
    assert code(play.offer(side, 2000)) == "dates.taken"
    other = ask(Play(start=day(0), end=day(3)))
    make_window(other.home, day(0), day(2))
    assert code(other.offer(side, 2000)) == "dates.taken"


def test_too_many_guests_by_now() -> None:
    play = ask()
    play.home.basics.number_of_guests = 1
    play.home.basics.save()
    assert code(play.offer("host", 2000)) == "stay.too_many_guests"


def test_an_opening_with_an_amount_goes_on_in_the_question_with_its_own_terms() -> None:
    play = Play()
    meal = make_meal(play.home)
    ask(play)
    edit(play, price=Decimal(1200), offers_per_side=3)
    meals = {"breakfast": [{"id": meal.pk, "quantity": 2, "date": day(1).isoformat()}]}
    question = play.id
    outcome = play.open("3000", guests=4, booking_type="stay_with_meal", meals=meals, message="Four of us.")
    assert code(outcome) == "ok"
    seen = play.seen_now()
    assert (play.id, seen["guests"], seen["booking_type"], seen["list_amount"]) == (
        question,
        4,
        "stay_with_meal",
        "3600.00",
    )
    assert (seen["standing_offer"]["quote"]["meals"], seen["offers_left"]) == ("240.00", {"guest": 2, "host": 3})
    assert play.kinds() == [*OPENED, "offer.made", "message.sent"]
    assert play.told("host") == ["negotiation.opened", "offer.made", "message.sent"]


def test_terms_freeze_with_the_first_offer() -> None:
    play = ask()
    edit(play, price=Decimal(1500))
    assert play.seen_now()["list_amount"] == "3000.00"
    play.offer("host", 4500)
    edit(play, price=Decimal(900), cleaning_fee=Decimal(500))
    play.offer("guest", 2000)
    seen = play.seen_now()
    assert (seen["list_amount"], seen["standing_offer"]["quote"]["cleaning"]) == ("4500.00", "0.00")


@pytest.mark.parametrize("side", ["guest", "host"])
def test_either_side_closes_it(side: str) -> None:
    play = ask()
    assert code(play.do(side, "negotiation.close")) == "ok"
    assert (play.seen_now()["status"], play.log()[-1]["data"], play.kinds()[-1]) == ("closed", {}, "negotiation.closed")
    other = "host" if side == "guest" else "guest"
    assert play.told(other)[-1] == "negotiation.closed"
    assert "negotiation.closed" not in play.told(side)
    for kind, fields in (("negotiation.close", {}), ("message.send", {"text": "?"}), ("offer.make", {"amount": "2"})):
        outcome = play.do(other, kind, **fields)
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.params) == ("negotiation.closed", {"status": "closed"})


def test_with_an_offer_it_is_no_question_any_more() -> None:
    play = ask()
    play.offer("host", 2900)
    assert code(play.do("guest", "negotiation.close")) == code(play.do("host", "negotiation.close")) == "not_allowed"


def test_it_ends_at_eight_in_the_evening_of_its_check_in_day() -> None:
    play = ask()
    # 20:00 in Dhaka is 14:00 UTC.
    play.now = datetime.combine(day(0), time(13, 59, 59), UTC)
    assert jobs.expire_offers(play.now) == 0
    assert play.seen_now()["status"] == "open"
    play.later(seconds=1)
    assert jobs.expire_offers(play.now) == 1
    assert (play.kinds()[-1], play.log()[-1]["data"], play.log()[-1]["actor"]) == (
        "offer.expired",
        {"offer": None},
        "system",
    )
    assert code(play.offer("host", 2000)) == "offer.expired"
    assert code(play.do("guest", "message.send", text="Too late?")) == "negotiation.closed"
    assert (play.told("guest"), play.told("host")) == (["offer.expired"], ["negotiation.opened", "offer.expired"])


def test_a_question_is_superseded_like_any_other() -> None:
    play, rival = ask(), None
    rival = Play(home=play.home, guest=make_user())
    rival.open()
    rival.answer("host", "accept")
    assert play.seen_now()["status"] == "superseded"
    assert play.log()[-1]["data"] == {"reason": "dates.taken"}


def test_answers_to_an_offer_find_none_in_a_question() -> None:
    play, other = ask(), Play()
    other.open()
    for verb in ("accept", "decline", "withdraw"):
        assert code(play.do("host", f"offer.{verb}", offer=other.standing())) == "not_found"


def test_a_question_asked_of_an_unknown_home() -> None:
    body = {"property": 987654321, "start_date": day(0).isoformat(), "end_date": day(3).isoformat(), "guests": 1,
            "booking_type": "stay", "message": "Hello?"}  # fmt: skip
    outcome = execute_one(read_move("negotiation.open", body, actor_id=make_user().pk, key=None), now=Play().now)
    assert isinstance(outcome.error, DomainError)
    assert outcome.error.code == "not_found"


def test_the_guest_of_a_question_may_bid_again_tomorrow_where_three_were_opened_today() -> None:
    home, guest = make_property(), make_user()
    for n in range(3):
        assert code(Play(home=home, guest=guest, start=day(n), end=day(n + 1)).open("500")) == "ok"
    play = ask(Play(home=home, guest=guest, start=day(10), end=day(12)))
    assert code(play.offer("guest", 1000)) == "offer.limit_reached"
    play.later(days=1, seconds=1)
    assert code(play.offer("guest", 1000)) == "ok"
    assert code(move("message.send", guest, negotiation=play.id, text="Thanks")) == "ok"
