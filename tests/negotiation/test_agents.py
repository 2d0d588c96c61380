"""`/auth/agents/`, and what a mandate's key opens over REST."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Mandate, User
from core import clock
from tests.factories.accounts import agent_api, client_of, make_mandate
from tests.factories.stays import make_host, make_property, make_user
from tests.negotiation.play import Play, opened

pytestmark = pytest.mark.django_db(transaction=True)


def body(**fields: Any) -> dict[str, Any]:
    given = {
        "name": "Robo", "side": "guest", "may": ["accept", "read", "offer"], "currency": "bdt", "max_total": "9000",
        "expires_at": clock.stamp(clock.now() + timedelta(days=7)),
    }  # fmt: skip
    return {name: value for name, value in (given | fields).items() if value is not None}


def made(user: User, **fields: Any) -> dict[str, Any]:
    answer = client_of(user).post("/auth/agents/", body(**fields))
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def test_a_mandate_is_made_listed_and_read_and_its_key_is_shown_once() -> None:
    user, home = make_user(), make_property(make_host())
    new = made(user, properties=[str(home.pk)], max_open="2", check_in_from="2027-01-01", check_out_by="2027-02-01")
    assert new["key"].startswith("agent_")
    assert {name: new[name] for name in ("name", "side", "may", "currency", "max_total", "min_percent", "properties")} == {
        "name": "Robo", "side": "guest", "may": ["read", "offer", "accept"], "currency": "BDT", "max_total": "9000.00",
        "min_percent": None, "properties": [home.pk],
    }  # fmt: skip
    assert (new["status"], new["total"], new["open"], new["max_open"]) == ("live", "0.00", 0, 2)
    api = client_of(user)
    shown = {name: value for name, value in new.items() if name != "key"}
    assert api.get("/auth/agents/").json() == [shown]
    assert api.get(f"/auth/agents/{new['id']}/").json() == shown
    assert client_of(make_user()).get(f"/auth/agents/{new['id']}/").status_code == 404
    assert api.delete(f"/auth/agents/{new['id']}/").status_code == 204
    assert api.delete(f"/auth/agents/{new['id']}/").status_code == 204
    assert api.get("/auth/agents/").json() == []
    ended = [api.get(f"/auth/agents/?ended=1{page}").json() for page in ("", "&limit=1", f"&cursor={new['id']}")]
    assert [[one["status"] for one in page] for page in ended] == [["revoked"], ["revoked"], []]
    assert agent_api(new["key"]).get("/api/nego/as_guest/").json()["code"] == "auth.required"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": None}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"side": "both"}, "side"),
        ({"may": []}, "may"),
        ({"may": ["read", "pay"]}, "may.1"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": None}, "currency"),
        ({"max_total": "0"}, "max_total"),
        ({"max_total": "1e3"}, "max_total"),
        ({"min_percent": "80"}, "min_percent"),
        ({"side": "host", "max_total": None, "min_percent": "101"}, "min_percent"),
        ({"properties": [999_999_999]}, "properties"),
        ({"properties": []}, "properties"),
        ({"properties": ["x"]}, "properties.0"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"check_in_from": "1.1.2027"}, "check_in_from"),
        ({"max_open": "-1"}, "max_open"),
    ],
)
def test_a_wrong_limit_is_named(fields: dict[str, Any], wrong: str) -> None:
    answer = client_of(make_user()).post("/auth/agents/", body(**fields))
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [wrong])
    assert not Mandate.objects.exists()


def test_a_host_names_own_homes_and_a_guest_those_of_others() -> None:
    host = make_host()
    home = make_property(host)
    made(host, side="host", max_total=None, properties=[home.pk])
    for user, side in ((host, "guest"), (make_host(), "host")):
        answer = client_of(user).post("/auth/agents/", body(side=side, max_total=None, properties=[home.pk]))
        assert list(answer.json()["fields"]) == ["properties"]


def test_it_can_only_be_lowered() -> None:
    user, home = make_user(), make_property(make_host())
    new = made(user)
    api, path = client_of(user), f"/auth/agents/{new['id']}/"
    lowered = api.patch(path, {"name": "Other", "max_total": "500", "may": ["read"], "properties": [home.pk]})
    assert lowered.status_code == 200, lowered.json()
    assert {name: lowered.json()[name] for name in ("name", "max_total", "may", "properties")} == {
        "name": "Other", "max_total": "500.00", "may": ["read"], "properties": [home.pk],
    }  # fmt: skip
    raised = api.patch(path, {"max_total": "501", "may": ["read", "offer"], "name": "Third"})
    assert (raised.status_code, sorted(raised.json()["fields"])) == (400, ["max_total", "may"])
    assert api.get(path).json()["name"] == "Other"
    assert api.patch(path, {"min_percent": "80"}).json()["fields"].keys() == {"min_percent"}
    Mandate.objects.update(revoked_at=clock.now())
    assert api.patch(path, {"max_total": "1"}).status_code == 404


def machine(play: Play, side: str = "guest", **values: Any) -> APIClient:
    return agent_api(make_mandate(play.guest if side == "guest" else play.host, side=side, **values)[1])


def test_a_whole_haggle_by_two_machines_over_rest() -> None:
    play = Play()
    guest, host = machine(play), machine(play, "host")
    opening = {
        "property_id": play.home.pk, "start_date": play.start.isoformat(), "end_date": play.end.isoformat(),
        "number_of_guests": 2, "booking_type": "stay", "guest_price": "2000",
    }  # fmt: skip
    answer = guest.post("/api/nego/start_negotiation_by_guest/", opening)
    assert answer.status_code == 200, answer.json()
    play.id = answer.json()["id"]
    assert host.get("/api/nego/as_host/").json()[0]["id"] == play.id
    assert host.put(f"/api/nego/host_proposed/{play.id}/", {"host_price": "2800"}).status_code == 200
    assert guest.post(f"/api/nego/{play.id}/messages/", {"text": "Deal?"}).status_code == 201
    agreed = guest.put(f"/api/nego/update_status/{play.id}/", {"negotiation_status": "accepted"})
    assert (agreed.status_code, agreed.json()["status"]) == (200, "accepted")
    entries = host.get(f"/api/nego/{play.id}/entries/").json()["entries"]
    assert {entry.get("via") for entry in entries} == {"agent"}
    assert client_of(play.guest).get(f"/api/nego/negotiation_details/{play.id}/").json()["entries"] == entries
    [mandate] = Mandate.objects.filter(user=play.guest)
    listed = client_of(play.guest).get("/auth/agents/").json()[0]
    assert listed["total"] == agreed.json()["standing_offer"] or listed["total"] > "2800"
    log = client_of(play.guest).get(f"/auth/agents/{mandate.pk}/log/?limit=2")
    assert [line["type"] for line in log.json()] == ["offer.accept", "message.send"]
    assert 'rel="next"' in log["Link"]


def test_a_machine_sees_its_side_alone() -> None:
    """A person who is guest in one room and host in another shows each machine one of them."""
    person = make_host()
    asking = opened("2000", guest=person)
    hosting = opened("2000", home=make_property(person))
    guest, host = machine(asking), machine(hosting, "host")
    for api, own, other in ((guest, asking, hosting), (host, hosting, asking)):
        assert api.get(f"/api/nego/negotiation_details/{own.id}/").status_code == 200
        for path in (f"negotiation_details/{other.id}/", f"{other.id}/entries/"):
            assert api.get(f"/api/nego/{path}").json()["code"] == "not_found"
        assert api.post(f"/api/nego/{other.id}/messages/", {"text": "Hi."}).json()["code"] == "not_found"
        told = api.put(f"/api/nego/update_status/{other.id}/", {"negotiation_status": "declined"})
        assert told.json()["code"] == "not_found"
    assert [row["id"] for row in guest.get("/api/nego/as_guest/").json()] == [asking.id]
    assert guest.get("/api/nego/as_host/").json() == []


def test_a_refusal_over_rest_names_the_limit() -> None:
    play = opened("2000")
    answer = machine(play, "host", min_percent=90).put(f"/api/nego/host_proposed/{play.id}/", {"host_price": "2600"})
    assert (answer.status_code, answer.json()["code"]) == (409, "mandate.exceeded")
    assert answer.json()["params"] == {"limit": "min_percent", "least": "90.00"}


def test_a_key_sent_twice_moves_once() -> None:
    play = opened("2000")
    host = machine(play, "host")
    for _ in range(2):
        answer = host.put(
            f"/api/nego/host_proposed/{play.id}/", {"host_price": "2600"}, headers={"Idempotency-Key": "k1"}
        )
        assert (answer.status_code, answer.json()["last_seq"]) == (200, 3)


def test_a_machine_has_half_of_its_persons_requests(settings: Any) -> None:
    settings.RATE_LIMIT_FACTOR = 0.1
    play = opened("2000")
    api, person = machine(play), client_of(play.guest)
    codes = [api.get("/api/nego/as_guest/").status_code for _ in range(5)]
    assert 429 in codes
    assert person.get("/api/nego/as_guest/").status_code == 200
