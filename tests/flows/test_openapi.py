"""Every REST call of the schema, with whatever the schema allows: no 5xx, and every answer is as the schema says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.factories.accounts import make_token
from tests.negotiation.play import Play
from tests.servers import UNLIMITED

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# They end the sign-in that the others come by.
LAST = ("/auth/logout/", "/auth/logoutall/", "/auth/password/")


@pytest.fixture
def ground(transactional_db: Any) -> tuple[Play, dict[str, int]]:
    """A home, an agreed stay and an open haggle, so that ids in paths may be of something that is there."""
    agreed, open_one = Play(), Play()
    agreed.open()
    agreed.answer("host", "accept")
    open_one.home, open_one.guest = agreed.home, agreed.guest
    open_one.start, open_one.end = agreed.end, agreed.end.replace(day=agreed.end.day + 3)
    open_one.open()
    booking = agreed.negotiation.booking_id
    assert booking is not None
    ids = {"property_id": agreed.home.pk, "negotiation_id": open_one.id, "booking_id": booking}
    return agreed, {**ids, "user_id": agreed.guest.pk}


def test_the_schema_holds_for_whatever_it_allows(serve, ground, rounds):
    play, ids = ground
    hub = serve(**UNLIMITED)
    headers = {side: {"Authorization": f"Token {make_token(user)[1]}"} for side, user in sides(play).items()}
    schema = schemathesis.openapi.from_url(f"{hub.url}/api/schema/?format=json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 50
    breaches = {}
    for operation in sorted(operations, key=lambda op: (op.path in LAST or op.method == "delete", op.path)):
        try:
            explore(operation, hub.url, headers, ids, rounds)
        except (Failure, FailureGroup) as breach:
            breaches[operation.label] = str(breach)
    assert not breaches, "\n\n".join(f"{label}: {breach}" for label, breach in breaches.items())


def sides(play: Play) -> dict[str, Any]:
    return {"guest": play.guest, "host": play.host}


def explore(
    operation: Any, base: str, headers: dict[str, dict[str, str]], ids: dict[str, int], rounds: Callable[..., int]
) -> None:
    """Some calls of one operation, by either side, with ids that are there and ids that are not."""

    @settings(
        max_examples=rounds(2, 100),
        deadline=None,
        database=None,
        derandomize=rounds(1, 2) == 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), side=st.sampled_from(sorted(headers)), known=st.booleans())
    def call(case: Any, side: str, known: bool) -> None:
        if known:
            case.path_parameters.update({name: ids[name] for name in case.path_parameters if name in ids})
        answer = case.call(base_url=base, headers=headers[side], timeout=20)
        case.validate_response(answer, checks=CHECKS)

    call()
