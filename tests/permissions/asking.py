"""What is sent to each door so that nothing but the permission decides: a body that is right, and which thing it is about."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import clock
from tests.factories.accounts import PASSWORD
from tests.factories.stays import day
from tests.permissions.world import World

NEW_PASSWORD = "another-password-1"
# A part of a path that is something else at this door than at most: (route, part) → its name in `World.ids`.
MEANT = {
    ("about/<name>/", "name"): "site_page",
    ("auth/unsubscribe/<token>/", "token"): "unsubscribe",
    ("notifications/unsubscribe/<token>/", "token"): "unsubscribe",
    ("email/confirm/<token>/", "token"): "confirm",
    ("account/undo/<token>/", "token"): "undo",
    ("auth/block/<user_id>/", "user_id"): "host_id",
    ("password/reset/<uid>/<token>/", "token"): "reset",
    ("api/booking/<booking_id>/payment/<payment_id>/", "booking_id"): "paid",
    ("api/booking/<booking_id>/payment/", "booking_id"): "due",
    ("bookings/<booking_id>/pay/", "booking_id"): "due",
    ("api/booking/<booking_id>/review/", "booking_id"): "over",
    ("api/booking/<booking_id>/changes/", "booking_id"): "paid",
    ("api/booking/<booking_id>/changes/quote/", "booking_id"): "paid",
    ("api/booking/<booking_id>/changes/<change_id>/", "booking_id"): "due",
    ("bookings/<booking_id>/change/", "booking_id"): "paid",
    ("bookings/<booking_id>/change/<change_id>/", "booking_id"): "due",
    ("bookings/<booking_id>/review/", "booking_id"): "over",
    ("bookings/<booking_id>/review/answer/", "booking_id"): "reviewed",
    ("auth/guest_profile/<user_id>/", "user_id"): "guest_id",
    ("auth/host_profile/<user_id>/", "user_id"): "host_id",
    ("auth/host_profile_details/<user_id>/", "user_id"): "host_id",
    ("hosts/<user_id>/", "user_id"): "host_id",
    ("guests/<user_id>/", "user_id"): "guest_id",
}
# What an id is when there is no such thing.
NOTHING = {"reference": "x" * 20, "token": "A" * 43, "path": "photos/none.jpg", "family": "home", "name": "none"}
NO_ID = 999_999_999


def picture() -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(data, "PNG")
    return SimpleUploadedFile("front.png", data.getvalue(), "image/png")


NIGHTS = {"start_date": day(50).isoformat(), "end_date": day(52).isoformat()}
PLACE = {"latitude": "23.8", "longitude": "90.4", "selected_location": "Dhaka"}
BASICS = {f"number_of_{what}": 2 for what in ("guests", "bedrooms", "beds", "bathrooms")}
STEP_1 = {
    "property_type": "House", "property_sub_type": "Entire place", "stay": True, "location": PLACE,
    "some_basics": BASICS,
}  # fmt: skip
STEP_1_FORM = {
    "property_type": "House", "property_sub_type": "Entire place", "stay": "true", "timezone": "Asia/Dhaka",
    **{f"location.{name}": value for name, value in PLACE.items()},
    **{f"some_basics.{name}": value for name, value in BASICS.items()},
}  # fmt: skip
SAYING = {"username": "newcomer", "email": "newcomer@example.com", "password": PASSWORD}
PASSWORDS = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
BID = {**NIGHTS, "number_of_guests": 2, "booking_type": "stay"}

# The point is the one of RFC 8291, 5.
PUSH: dict[str, Any] = {
    "endpoint": "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}

MANDATE = {
    "name": "Robo", "side": "guest", "may": ["read"], "currency": "BDT",
    "expires_at": (clock.now() + timedelta(days=9)).isoformat(),
}  # fmt: skip

BODIES: dict[str, dict[str, Any]] = {
    "POST auth/signup/": SAYING,
    "POST auth/hostsignup/": SAYING,
    "POST auth/login/": {"username": "mina", "password": PASSWORD},
    "PATCH auth/user/": {"first_name": "New"},
    "DELETE auth/user/": {"password": PASSWORD},
    "POST auth/password/": PASSWORDS,
    "POST auth/password/reset/": {"email": "mina@example.org"},
    "POST auth/password/reset/confirm/": {"uid": "uid", "token": "reset", "new_password": NEW_PASSWORD},
    "POST auth/email/confirm/": {"token": "confirm"},
    "POST auth/undo/": {"token": "undo"},
    "POST auth/push/": PUSH,
    "DELETE auth/push/": {"endpoint": PUSH["endpoint"]},
    "POST auth/report/": {"kind": "listing", "id": "property_id", "reason": "spam"},
    "POST auth/second-factor/totp/": {"password": PASSWORD},
    "DELETE auth/second-factor/totp/": {"password": PASSWORD},
    "POST auth/second-factor/totp/confirm/": {"code": "000000"},
    "POST auth/second-factor/recovery-codes/": {"password": PASSWORD},
    "POST auth/passkeys/": {"name": "Phone", "credential": {"id": "x", "response": {}}},
    "POST auth/passkeys/options/": {"password": PASSWORD},
    "DELETE auth/passkeys/<passkey_id>/": {"password": PASSWORD},
    "POST auth/agents/": {
        "name": "Robo",
        "side": "guest",
        "may": ["read"],
        "currency": "BDT",
        "expires_at": (clock.now() + timedelta(days=9)).isoformat(),
    },
    "PATCH auth/agents/<mandate_id>/": {"name": "Other"},
    "POST profile/second-factor/": {"action": "begin", "password": PASSWORD},
    "POST profile/email/": {"email": "elsewhere@example.com", "password": PASSWORD},
    "POST profile/close/": {"password": PASSWORD},
    "POST profile/blocks/": {"block": "host_id"},
    "GET report/": {"kind": "listing", "id": "property_id"},
    "POST report/": {"reason": "spam", "kind": "listing", "id": "property_id"},
    "POST auth/documents/": {"kind": "passport", "file": picture},
    "PATCH api/notification/preferences/": {"mail": False},
    "POST api/property_registration/step1/": STEP_1,
    "PUT api/property_registration/step1/<property_id>/": STEP_1,
    "PUT api/property_registration/step3/<property_id>/": {"house_title": "Hall"},
    "PUT api/property_registration/step4/<property_id>/": {"price": "900"},
    "POST api/property_registration/step2/<property_id>/photos/": {"front": picture},
    "PUT api/property_registration/step2/<property_id>/photos/": {"order": ["photo_id"]},
    "GET api/property/<property_id>/quote/": BID,
    "POST api/property/<property_id>/block/": NIGHTS,
    "POST api/property/<property_id>/calendars/": {"name": "Elsewhere", "url": "https://site.example/a.ics"},
    "POST api/property/<property_id>/price/": {**NIGHTS, "price": "1200"},
    "POST api/property/<property_id>/mark_interval_available/": NIGHTS,
    "POST api/reserve/": {"property_id": "property_id", **BID},
    "POST api/booking/<booking_id>/changes/": {"number_of_guests": 3},
    "GET api/booking/<booking_id>/changes/quote/": {"number_of_guests": 3},
    "PUT api/booking/<booking_id>/changes/<change_id>/": {"status": "accepted"},
    "POST bookings/<booking_id>/change/": {"number_of_guests": 3},
    "POST bookings/<booking_id>/change/<change_id>/": {"status": "accepted"},
    "PUT api/booking/<booking_id>/status/": {"status": "cancelled"},
    "POST api/booking/<booking_id>/payment/": {"method": "card", "token": "tok_ok"},
    "PUT api/booking/<booking_id>/review/": {"rating": 5, "review": "Quiet."},
    "POST api/review/<property_id>/": {"booking": "over", "rating": 5, "review": "Quiet."},
    "POST api/review/<property_id>/<review_id>/answer/": {"answer": "Thank you."},
    "POST api/review/<property_id>/<review_id>/report/": {"reason": "Rude."},
    "POST api/payments/sandbox/<reference>/": {"outcome": "succeed"},
    "POST api/nego/start_negotiation_by_guest/": {"property_id": "property_id", **BID, "guest_price": "1500"},
    "PUT api/nego/guest_proposed/<negotiation_id>/": {"guest_price": "2100"},
    "PUT api/nego/host_proposed/<negotiation_id>/": {"host_price": "2900"},
    "PUT api/nego/update_status/<negotiation_id>/": {"negotiation_status": "declined"},
    "POST api/nego/<negotiation_id>/limit/": {"amount": "2500"},
    "POST api/nego/<negotiation_id>/messages/": {"text": "Hello."},
    "POST homes/<property_id>/ask/": {"text": "Is there a lift?", **NIGHTS, "guests": 2},
    "POST signup/": SAYING,
    "POST login/": {"username": "mina", "password": PASSWORD},
    "POST profile/": {"first_name": "New"},
    "POST profile/assistants/": {"name": "Robo", "side": "guest", "may": ["read"], "currency": "BDT", "days": "7"},
    "POST profile/sessions/": {"session": "all"},
    "POST profile/documents/": {"kind": "passport", "file": picture},
    "POST profile/password/": PASSWORDS,
    "POST password/forgotten/": {"email": "mina@example.org"},
    "POST password/reset/<uid>/<token>/": {"new_password": NEW_PASSWORD},
    "POST hosting/new/": STEP_1_FORM,
    "POST hosting/<property_id>/step/<step>/": {"house_title": "Hall"},
    "POST bookings/<booking_id>/answer/": {"status": "confirmed"},
    "POST bookings/<booking_id>/pay/": {"token": "tok_ok"},
    "POST bookings/<booking_id>/review/": {"rating": "5", "review": "Quiet."},
    "POST bookings/<booking_id>/review/answer/": {"answer": "Thank you."},
}


def values_of(route: str, world: World) -> dict[str, Any]:
    """What stands in the path."""
    return world.ids | {part: world.ids[name] for (at, part), name in MEANT.items() if at == route}


def missing_of(route: str, world: World) -> dict[str, Any]:
    """The same with ids that nothing has."""
    return dict.fromkeys(values_of(route, world), NO_ID) | NOTHING | {"step": 3}


def body_of(method: str, route: str, world: World) -> dict[str, Any]:
    """The body; a text that names something in `World.ids` stands for it, a function is called."""
    return {name: said(value, world) for name, value in BODIES.get(f"{method} {route}", {}).items()}


def said(value: Any, world: World) -> Any:
    if isinstance(value, list):
        return [said(one, world) for one in value]
    if callable(value):
        return value()
    return world.ids.get(value, value) if isinstance(value, str) else value
