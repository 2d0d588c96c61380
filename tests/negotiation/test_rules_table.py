"""Every state × move × side × time × named offer, against a table copied from docs/protocol.md; no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from core.errors import DomainError
from negotiation.events import STATUSES
from negotiation.rules import transitions
from negotiation.rules.negotiation_state import OTHER, Haggle, Side, StandingOffer
from tests.negotiation.rules import make_offer

NOW = datetime(2027, 2, 20, 12, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)
LATEST = NOW + timedelta(days=9)
CHECK_OUT = NOW + timedelta(days=12)
STANDING, OLD, NEW = 31, 30, 40
LIST = Decimal("3000.00")

OK = "ok"
CLOSED, EXPIRED, STALE = "negotiation.closed", "offer.expired", "offer.stale"
TURN, DENIED = "offer.not_your_turn", "not_allowed"

OPEN_STATES = ("question", "bid", "ask")
ENDED = ("accepted", "declined", "withdrawn", "superseded", "closed")
MOVES = ("make", "accept", "decline", "withdraw", "extend", "close", "message")
SIDES: tuple[Side, ...] = ("guest", "host")
ON_OFFER = ("accept", "decline", "withdraw", "extend")

# state → move → what the guest gets, what the host gets, where the offer named is the one that stands.
TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "question": {
        "make": (OK, OK), "accept": (STALE, STALE), "decline": (STALE, STALE), "withdraw": (STALE, STALE),
        "extend": (STALE, STALE), "close": (OK, OK), "message": (OK, OK),
    },
    "bid": {
        "make": (TURN, OK), "accept": (TURN, OK), "decline": (TURN, OK), "withdraw": (OK, DENIED),
        "extend": (OK, TURN), "close": (DENIED, DENIED), "message": (OK, OK),
    },
    "ask": {
        "make": (OK, TURN), "accept": (OK, TURN), "decline": (OK, TURN), "withdraw": (DENIED, OK),
        "extend": (TURN, OK), "close": (DENIED, DENIED), "message": (OK, OK),
    },
    "expired": {
        **dict.fromkeys(("make", *ON_OFFER), (EXPIRED, EXPIRED)),
        "close": (DENIED, DENIED), "message": (CLOSED, CLOSED),
    },
    "expired question": {
        **dict.fromkeys(("make", *ON_OFFER), (EXPIRED, EXPIRED)),
        "close": (CLOSED, CLOSED), "message": (CLOSED, CLOSED),
    },
    **{
        ended: {
            **dict.fromkeys(("make", *ON_OFFER), (CLOSED, CLOSED)),
            # `closed` is what a question came to; "later: not_allowed" is said of those with offers.
            "close": (CLOSED, CLOSED) if ended == "closed" else (DENIED, DENIED),
            "message": (OK, OK) if ended == "accepted" else (CLOSED, CLOSED),
        }
        for ended in ENDED
    },
}  # fmt: skip


def state(name: str) -> Haggle:
    """A negotiation in the state of that name; a haggle has one bid and, but for `bid`, one ask behind it."""
    question = name in ("question", "closed", "expired question")
    h = Haggle(
        status="open", turn=None, list_amount=LIST, standing=None,
        last_bid=None if question else Decimal("2000.00"), last_ask=None if question else Decimal("2800.00"),
        guest_offers_left=5 if question else 4, host_offers_left=5 if question else 4,
        expires_at=LATEST if question else SOON, latest_offer_at=LATEST, check_out_at=CHECK_OUT,
    )  # fmt: skip
    if name in ("bid", "ask"):
        by: Side = "guest" if name == "bid" else "host"
        amount = Decimal("2000.00") if by == "guest" else Decimal("2800.00")
        return replace(h, turn=OTHER[by], standing=StandingOffer(STANDING, by, amount, NOW - timedelta(hours=1), SOON))
    return h if name == "question" else replace(h, status=name.split()[0])


def play(h: Haggle, move: str, side: Side, now: datetime, offer_id: int) -> Haggle | None:
    """As the engine does: what is past its time ends first, then the move is judged."""
    h = transitions.expire(h, now) or h
    amount = Decimal("2400.00")
    if move == "make":
        return make_offer(h, side, offer_id=NEW, amount=amount, expires_in=7200, now=now)
    if move == "extend":
        return transitions.extend_offer(h, side, offer_id=offer_id, expires_in=7200, now=now)
    if move == "close":
        return transitions.close_question(h)
    if move == "message":
        transitions.check_message(h, now)
        return None
    judge = {
        "accept": transitions.accept_offer,
        "decline": transitions.decline_offer,
        "withdraw": transitions.withdraw_offer,
    }[move]
    return judge(h, side, offer_id=offer_id)


def verdict(h: Haggle, move: str, side: Side, now: datetime = NOW, offer_id: int = STANDING) -> str:
    try:
        play(h, move, side, now, offer_id)
    except DomainError as error:
        refused = error
    else:
        return OK
    assert refused.message != refused.code, "a refusal is a sentence"
    return refused.code


def expected(name: str, move: str, side: Side, *, late: bool, right: bool) -> str:
    if late and name in OPEN_STATES:
        name = "expired question" if name == "question" else "expired"
    if not right and name in ("bid", "ask") and move in ON_OFFER:
        return STALE
    return TABLE[name][move][SIDES.index(side)]


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("move", MOVES)
def test_the_table(name: str, move: str) -> None:
    for side, late, right in product(SIDES, (False, True), (False, True)):
        h = state(name)
        now = h.expires_at if late else NOW
        if name == "accepted" and late:
            now = NOW
        got = verdict(h, move, side, now, STANDING if right else OLD)
        assert got == expected(name, move, side, late=late, right=right), (side, late, right)


def test_every_status_is_in_the_table() -> None:
    assert {state(name).status for name in TABLE} == set(STATUSES)


@pytest.mark.parametrize(
    ("name", "side", "turn", "left"), [("bid", "host", "guest", (4, 3)), ("ask", "guest", "host", (3, 4))]
)
def test_a_counter_takes_the_table(name: str, side: Side, turn: Side, left: tuple[int, int]) -> None:
    h = play(state(name), "make", side, NOW, STANDING)
    assert h is not None
    assert h.standing == StandingOffer(NEW, side, Decimal("2400.00"), NOW, NOW + timedelta(hours=2))
    assert (h.status, h.turn, h.guest_offers_left, h.host_offers_left, h.expires_at) == (
        "open",
        turn,
        *left,
        h.standing.expires_at,
    )
    assert (h.last_ask if side == "host" else h.last_bid) == Decimal("2400.00")


@pytest.mark.parametrize(
    ("move", "name", "side", "status"),
    [
        ("accept", "bid", "host", "accepted"), ("accept", "ask", "guest", "accepted"),
        ("decline", "bid", "host", "declined"), ("decline", "ask", "guest", "declined"),
        ("withdraw", "bid", "guest", "withdrawn"), ("withdraw", "ask", "host", "withdrawn"),
        ("close", "question", "guest", "closed"), ("close", "question", "host", "closed"),
    ],
)  # fmt: skip
def test_an_end_leaves_nothing_standing(move: str, name: str, side: Side, status: str) -> None:
    before = state(name)
    after = play(before, move, side, NOW, STANDING)
    assert after == replace(before, status=status, turn=None, standing=None)


def test_time_over_is_over_to_the_millisecond() -> None:
    h = state("bid")
    just_before = SOON - timedelta(milliseconds=1)
    assert transitions.expire(h, just_before) is None
    assert transitions.expire(h, SOON) == replace(h, status="expired", turn=None, standing=None)
    assert transitions.expire(state("accepted"), LATEST) is None


def test_at_no_offers_left_a_side_may_still_answer() -> None:
    spent = replace(state("bid"), host_offers_left=0)
    assert verdict(spent, "make", "host") == "offer.limit_reached"
    assert verdict(spent, "make", "guest") == TURN
    assert (
        verdict(spent, "accept", "host") == verdict(spent, "decline", "host") == verdict(spent, "message", "host") == OK
    )
    assert verdict(replace(state("ask"), guest_offers_left=0), "withdraw", "host") == OK


@pytest.mark.parametrize(
    ("name", "side"), [("question", "guest"), ("question", "host"), ("bid", "host"), ("ask", "guest")]
)
def test_the_last_offer_is_made_and_none_after_it(name: str, side: Side) -> None:
    """The other side's offers are no matter here."""
    for own, others, made in ((1, 0, OK), (0, 3, "offer.limit_reached")):
        left = {f"{side}_offers_left": own, f"{OTHER[side]}_offers_left": others}
        assert verdict(replace(state(name), **left), "make", side) == made


