"""What clients send by mistake or on purpose: named, with the field, and nothing changed. Never a fault of ours."""

import json
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core import clock
from core.errors import STATUS
from negotiation.declarations import DECLARATIONS
from negotiation.engine.parsing import read_move
from negotiation.models import Entry, Negotiation
from tests.factories.accounts import client_of
from tests.factories.stays import day, make_meal, make_property, make_user
from tests.negotiation.play import Play, code, move

pytestmark = pytest.mark.django_db

MOVES = [name for name, declaration in DECLARATIONS.items() if declaration.move]
NO_AMOUNTS = [
    "12.345", "-5", "1e9", "1E3", "NaN", "Infinity", "inf", True, False, 0, "0", "0.00", -1, 12.345, 1e22, "1,000", "5 000",
    "٥", "５", "½", "5\0", "5\ud800", "\n", [], {}, ["5"], {"a": 1}, "1" * 13, 10**13, 10**40, float("nan"), "0x10", "+5", ".5",
    "5.", "1_000", "five",
]  # fmt: skip
GOOD_AMOUNTS = ["950", "950.0", "950.00", 950, 950.0, 950.5, " 950 ", "0950", Decimal("950.00")]


def test_no_amount() -> None:
    play, other = Play(), Play()
    play.open()
    for amount in NO_AMOUNTS:
        outcome = play.do("host", "offer.make", amount=amount)
        assert outcome.error is not None, amount
        assert (outcome.error.code, list(outcome.error.fields)) == ("invalid", ["amount"]), amount
        opened = other.open(amount)
        assert opened.error is not None, amount
        assert (opened.error.code, list(opened.error.fields)) == ("invalid", ["amount"]), amount
    assert Entry.objects.count() == 2


def test_an_amount_however_it_is_written() -> None:
    home = make_property()
    for amount in GOOD_AMOUNTS:
        play = Play(home=home)
        assert code(play.open(amount)) == "ok", amount
        assert play.seen_now()["standing_offer"]["amount"] in ("950.00", "950.50"), amount


BAD_OPENINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"end_date": day(0).isoformat()}, "dates.invalid", "end_date"),
    ({"start_date": day(5).isoformat()}, "dates.invalid", "end_date"),
    ({"start_date": "2020-01-01", "end_date": "2020-01-03"}, "dates.invalid", "start_date"),
    ({"end_date": (day(0) + timedelta(days=3650)).isoformat()}, "dates.invalid", "end_date"),
    ({"start_date": "9999-12-30", "end_date": "9999-12-31"}, "dates.invalid", "start_date"),
    ({"start_date": "0001-01-01"}, "dates.invalid", "start_date"),
    ({"start_date": "0000-01-01"}, "invalid", "start_date"),
    ({"start_date": "2027-02-30"}, "invalid", "start_date"),
    ({"start_date": "tomorrow"}, "invalid", "start_date"),
    ({"start_date": 20270301}, "invalid", "start_date"),
    ({"start_date": None}, "invalid", "start_date"),
    ({"end_date": "2027-3-4"}, "invalid", "end_date"),
    ({"end_date": "20270304"}, "invalid", "end_date"),
    ({"guests": 0}, "invalid", "guests"),
    ({"guests": -1}, "invalid", "guests"),
    ({"guests": "two"}, "invalid", "guests"),
    ({"guests": 1.5}, "invalid", "guests"),
    ({"guests": True}, "invalid", "guests"),
    ({"guests": None}, "invalid", "guests"),
    ({"guests": 10**30}, "invalid", "guests"),
    ({"guests": 5}, "stay.too_many_guests", "guests"),
    ({"booking_type": "castle"}, "invalid", "booking_type"),
    ({"booking_type": None}, "invalid", "booking_type"),
    ({"booking_type": 7}, "invalid", "booking_type"),
    ({"booking_type": ["stay"]}, "invalid", "booking_type"),
    ({"property": "abc"}, "invalid", "property"),
    ({"property": -1}, "invalid", "property"),
    ({"property": 2**63}, "invalid", "property"),
    ({"property": None}, "invalid", "property"),
    ({"property": {}}, "invalid", "property"),
    ({"expires_in": 299}, "invalid", "expires_in"),
    ({"expires_in": 604_801}, "invalid", "expires_in"),
    ({"expires_in": "soon"}, "invalid", "expires_in"),
    ({"message": "x" * 2001}, "invalid", "message"),
    ({"message": "a\0b"}, "invalid", "message"),
    ({"message": "a\ud800b"}, "invalid", "message"),
    ({"message": 7}, "invalid", "message"),
    ({"message": ["x"]}, "invalid", "message"),
    ({"meals": "all"}, "invalid", "meals"),
    ({"meals": []}, "invalid", "meals"),
    ({"meals": {"breakfast": "eggs"}}, "invalid", "meals"),
    ({"meals": {"breakfast": [7]}}, "invalid", "meals"),
    ({"meals": {"breakfast": [{"id": 1}]}}, "invalid", "meals"),
    ({"meals": {"breakfast": [{"id": "x", "quantity": 1, "date": None}]}}, "invalid", "meals"),
    ({"meals": {"breakfast": [{"id": 987654, "quantity": 1}]}}, "invalid", "meals"),
    ({"meals": {"breakfast": [{"id": 1, "quantity": 10**9}]}}, "invalid", "meals"),
    ({"meals": {"breakfast": [{"id": 1, "quantity": -1}]}}, "invalid", "meals"),
    ({"meals": {"lunch": [{"id": 1, "quantity": 1, "date": "someday"}]}}, "invalid", "meals"),
    ({"meals": {"lunch": [{"id": 1, "quantity": 1}] * 201}}, "invalid", "meals"),
]


