"""`/api/nego/`: the same moves through the other door."""

import pytest

from tests.factories.accounts import client_of
from tests.factories.stays import make_user
from tests.negotiation.play import Play

pytestmark = pytest.mark.django_db(transaction=True)


def start(play: Play, **body: object) -> dict:
    response = client_of(play.guest).post(
        "/api/nego/start_negotiation_by_guest/",
        {
            "property_id": str(play.home.pk), "start_date": play.start.isoformat(), "end_date": play.end.isoformat(),
            "number_of_guests": "2", "booking_type": "stay", "guest_price": "2000", "guest_id": 999, "tax": 1,
        } | body,
        format="json",
    )  # fmt: skip
    assert response.status_code == 200, response.json()
    play.id = response.json()["id"]
    return response.json()


def test_a_haggle_over_rest() -> None:
    play = Play()
    opened = start(play)
    assert (opened["negotiation_status"], opened["guest_price"], opened["default_price"]) == (
        "Guest Proposed", "2000.00", "3000.00",
    )  # fmt: skip
    host, guest = client_of(play.host), client_of(play.guest)
    answer = host.put(f"/api/nego/host_proposed/{play.id}/", {"host_price": 2800}, format="json")
    assert (answer.status_code, answer.json()["negotiation_status"]) == (200, "Host Proposed")
    wrong = host.put(f"/api/nego/guest_proposed/{play.id}/", {"guest_price": 2800}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_allowed")
    answer = guest.put(f"/api/nego/update_status/{play.id}/", {"negotiation_status": "Guest Payment"}, format="json")
    assert (answer.status_code, answer.json()["negotiation_status"]) == (200, "Guest Payment")
    again = guest.put(f"/api/nego/update_status/{play.id}/", {"negotiation_status": "Accepted By Guest"}, format="json")
    assert (again.status_code, again.json()["booking"]) == (200, answer.json()["booking"])
    log = guest.get(f"/api/nego/negotiation_details/{play.id}/").json()["entries"]
    assert [entry["seq"] for entry in log] == [1, 2, 3, 4]


def test_refusals_name_the_fields_of_the_body() -> None:
    play = Play()
    start(play)
    answer = client_of(play.host).put(f"/api/nego/host_proposed/{play.id}/", {"host_price": "12.345"}, format="json")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (
        400,
        "invalid",
        ["host_price"],
    )


def test_strangers_find_nothing() -> None:
    play = Play()
    start(play)
    stranger = client_of(make_user())
    for method, path in (
        ("get", "negotiation_details/{}/"), ("get", "{}/entries/"), ("post", "{}/messages/"),
        ("put", "update_status/{}/"), ("put", "host_proposed/{}/"),
    ):  # fmt: skip
        body = {"text": "hi", "host_price": "1", "negotiation_status": "accepted"}
        answer = getattr(stranger, method)(
            f"/api/nego/{path.format(play.id)}", body, format="json" if method != "get" else None
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert stranger.get("/api/nego/as_guest/").json() == []


def test_one_key_moves_once_and_other_content_is_refused() -> None:
    play = Play()
    start(play)
    host = client_of(play.host)
    path = f"/api/nego/host_proposed/{play.id}/"
    for price in ("2800", "2800.00"):
        answer = host.put(path, {"host_price": price}, format="json", headers={"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.json()["last_seq"]) == (200, 3)
    answer = host.put(path, {"host_price": "2700"}, format="json", headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "command.id_reused")


def test_lists_page_by_link() -> None:
    play = Play()
    start(play)
    for _ in range(2):
        Play(home=play.home, guest=play.guest)
    host = client_of(play.host)
    for _ in range(2):
        start(Play(home=play.home))
    first = host.get("/api/nego/as_host/?limit=2")
    assert len(first.json()) == 2
    link = first["Link"].split(";")[0].strip("<>")
    rest = host.get(link)
    assert [row["id"] for row in rest.json()] == [play.id]
    assert "Link" not in rest


def test_a_limit_is_sealed_and_taken_back_over_rest() -> None:
    play = Play()
    start(play)
    guest, host = client_of(play.guest), client_of(play.host)
    url = f"/api/nego/{play.id}/limit/"
    sealed = guest.post(url, {"amount": "2400", "expires_in": "600"}, format="json")
    assert (sealed.status_code, sealed.json()["limits"]) == (200, {"guest": "sealed", "host": "none"})
    assert sealed.json()["limit_mine"]["amount"] == "2400.00"
    assert "limit_mine" not in host.get("/api/nego/as_host/").json()[0]
    assert guest.post(url, {"amount": "2500"}, format="json").json()["code"] == "limit.already_sealed"
    back = guest.delete(url)
    assert (back.status_code, back.json()["limits"]["guest"]) == (200, "none")
    assert (guest.delete(url).status_code, guest.delete(url).json()["code"]) == (409, "limit.spent")
    guest.post(url, {"amount": "2600"}, format="json")
    met = host.post(url, {"amount": 2500}, format="json").json()
    assert (met["status"], met["limits"]) == ("accepted", {"guest": "spent", "host": "spent"})
    assert met["booking"] is not None


def test_a_haggle_opens_with_a_limit_over_rest() -> None:
    opened = start(Play(), guest_price=None, limit="2400")
    assert (opened["negotiation_status"], opened["turn"], opened["limits"]["guest"]) == ("Question", None, "sealed")
