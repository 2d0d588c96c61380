"""One whole haggle with the client that openapi-python-client made: from listing a home to a paid booking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from staynest_client import AuthenticatedClient, Client
from staynest_client.api.accounts import auth_hostsignup_create, auth_signup_create
from staynest_client.api.booking import booking_details_retrieve, booking_payment_create
from staynest_client.api.listing import (
    property_registration_step1_create,
    property_registration_step2_update,
    property_registration_step3_update,
    property_registration_step4_update,
    property_registration_step7_update,
)
from staynest_client.api.negotiation import (
    nego_host_proposed_update,
    nego_negotiation_details_retrieve,
    nego_start_negotiation_by_guest_create,
    nego_update_status_update,
)
from staynest_client.api.properties import property_quote_retrieve, property_retrieve
from staynest_client.api.search import properties_search_retrieve
from staynest_client.models import (
    BasicsRequest,
    BookingType,
    HostProposedRequest,
    LocationRequest,
    PaymentRequest,
    SignUpRequest,
    StartNegotiationRequest,
    Step1Request,
    Step1RequestPropertySubType,
    Step1RequestPropertyType,
    Step2Request,
    Step3Request,
    Step4Request,
    Step7Request,
    UpdateNegotiationStatusRequest,
    UpdateNegotiationStatusRequestNegotiationStatus,
)

WAIT_S = 60.0


def signed_in(url: str, name: str, door: Any) -> AuthenticatedClient:
    """A new account's client."""
    body = SignUpRequest(username=name, email=f"{name}@example.org", password="a-Long-one-71")
    with Client(base_url=url, timeout=WAIT_S) as nobody:
        account = door.sync(client=nobody, body=body)
    return AuthenticatedClient(base_url=url, token=account.token, prefix="Token", timeout=WAIT_S)


def list_home(host: AuthenticatedClient) -> int:
    """A listed home's id."""
    first = Step1Request(
        property_type=Step1RequestPropertyType.CABIN, property_sub_type=Step1RequestPropertySubType.ENTIRE_PLACE, stay=True,
        location=LocationRequest(latitude=23.8, longitude=90.4, selected_location="Haggle Street, Dhaka"),
        some_basics=BasicsRequest(
            number_of_guests=2, number_of_bedrooms=1, number_of_beds=1, number_of_bathrooms=1
        ),
    )  # fmt: skip
    home: int = property_registration_step1_create.sync(client=host, body=first).registration_id
    for step, body in (
        (property_registration_step2_update, Step2Request()),
        (property_registration_step3_update, Step3Request(house_title="Generated Cabin")),
        (property_registration_step4_update, Step4Request(price="1000", negotiation_availability=True)),
        (property_registration_step7_update, Step7Request()),
    ):
        assert step.sync(home, client=host, body=body).registration_id == home
    return home


def haggle(url: str) -> dict[str, Any]:
    """What became of it: amounts, status, payment."""
    with (
        signed_in(url, "generated_host", auth_hostsignup_create) as host,
        signed_in(url, "generated_guest", auth_signup_create) as guest,
    ):
        return haggle_of(host, guest)


def haggle_of(host: AuthenticatedClient, guest: AuthenticatedClient) -> dict[str, Any]:
    home = list_home(host)
    found = properties_search_retrieve.sync(client=guest, location="Haggle Street")
    assert home in [row.property_id for row in found.results]
    page = property_retrieve.sync(home, client=guest)
    first = datetime.now(UTC).date() + timedelta(days=30)
    stay = {"start_date": first, "end_date": first + timedelta(days=3)}
    quote = property_quote_retrieve.sync(home, client=guest, **stay)
    bid = StartNegotiationRequest(
        property_id=home, number_of_guests=2, booking_type=BookingType.STAY, guest_price="2400.00", **stay
    )
    opened = nego_start_negotiation_by_guest_create.sync(client=guest, body=bid)
    asked = nego_host_proposed_update.sync(opened.id, client=host, body=HostProposedRequest(host_price=2700))
    accept = UpdateNegotiationStatusRequest(UpdateNegotiationStatusRequestNegotiationStatus.ACCEPTED)
    agreed = nego_update_status_update.sync(opened.id, client=guest, body=accept)
    payment = booking_payment_create.sync(agreed.booking, client=guest, body=PaymentRequest(token="tok_ok"))
    booking = booking_details_retrieve.sync(agreed.booking, client=guest)
    log = nego_negotiation_details_retrieve.sync(opened.id, client=host)
    return {
        "photo": page.photos[0].image_data, "listed": quote.stay, "asked": asked.host_price, "agreed": booking.base_price,
        "payment": str(payment.status), "booking": (str(booking.status), str(booking.payment_status)),
        "log": [str(entry.kind) for entry in log.entries],
    }  # fmt: skip