def test_no_opening() -> None:
    play = Play()
    for fields, expected, field in BAD_OPENINGS:
        outcome = play.open(**fields)
        assert outcome.error is not None, fields
        assert outcome.error.code == expected, (fields, outcome.error)
        assert field in outcome.error.fields, fields
        assert isinstance(outcome.error.message, str)
    assert not Negotiation.objects.exists()


def test_a_meal_that_the_property_does_not_serve_or_not_with_this_booking() -> None:
    play, other = Play(), Play()
    theirs = make_meal(other.home)
    ours = make_meal(play.home)
    for meal, kind in ((theirs, "stay_with_meal"), (ours, "stay")):
        order = {"breakfast": [{"id": meal.pk, "quantity": 1, "date": None}]}
        assert code(play.open(booking_type=kind, meals=order)) == "invalid"
    assert (
        code(play.open(booking_type="stay_with_meal", meals={"lunch": [{"id": ours.pk, "quantity": 1}]})) == "invalid"
    )
    edge = {"breakfast": [{"id": str(ours.pk), "quantity": "0"}, {"id": ours.pk, "quantity": 2, "date": "2020-01-01"}]}
    assert code(play.open(booking_type="stay_with_meal", meals=edge)) == "ok"
    meals = play.seen_now()["meals"]
    assert [(m["id"], m["quantity"], m["date"]) for m in meals["breakfast"]] == [(ours.pk, 2, day(0).isoformat())]
    assert (meals["lunch"], meals["dinner"]) == ([], [])


def test_no_message() -> None:
    play = Play()
    play.open()
    for text in (None, "", "  \n\t ", "x" * 2001, "a\0", "\udfff", 5, True, {}, []):
        outcome = play.do("guest", "message.send", text=text)
        assert outcome.error is not None, text
        assert (outcome.error.code, list(outcome.error.fields)) == ("invalid", ["text"]), text


def test_a_message_is_kept_as_it_was_written() -> None:
    play = Play()
    play.open()
    for text in ("x", "x" * 2000, "কেমন আছেন? 🙂", "<script>alert(1)</script>", " padded "):
        assert code(play.do("guest", "message.send", text=text)) == "ok"
        assert play.log()[-1]["data"] == {"text": text}


def test_a_reason_is_words_of_at_most_five_hundred() -> None:
    play = Play()
    play.open()
    for reason in ("x" * 501, "a\0", 7):
        assert code(play.answer("host", "decline", reason=reason)) == "invalid"
    assert code(play.answer("host", "decline", reason="Too little.")) == "ok"
    assert play.log()[-1]["data"]["reason"] == "Too little."


