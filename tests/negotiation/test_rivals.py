"""The rivals of an accept are read and written briefly: what comes of it is what comes of reading and writing them whole."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from prometheus_client import REGISTRY

from accounts.models import Notification
from negotiation.engine.load_under_property_lock import Ground
from negotiation.models import Entry, Negotiation, Offer
from tests.factories.stays import make_property
from tests.negotiation.play import Play, code, opened
from tests.negotiation.world import check_world

pytestmark = pytest.mark.django_db


def make_rivals(winner: Play) -> dict[str, Play]:
    """Open negotiations of each kind on the winner's nights, by what is on their table."""
    home, guest = winner.home, winner.guest
    found = {
        kind: opened(home=home)
        for kind in ("ask", "bid", "late bid", "sealed", "sealed by both", "late seal", "doomed")
    }
    found |= {kind: opened(None, home=home) for kind in ("question", "late question", "asked and sealed")}
    found["elsewhere"] = opened(guest=guest)
    found["ask"].offer("host", 2900)
    assert code(found["late bid"].offer("host", 2900, expires_in=900)) == "ok"
    for kind, side, amount in (
        ("sealed", "guest", 2400), ("sealed by both", "host", 2900), ("asked and sealed", "host", 2500),
    ):  # fmt: skip
        assert code(found[kind].do(side, "limit.seal", amount=str(amount))) == "ok"
    assert code(found["sealed by both"].do("guest", "limit.seal", amount="2100")) == "ok"
    assert code(found["late seal"].do("guest", "limit.seal", amount="2400", expires_in=900)) == "ok"
    rows = Negotiation.objects
    rows.filter(pk=found["doomed"].id).update(auto_decline_at=winner.now + timedelta(hours=2))
    rows.filter(pk=found["late question"].id).update(question_expires_at=winner.now)
    rows.filter(pk__in=[found["bid"].id, found["question"].id, found["late bid"].id]).update(arm="b")
    return found


def counts() -> list[float]:
    ends = [("hub_trial_ends_total", {"arm": "b", "status": status}) for status in ("superseded", "expired")]
    every = [("hub_negotiations_total", {"status": status}) for status in ("superseded", "expired")]
    return [REGISTRY.get_sample_value(name, labels) or 0.0 for name, labels in ends + every]


def after(winner: Play, rivals: dict[str, Play]) -> dict[str, Any]:
    """All that the accept leaves behind in its rivals, which is then undone."""
    ids, found = [rival.id for rival in rivals.values()], {}
    before = counts()
    with transaction.atomic():
        assert code(winner.answer("host", "accept")) == "ok"
        check_world()
        for kind, rival in rivals.items():
            found[kind] = [rival.kinds(), rival.told("guest"), rival.told("host"), rival.negotiation.status]
        for model in (Negotiation, Offer, Entry, Notification):
            place = "pk" if model is Negotiation else "negotiation_id"
            rows = list(model.objects.filter(**{f"{place}__in": ids}).values())
            if model is Notification:
                rows = [{**row, "id": None} for row in sorted(rows, key=lambda row: row["id"])]
            found[model.__name__] = sorted(map(repr, rows))
        transaction.set_rollback(True)
    return found | {"counts": [now - then for now, then in zip(counts(), before, strict=True)]}


def test_briefly_is_as_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    winner = opened(home=make_property(auto_decline_percent=30))
    rivals = make_rivals(winner)
    winner.later(minutes=20)
    briefly = after(winner, rivals)
    assert {kind: briefly[kind][-1] for kind in rivals} == {
        kind: "expired" if kind in ("late bid", "late question") else "superseded" for kind in rivals
    }
    assert briefly["late seal"][0][-2:] == ["limit.unsealed", "negotiation.superseded"]
    # A question without a price is not counted in its arm.
    assert briefly["counts"] == [1.0, 1.0, 9.0, 2.0]
    monkeypatch.setattr(Ground, "is_of_accepts", False)
    assert after(winner, rivals) == briefly
