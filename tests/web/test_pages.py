"""Every page, at a phone's and a desktop's width: nothing sticks out, axe-core finds nothing serious, the console is quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Response

from accounts.mail_links import confirm_email_token, password_reset_parts, unsubscribe_token
from accounts.models import User
from bookings.models import Booking, Review
from core import clock
from tests.factories.bookings import make_booking, make_hold
from tests.factories.stays import day, make_meal, make_property, make_user
from tests.negotiation.play import Play
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class World:
    """A guest and a host with one of everything that has a page."""

    guest: User
    host: User
    pages: dict[str, dict[str, str]]


@pytest.fixture
def world() -> World:
    play = Play()
    play.open("2200.00", message="We are two quiet people. Would this do?")
    for side, amount in (("host", 2800), ("guest", 2400), ("host", 2650)):
        play.offer(side, amount)
    over = Play(home=make_property(play.host, title="Hill Cabin"), guest=play.guest)
    over.open("2000.00")
    over.answer("host", "decline")
    agreed = Play(home=make_property(play.host, title="River Boat"), guest=play.guest, start=day(6), end=day(9))
    agreed.open("2700.00")
    agreed.answer("host", "accept")
    make_meal(play.home)
    now = clock.now()
    due = make_booking(play.home, play.guest, now=now, first=20)
    asked = make_hold(play.home, play.guest, now + timedelta(hours=5), first=30)
    done = _finished(make_booking(play.home, play.guest, now=now, first=40))
    uid, token = password_reset_parts(make_user("nadia"))
    guest = {
        "home": f"/homes/{play.home.pk}/?check_in=2027-05-03&check_out=2027-05-07",
        "inbox": "/inbox/",
        "room": f"/inbox/{play.id}/",
        "room-declined": f"/inbox/{over.id}/",
        "room-agreed": f"/inbox/{agreed.id}/",
        "trips": "/trips/",
        "trips-all": "/trips/?past=1",
        "booking": f"/bookings/{due.pk}/",
        "booking-reviewable": f"/bookings/{done.pk}/",
        "pay": f"/bookings/{due.pk}/pay/",
        "cancel": f"/bookings/{due.pk}/cancel/",
        "receipt": f"/bookings/{due.pk}/receipt/",
        "notifications": "/notifications/",
        "profile": "/profile/",
        "sessions": "/profile/sessions/",
        "password": "/profile/password/",
        "preferences": "/profile/preferences/",
    }
    host = {"inbox-host": "/inbox/?show=host", "room-host": f"/inbox/{play.id}/", "trips-host": "/trips/?as=host",
            "guest-page": f"/guests/{play.guest.pk}/",
            "booking-request": f"/bookings/{asked.pk}/"}  # fmt: skip
    anybody = {
        "signup": "/signup/",
        "login": "/login/",
        "forgotten": "/password/forgotten/",
        "new-password": f"/password/reset/{uid}/{token}/",
        "confirm-email": f"/email/confirm/{confirm_email_token(play.guest)}/",
        "unsubscribe": f"/notifications/unsubscribe/{unsubscribe_token(play.guest.pk)}/",
        "home-anybody": f"/homes/{play.home.pk}/",
    }
    return World(play.guest, play.host, {"guest": guest, "host": host, "anybody": anybody})


def _finished(booking: Booking) -> Booking:
    """A stay that is over and paid; the calendar does not mind that its nights lie ahead."""
    past = clock.now() - timedelta(days=2)
    Booking.objects.filter(pk=booking.pk).update(
        check_in_at=past - timedelta(days=3), check_out_at=past, payment_status="paid", pay_by=None
    )
    other = make_booking(booking.property, make_user(), now=clock.now(), first=60)
    Review.objects.create(
        booking=other, property=booking.property, guest=other.guest, rating=5, text="A quiet, clean place.",
        created_at=clock.now(),
    )  # fmt: skip
    booking.refresh_from_db()
    return booking


# Pages whose parts differ between the widths; the others are judged on the phone alone. They are judged dark on the desktop:
# what every part wears there is checked by name in tests/core/test_themes.py.
DIFFERENT = ("home", "inbox", "room", "room-agreed", "signup")


@pytest.mark.parametrize("who", ["guest", "host", "anybody"])
def test_every_page_is_whole_and_accessible(visit: Callable[..., Visitor], world: World, who: str) -> None:
    user = {"guest": world.guest, "host": world.host, "anybody": None}[who]
    visitor, faults = visit(user), {}
    for name, path in world.pages[who].items():
        visitor.page.emulate_media(color_scheme="light")
        visitor.page.set_viewport_size({"width": 360, "height": 760})
        answer = visitor.page.goto(path)
        assert answer is not None
        if user:
            visitor.live()
        found = {"status": answer.status, "phone": visitor.overflow(), "axe": visitor.accessibility()}
        visitor.picture(name, whole="room" not in name)
        visitor.page.set_viewport_size({"width": 1280, "height": 760})
        visitor.page.emulate_media(color_scheme="dark")
        found |= {"desktop": visitor.overflow()} | ({"more": visitor.accessibility()} if name in DIFFERENT else {})
        visitor.picture(name, whole="room" not in name)
        if found.pop("status") != 200 or any(found.values()):
            faults[name] = found
    assert faults == {}


def test_the_heart_fits_every_width(visit: Callable[..., Visitor], world: World) -> None:
    visitor = visit(world.guest)
    for name in ("home", "inbox", "room", "trips"):
        visitor.go(world.pages["guest"][name])
        for width in (480, 768, 1024, 1920):
            visitor.page.set_viewport_size({"width": width, "height": 760})
            assert visitor.overflow() == [], (name, width)


def test_what_is_not_there_says_so(visit: Callable[..., Visitor]) -> None:
    visitor = visit(make_user())
    for path in ("/inbox/999999/", "/bookings/999999/", "/homes/999999/", "/nowhere/"):
        answer = visitor.page.goto(path)
        assert answer is not None
        assert answer.status == 404
        assert visitor.page.get_by_role("heading", name="This page is not here").is_visible()
    visitor.troubles = [trouble for trouble in visitor.troubles if "404" not in trouble]


def test_a_first_look_at_a_home_is_light(visit: Callable[..., Visitor]) -> None:
    """Under 150 KB of script and style, uncompressed, on the first property page."""
    visitor = visit(width=360)
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.request.resource_type in ("script", "stylesheet"):
            sizes[response.url] = len(response.body())

    visitor.page.on("response", weigh)
    visitor.go(f"/homes/{make_property().pk}/")
    visitor.page.wait_for_load_state("networkidle")
    assert len(sizes) > 5
    assert sum(sizes.values()) < 150_000, sizes
