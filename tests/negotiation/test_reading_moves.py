"""Fields become a move, and the move's fingerprint is of its content, however that is written."""

from typing import Any

import pytest

from negotiation.engine.parsing import keyed, read_move

FIELDS: dict[str, dict[str, Any]] = {
    "negotiation.open": {
        "property": 7, "start_date": "2027-01-04", "end_date": "2027-01-07", "guests": "2", "booking_type": "stay",
        "amount": "150", "meals": {"lunch": [{"id": 3, "quantity": 2, "date": "2027-01-04"}]},
    },
    "offer.make": {"negotiation": 5, "amount": 150, "message": "Please."},
    "offer.accept": {"negotiation": 5, "offer": 9},
    "offer.decline": {"negotiation": 5, "offer": 9, "reason": ""},
    "offer.extend": {"negotiation": 5, "offer": 9, "expires_in": 3600},
    "limit.seal": {"negotiation": 5, "amount": "140.00"},
    "message.send": {"negotiation": 5, "text": "Hello"},
    "negotiation.close": {"negotiation": 5},
}  # fmt: skip


@pytest.mark.parametrize("kind", FIELDS)
@pytest.mark.parametrize("mandate_id", [None, 4])
def test_a_move_that_is_read_and_one_that_is_made_have_the_same_fingerprint(kind: str, mandate_id: int | None) -> None:
    who: dict[str, Any] = {"actor_id": 1, "mandate_id": mandate_id}
    read = read_move(kind, FIELDS[kind], key="a", **who)
    made = keyed(read_move(kind, FIELDS[kind], key=None, **who), "a")
    assert (read.kind, read.key, len(read.fingerprint)) == (kind, "a", 16)
    assert read == made