def test_extending_is_to_later_than_now_and_before() -> None:
    h = state("bid")
    assert verdict(replace(h, latest_offer_at=SOON), "extend", "guest") == "invalid"
    with pytest.raises(DomainError) as refusal:
        transitions.extend_offer(h, "guest", offer_id=STANDING, expires_in=3600, now=NOW)
    assert (refusal.value.code, list(refusal.value.fields)) == ("invalid", ["expires_in"])
    longer = transitions.extend_offer(h, "guest", offer_id=STANDING, expires_in=3601, now=NOW)
    assert longer.standing is not None
    assert longer.expires_at == longer.standing.expires_at == NOW + timedelta(seconds=3601)
    assert replace(longer, standing=h.standing, expires_at=h.expires_at) == h
    capped = transitions.extend_offer(h, "guest", offer_id=STANDING, expires_in=604_800 * 2, now=NOW)
    assert capped.expires_at == LATEST


def test_messages_go_on_after_agreement_until_check_out() -> None:
    h = state("accepted")
    assert verdict(h, "message", "guest", CHECK_OUT - timedelta(milliseconds=1)) == OK
    assert verdict(h, "message", "host", CHECK_OUT) == CLOSED


def test_a_refusal_says_what_the_client_needs() -> None:
    def params(h: Haggle, move: str, side: Side, offer_id: int = STANDING) -> dict:
        with pytest.raises(DomainError) as refusal:
            play(h, move, side, NOW, offer_id)
        return refusal.value.params

    assert params(state("declined"), "make", "guest") == {"status": "declined"}
    assert params(state("bid"), "accept", "host", OLD) == {
        "offer": {"id": STANDING, "amount": "2000.00", "by": "guest"},
    }  # fmt: skip
    assert params(state("bid"), "make", "guest") == params(state("bid"), "accept", "guest") == {"turn": "host"}
    assert params(state("ask"), "make", "host") == params(state("ask"), "extend", "guest") == {"turn": "guest"}
    assert params(state("question"), "accept", "host", OLD) == {"offer": None}


@pytest.mark.parametrize("status", ENDED)
def test_the_refusal_at_an_ended_negotiation_says_how_it_ended(status: str) -> None:
    with pytest.raises(DomainError, match=f": {status}"):
        play(state(status), "make", "guest", NOW, STANDING)


def test_the_refusal_of_a_price_names_both_bounds() -> None:
    with pytest.raises(DomainError, match=r" 2000\.00 .* 2800\.00"):
        make_offer(state("bid"), "host", offer_id=NEW, amount=Decimal(100), expires_in=7200, now=NOW)
