"""From listing a home to a stay that is paid, cancelled and given back: a stranger's requests to a real server, while the
host's and the guest's sockets hear of each step."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from django.core.management import call_command

from tests.hub.tabs import Tab
from tests.properties.conftest import STEP1, STEP3, STEP4, data_url, step2
from tests.servers import UNLIMITED

WAIT_S = 20


class Stranger:
    """Somebody with an account and nothing but HTTP."""

    def __init__(self, url: str, name: str, door: str = "signup") -> None:
        self.url, self.headers = url, dict[str, str]()
        body = {
            "username": name,
            "email": f"{name}@example.org",
            "password": "a-Long-one-71",
            "first_name": name.title(),
        }
        signed = self.ask("POST", f"/auth/{door}/", 201, body)
        self.id = signed["user"]["id"]
        self.headers["Authorization"] = f"Token {signed['token']}"

    def ask(self, method: str, path: str, status: int, body: Any = None, **headers: str) -> Any:
        answer = httpx.request(method, self.url + path, json=body, headers=self.headers | headers, timeout=WAIT_S)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return answer.json()

    def tab(self) -> Tab:
        ticket = self.ask("POST", "/auth/ws-ticket/", 200)["ticket"]
        tab = Tab(f"{self.url.replace('http', 'ws')}/ws/?ticket={ticket}")
        tab.wait("welcome")
        return tab


def list_home(host: Stranger, **step4: Any) -> int:
    start = "/api/property_registration/"
    home: int = host.ask("POST", f"{start}step1/", 201, STEP1)["registration_id"]
    menu = {"breakfast": [{"name": "Paratha", "price": "120"}], "lunch": [], "dinner": []}
    for number, body in (
        (2, step2(data_url())),
        (3, STEP3),
        (4, STEP4 | step4),
        (5, menu),
        (7, {"selected_dates": []}),
    ):
        host.ask("PUT", f"{start}step{number}/{home}/", 200, body)
    return home


def body_for(home: int, **more: Any) -> dict[str, Any]:
    first = datetime.now(UTC).date() + timedelta(days=20)
    stay = {"start_date": str(first), "end_date": str(first + timedelta(days=2)), "number_of_guests": "2"}
    return {"property_id": str(home), "booking_type": "stay"} | stay | more


def test_an_instant_booking_is_paid_at_the_bank_and_given_back(serve: Any) -> None:
    url = serve(**UNLIMITED).url
    host, guest = Stranger(url, "hasan", "hostsignup"), Stranger(url, "rahim")
    home = list_home(host, instant_book=True)
    dish = host.ask("GET", f"/api/property_registration/step5/{home}/", 200)["breakfast"][0]["id"]
    with host.tab() as hosts_tab, guest.tab() as guests_tab:
        order = body_for(home, booking_type="stay_with_meals", breakfast=[{"id": dish, "quantity": "2", "date": ""}])
        held = guest.ask("POST", "/guest/api/reserve/", 201, order, **{"Idempotency-Key": "first"})
        assert held == guest.ask("POST", "/guest/api/reserve/", 201, order, **{"Idempotency-Key": "first"})
        assert (held["status"], held["quote"]["meals"]) == ("pending", "240.00")
        assert hosts_tab.wait("notification")["kind"] == "booking.requested"
        booking = held["reservation_id"]
        pay = guest.ask("POST", f"/api/booking/{booking}/payment/", 201, {"method": "card", "token": "tok_action"})
        assert pay["status"] == "requires_action"
        bank = url + "/api/payments/" + pay["action_url"].partition("/api/payments/")[2]
        assert "Succeed" in httpx.get(bank, timeout=WAIT_S).text
        assert httpx.post(bank, data={"outcome": "succeed"}, timeout=WAIT_S).status_code == 200
        assert hosts_tab.wait("notification")["kind"] == "booking.paid"
        assert guests_tab.wait("notification")["kind"] == "booking.confirmed"
        [trip] = guest.ask("GET", "/guest/api/upcoming_bookings/as_guest/", 200)
        assert (trip["status"], trip["payment_status"], trip["breakfast"][0]["quantity"]) == ("confirmed", "paid", 2)
        assert trip["property_photo"].startswith(url)
        assert [row["id"] for row in host.ask("GET", "/api/upcoming_bookings/as_host/", 200)] == [booking]
        told = guest.ask("GET", f"/auth/host_profile/{host.id}/", 200)
        assert told["email"] == "hasan@example.org"
        assert guest.ask("GET", f"/api/booking/{booking}/refund/", 200)["amount"] == trip["total"]
        over = guest.ask("PUT", f"/api/booking/{booking}/status/", 200, {"status": "cancelled", "reason": "Ill."})
        assert (over["status"], over["payment_status"]) == ("cancelled", "refunded")
        assert guests_tab.wait("notification", kind="booking.refunded")["booking"] == booking
    free = guest.ask("POST", "/api/reserve/", 201, order)
    assert free["reservation_id"] != booking


def test_a_request_is_approved_and_a_lost_answer_of_the_gateway_settles(serve: Any) -> None:
    url = serve(**UNLIMITED).url
    host, guest, stranger = Stranger(url, "hasan", "hostsignup"), Stranger(url, "rahim"), Stranger(url, "nadia")
    home = list_home(host)
    booking = guest.ask("POST", "/api/reserve/", 201, body_for(home))["reservation_id"]
    stranger.ask("GET", f"/api/reservation/{booking}/", 404)
    assert stranger.ask("POST", "/api/reserve/", 409, body_for(home))["code"] == "dates.taken"
    assert (
        guest.ask("POST", f"/api/booking/{booking}/payment/", 409, {"token": "tok_ok"})["code"] == "booking.wrong_state"
    )
    approved = host.ask("PUT", f"/host/api/booking/{booking}/status/", 200, {"status": "approved"})
    assert (approved["status"], approved["payment_status"]) == ("confirmed", "due")
    late = guest.ask("POST", f"/api/booking/{booking}/payment/", 202, {"token": "tok_timeout"})
    call_command("reconcile")
    paid = guest.ask("GET", f"/api/booking/{booking}/payment/{late['payment_id']}/", 200)
    assert (paid["status"], paid["amount"]) == ("succeeded", approved["total"])
    assert guest.ask("GET", f"/api/booking_details/{booking}/", 200)["payment_status"] == "paid"