def test_no_offers_id() -> None:
    play = Play()
    play.open()
    for offer in (None, "", "abc", -1, True, 1.5, 2**63, [], {}, "1" * 30):
        for verb in ("accept", "decline", "withdraw", "extend"):
            outcome = play.do("host", f"offer.{verb}", offer=offer, expires_in=600)
            assert outcome.error is not None, offer
            assert (outcome.error.code, list(outcome.error.fields)) == ("invalid", ["offer"]), offer


def test_ids_may_be_numbers_or_digits() -> None:
    play = Play()
    play.open()
    outcome = move("offer.accept", play.host, negotiation=str(play.id), offer=str(play.standing()))
    assert code(outcome) == "ok"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["5", "2027-03-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["negotiation", "offer", "amount", "expires_in", "message", "text", "reason", "property", "start_date", "end_date",
     "guests", "booking_type", "meals", "id", "type", "x"]
)  # fmt: skip


@given(
    kind=st.sampled_from(MOVES),
    raw=st.dictionaries(NAMES, JSON),
    key=st.none() | st.just("k"),
)
@settings(deadline=None, max_examples=200)
def test_whatever_json_says_is_read_or_refused(kind: str, raw: dict[str, Any], key: str | None) -> None:
    first = read_move(kind, raw, actor_id=1, key=key)
    again = read_move(kind, raw, actor_id=1, key=key)
    assert first.fingerprint == again.fingerprint
    assert first.key == key


WORDS = st.dictionaries(
    st.sampled_from(
        ["property_id", "start_date", "end_date", "number_of_guests", "booking_type", "guest_price", "host_price", "message",
         "expires_in", "breakfast", "negotiation_status", "offer", "reason", "text"]
    ),
    JSON,
)  # fmt: skip


@pytest.fixture
def opened() -> Play:
    play = Play()
    play.open()
    return play


@given(body=WORDS | JSON, which=st.integers(0, 4))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_body_is_a_fault_of_ours(opened: Play, body: Any, which: int) -> None:
    play, api = opened, APIClient()
    api.force_authenticate(play.host)
    method, path = [
        ("post", "start_negotiation_by_guest/"), ("put", f"host_proposed/{play.id}/"), ("put", f"guest_proposed/{play.id}/"),
        ("put", f"update_status/{play.id}/"), ("post", f"{play.id}/messages/"),
    ][which]  # fmt: skip
    answer = getattr(api, method)(
        f"/api/nego/{path}",
        json.dumps(body).encode(),
        content_type="application/json",
        headers={"Idempotency-Key": uuid.uuid4().hex},
    )
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert STATUS[answer.json()["code"]] == answer.status_code


def test_an_id_that_is_no_number_is_not_found() -> None:
    api = client_of(make_user())
    for where in ("negotiation_details/{}/", "{}/entries/", "update_status/{}/", "host_proposed/{}/"):
        for path in ("0", "-1", "null", "9" * 30, "1.5", "%00", "abc"):
            assert api.get(f"/api/nego/{where.format(path)}").status_code in (404, 405), (where, path)


def test_no_place_in_the_log() -> None:
    play = Play(now=clock.now())
    play.open()
    api = client_of(play.guest)
    for query in ("after_seq=-1", "after_seq=x", "after_seq=1e3", f"after_seq={10**30}", "limit=0", "limit=301"):
        answer = api.get(f"/api/nego/{play.id}/entries/?{query}")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.split("=")[0]]), query


@pytest.mark.parametrize("key", ["x" * 65, "é"])
def test_no_idempotency_key(key: str) -> None:
    play = Play(now=clock.now())
    play.open()
    api = client_of(play.guest)
    answer = api.post(f"/api/nego/{play.id}/messages/", {"text": "x"}, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_refusal_speaks_of_the_field_by_the_doors_own_name() -> None:
    play = Play()
    play.open()
    answer = client_of(play.host).put(f"/api/nego/host_proposed/{play.id}/", {"host_price": "0"}, format="json").json()
    assert (list(answer["fields"]), answer["message"].partition(":")[0]) == (["host_price"], "host_price")
    outcome = play.do("host", "offer.make", amount="0")
    assert outcome.error is not None
    assert outcome.error.message.partition(":")[0] == "amount"
