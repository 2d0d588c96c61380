import json
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.authentication import authenticate_token
from core import clock
from properties.models import CalendarEntry, Property
from tests.negotiation.play import code, move

pytestmark = pytest.mark.django_db(transaction=True)


def test_pairs_can_haggle_and_homes_have_stays(tmp_path: Path) -> None:
    out = tmp_path / "pairs.json"
    call_command("seed_bench", "--pairs", "3", "--properties", "60", "--stays", "300", "--json", str(out))
    pairs = json.loads(out.read_text())["pairs"]
    assert (len(pairs), Property.objects.count(), CalendarEntry.objects.count()) == (3, 63, 300)
    found = authenticate_token(pairs[0]["guest_token"], clock.now())
    assert found is not None
    guest, _ = found
    outcome = move(
        "negotiation.open", guest, property=pairs[0]["property"], start_date="2027-01-01", end_date="2027-01-04",
        guests=1, booking_type="stay", amount="7500.00",
    )  # fmt: skip
    assert code(outcome) == "ok"
    call_command("seed_bench", "--pairs", "2", "--json", str(out))
    assert len(json.loads(out.read_text())["pairs"]) == 2
