"""Every door asked with the key of a mandate: what is named here is open to it, everything else is its person's."""

from __future__ import annotations

from accounts.models import Mandate
from core.web.service_routing import is_rest
from tests.permissions.matrix import Matrix
from tests.permissions.table import DOORS

# As its person, where the mandate allows it; the words are those of table.py for the guest whose things they are.
READS = {
    ("GET", "api/properties/places/"),
    ("GET", "api/properties/search/"),
    ("PUT", "api/properties/search/"),
    ("GET", "api/property/<property_id>/"),
    ("GET", "api/property/<property_id>/availability/"),
    ("GET", "api/property/<property_id>/quote/"),
}
NEGOTIATIONS = {
    ("GET", "api/nego/as_guest/"),
    ("GET", "api/nego/as_host/"),
    ("GET", "api/nego/negotiations/as_guest/"),
    ("GET", "api/nego/negotiations/as_host/"),
    ("GET", "api/nego/negotiation_details/<negotiation_id>/"),
    ("GET", "api/nego/<negotiation_id>/entries/"),
}
MOVES = {
    ("POST", "api/nego/start_negotiation_by_guest/"),
    ("PUT", "api/nego/guest_proposed/<negotiation_id>/"),
    ("PUT", "api/nego/host_proposed/<negotiation_id>/"),
    ("PUT", "api/nego/update_status/<negotiation_id>/"),
    ("POST", "api/nego/<negotiation_id>/limit/"),
    ("DELETE", "api/nego/<negotiation_id>/limit/"),
    ("POST", "api/nego/<negotiation_id>/messages/"),
}
OPEN = READS | NEGOTIATIONS | MOVES
# Public doors that would do something in the name of the signed-in user.
REFUSED = {("POST", "auth/logoutall/"), ("POST", "auth/hostsignup/")}


def expected(door: tuple[str, str], row: dict[str, str]) -> str:
    if door in OPEN:
        return row["party"]
    if door in REFUSED:
        return "403"
    return row["anonymous"] if row["anonymous"] != "401" else "403"


def test_a_mandates_key_opens_what_is_named_and_nothing_else(matrix: Matrix) -> None:
    doors = {door: row for door, row in DOORS.items() if is_rest(f"/{door[1]}")}
    assert set(doors) >= OPEN | REFUSED
    told = {door: matrix.ask("machine", *door).word for door in doors}
    assert told == {door: expected(door, row) for door, row in doors.items()}


def test_without_reading_the_negotiations_stay_shut(matrix: Matrix) -> None:
    Mandate.objects.update(may=["message"])
    told = {door: matrix.ask("machine", *door).word for door in READS | NEGOTIATIONS}
    assert told == dict.fromkeys(READS, "ok") | dict.fromkeys(NEGOTIATIONS, "403")


def test_nothing_tells_a_machine_where_its_person_lives_or_stays(matrix: Matrix) -> None:
    """Of the owner's own home a person sees the address and the host's machine does not."""
    assert '"address"' in matrix.ask("owner", "GET", "api/property/<property_id>/").body
    Mandate.objects.update(user=matrix.world.user("owner"), side="host")
    assert '"address"' not in matrix.ask("machine", "GET", "api/property/<property_id>/").body
