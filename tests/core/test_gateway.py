import pytest
from django.test import Client

from core.web.service_routing import service_of


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/auth/login/", "auth"),
        ("/auth/host_profile/7/", "auth"),
        ("/api/property/7/", "host"),
        ("/api/property_registration/step1/", "host"),
        ("/api/properties/search/", "host"),
        ("/api/complete_registration/7/", "host"),
        ("/api/mylistings/", "host"),
        ("/api/dashboard/property/7/", "host"),
        ("/api/reserve/", "guest"),
        ("/api/reservation/7/", "guest"),
        ("/api/booking/7/payment/", "guest"),
        ("/api/booking_details/7/", "guest"),
        ("/api/upcoming_bookings/as_host/", "guest"),
        ("/api/review/7/", "guest"),
        ("/api/notification/", "guest"),
        ("/api/payments/stripe/webhook/", "guest"),
        ("/api/nego/as_guest/", "negotiation"),
        ("/ws/", "negotiation"),
        ("/ws/schema/", "any"),
        ("/api/schema/", "any"),
        ("/", "web"),
        ("/admin/login/", "web"),
    ],
)
def test_each_path_belongs_to_one_service(path: str, service: str) -> None:
    assert service_of(path) == service


def test_a_process_answers_only_its_services(client: Client, settings) -> None:
    settings.SERVICES = frozenset({"auth"})
    assert client.get("/api/mylistings/").json()["code"] == "not_found"
    assert client.get("/admin/login/").status_code == 404
    assert client.get("/healthz/").status_code == 200
