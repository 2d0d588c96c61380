"""The StayNest web frontend, as far as a server sees it: it sends its token header with every request, also where it has none."""

from datetime import date, timedelta
from typing import Any

from rest_framework.test import APIClient

from tests.accounts.test_sign_up import data_url
from tests.factories.accounts import PASSWORD

ARRIVAL = date.today() + timedelta(days=40)
STEPS = "/host/api/property_registration"
STEP_1 = {
    "property_type": "House",
    "property_sub_type": "Entire place",
    "online_type": "",
    "stay": True,
    "stay_with_meal": True,
    "paying_guest": False,
    "location": {
        "latitude": "23.7806",
        "longitude": "90.4070",
        "selected_location": "Gulshan, Dhaka",
        "house_name": "",
        "holding_number": None,
    },
    "some_basics": {
        "number_of_guests": "4",
        "number_of_bedrooms": "2",
        "number_of_beds": 2,
        "number_of_bathrooms": "1",
    },
}
STEP_3 = {"house_title": "Lake House", "highlights": ["Peaceful", "Unique"], "description": "By the lake."}
STEP_4 = {
    "price": "1000",
    "discounts": {"earlyBooking": None, "weeklyStay": "", "monthlyStay": None},
    "security_features": ["Lock"],
    "negotiation_availability": True,
    "host_id": 999,
}
STEP_5 = {"breakfast": [{"name": "Paratha", "price": "120", "photo": "No photo uploaded"}], "lunch": [], "dinner": []}
STEP_6 = {"allow_paying_guests": False, "description": "", "meal_price": 0, "photo": "image"}


def day(n: int) -> str:
    return (ARRIVAL + timedelta(days=n)).isoformat()


class Frontend:
    """A browser with the frontend: a token in its storage, or the word that stands there without one."""

    def __init__(self) -> None:
        self.api, self.token = APIClient(), "null"

    def call(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        send = getattr(self.api, method)
        answer = send(path, body, format="json", HTTP_AUTHORIZATION=f"Token {self.token}")
        assert answer.status_code == expect, (path, answer.status_code, getattr(answer, "data", None))
        return answer.json() if answer.content else None

    def sign_up(self, name: str, door: str = "signup") -> dict[str, Any]:
        profile = {"phone": "017", "address": "Dhaka", "profile_picture": data_url()}
        body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "profile": profile}
        assert set(self.call("post", f"/auth/{door}/", body, 201)) == {"token", "expiry", "user"}
        signed_in = self.call("post", "/auth/login/", {"username": name, "password": PASSWORD})
        self.token = signed_in["token"]
        return dict(signed_in["user"])


def list_home(host: Frontend) -> int:
    """The seven steps as the wizard sends them."""
    home = host.call("post", f"{STEPS}/step1/", STEP_1, 201)["registration_id"]
    photos = [{"image_data": data_url("JPEG"), "description": ""}] * 2
    step_2 = {"regular_amenities": [{"name": "Wifi"}], "standout_amenities": [{"name": "Pool"}], "photos": photos}
    bodies = {2: step_2, 3: STEP_3, 4: STEP_4, 5: STEP_5, 6: STEP_6}
    for step, body in bodies.items():
        host.call("put", f"{STEPS}/step{step}/{home}/", body)
    window = {"selected_dates": [{"start_date": day(-10), "end_date": day(60)}]}
    for _ in range(2):
        host.call("put", f"{STEPS}/step7/{home}/", window)
    return int(home)


def bid(home: int, first: int = 0, price: Any = "2000", **more: Any) -> dict[str, Any]:
    """An opening as the frontend sends it: with ids and prices that are not its to say."""
    return {
        "property_id": home,
        "guest_id": 999,
        "host_id": 999,
        "start_date": day(first),
        "end_date": day(first + 3),
        "number_of_guests": "2",
        "booking_type": "stay",
        "guest_price": price,
        "base_price": 1,
        "platform_fee": 0,
        "tax": 0,
        "default_price": 1,
        **more,
    }
