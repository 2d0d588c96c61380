"""One small world with everything in it that a door can be about: a home and its host, a guest who haggles and books there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.mail_links import confirm_email_token, password_reset_parts, undo_token, unsubscribe_token
from accounts.models import (
    AuthToken,
    DataExport,
    Document,
    Notification,
    Passkey,
    PushSubscription,
    Recovery,
    Session,
    User,
)
from accounts.roles import ROLES
from accounts.services.email_changes import open_way_back
from bookings.models import Booking, Payment, Review
from bookings.selectors.changes import Wish
from bookings.services.changing import propose_change
from bookings.services.paying import start_payment
from bookings.services.reserving import StayOrder, reserve_stay
from core import clock
from properties.models import ImportedCalendar, Photo, Property, SavedHome
from properties.selectors.feeds import feed_token
from properties.services.feeds import replace_feed
from properties.services.search import refresh_search
from tests.factories.accounts import PASSWORD, make_mandate, make_session, make_token
from tests.factories.bookings import make_booking
from tests.factories.stays import day, make_host, make_property, make_user
from tests.negotiation.play import Play

# Whose sign-in is no good any more: the account was closed, the sign-in ended by its time, or by hand.
DEAD = ("closed", "expired", "revoked")


@dataclass
class Caller:
    """Somebody at a door: a token for the REST door, a session for the pages; empty for a stranger."""

    token: str = ""
    session: str = ""
    user: User | None = None


@dataclass
class World:
    """`ids` are what stands in paths: things of the host Hasan and the guest Mina, unless a door wants others."""

    callers: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    # The same for the other host, Karim, who has nothing to do with Mina or Hasan.
    others: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=clock.now)

    def user(self, name: str) -> User:
        found = self.callers[name].user
        assert found is not None
        return found


def build() -> World:
    """Everything, in the caller's transaction."""
    world = World()
    world.callers = {"anonymous": Caller()} | {name: signed_in(user) for name, user in people().items()}
    world.callers |= {name: dead(name) for name in DEAD} | {"machine": Caller()}
    hasan, mina = world.user("owner"), world.user("party")
    home = make_property(hasan, instant_book=False)
    world.ids |= things_of(home, mina, world.now)
    world.ids |= of_accounts(mina, world)
    world.others |= things_of(make_property(world.user("host")), make_user("nila"), world.now)
    return world


def people() -> dict[str, User]:
    """Who has an account. `guest` and `host` are strangers to the others."""
    found = {
        "guest": make_user("zara"),
        "party": make_user("mina"),
        "host": make_host("karim"),
        "owner": make_host("hasan"),
    }
    for role in ROLES:
        found[role] = make_user(role, is_staff=True)
        found[role].groups.set([Group.objects.get(name=role)])
    for user in found.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    return found


def signed_in(user: User) -> Caller:
    return Caller(make_token(user, second_factor=user.is_staff)[1], make_session(user), user)


def dead(why: str) -> Caller:
    """Credentials of Hasan's best friend, which were good until now."""
    user = make_host(why)
    caller = signed_in(user)
    tokens, sessions = AuthToken.objects.filter(user=user), Session.objects.filter(user=user)
    if why == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif why == "expired":
        tokens.update(expiry=clock.now() - timedelta(seconds=1))
        sessions.update(expire_date=clock.now() - timedelta(seconds=1))
    else:
        tokens.delete(), sessions.delete()
    return caller


def things_of(home: Property, guest: User, now: datetime) -> dict[str, Any]:
    """What a guest and a host have with one another."""
    refresh_search([home.pk])
    haggle = Play(home=home, guest=guest)
    haggle.open("2000.00")
    order = StayOrder(home.pk, "stay", day(10), day(13), 2)
    due, asked, paid, over, reviewed = (a_stay(home, guest, first, now) for first in (20, 30, 40, -150, -160))
    for stay in (over, reviewed):
        Booking.objects.filter(pk=stay.pk).update(status="completed", payment_status="paid")
    review = Review.objects.create(
        booking=reviewed, property=home, guest=guest, rating=5, text="Quiet.", created_at=now
    )  # fmt: skip
    SavedHome.objects.create(user=guest, property=home, title=home.title, created_at=now)
    return {
        "property_id": home.pk,
        "negotiation_id": haggle.id,
        "offer_id": haggle.standing(),
        "booking_id": reserve_stay(actor=guest, order=order, now=now),
        "due": due.pk,
        "change_id": propose_change(actor=guest, booking_id=due.pk, wish=Wish(guests=3), now=now),
        "over": over.pk,
        "reviewed": reviewed.pk,
        "paid": paid.pk,
        "payment_id": pay(paid, "tok_ok", now).pk,
        "reference": pay(asked, "tok_action", now).reference,
        "review_id": review.pk,
        "photo_id": make_photo(home).pk,
        "calendar_id": ImportedCalendar.objects.create(property=home, name="Site", url="https://site.example/a.ics").pk,
        "step": 3,
        "token": feed_token(replace_feed(property_id=home.pk, actor=home.host, now=now)),
    }


def a_stay(home: Property, guest: User, first: int, now: datetime) -> Booking:
    """A booking of three nights that is due."""
    start = day(first)
    noon = datetime.combine(start, datetime.min.time(), now.tzinfo) + timedelta(hours=8)
    times = {"check_in_at": noon, "check_out_at": noon + timedelta(days=2, hours=21)}
    return make_booking(home, guest, now=now, start_date=start, end_date=day(first + 3), **times)


def pay(booking: Booking, token: str, now: datetime) -> Payment:
    return start_payment(actor=booking.guest, booking_id=booking.pk, method="card", token=token, key=None, now=now)


def make_photo(home: Property) -> Photo:
    name = default_storage.save("photos/front.jpg", ContentFile(b"\xff\xd8\xff\xd9"))
    return Photo.objects.create(property=home, image=name, thumbnail=name, width=1, height=1)


def of_accounts(mina: User, world: World) -> dict[str, Any]:
    """What belongs to Mina's account alone, and what is mailed to her."""
    document = Document(user=mina, kind="nid", content_type="image/png", size=3, uploaded_at=world.now)
    document.file.save("x.png", ContentFile(b"png"), save=False)
    document.save()
    uid, reset = password_reset_parts(mina)
    export = DataExport(user=mina, asked_at=world.now, ready_at=world.now, expires_at=world.now + timedelta(days=1))
    export.file.save("x.zip", ContentFile(b"zip"), save=False)
    export.save()
    passkey = Passkey.objects.create(
        user=world.user("owner"),
        name="Phone",
        credential_id=b"hasan",
        public_key=b"-",
        sign_count=0,
        created_at=world.now,
    )
    subscription = PushSubscription.objects.create(
        user=mina, endpoint="https://push.example.org/x", host="push.example.org", token_id=1, created_at=world.now
    )
    mandate, world.callers["machine"].token = make_mandate(mina)
    told = Notification.objects.create(user=mina, kind="offer.made", title="-", at=world.now)
    return {
        "document_id": document.pk,
        "passkey_id": passkey.pk,
        "subscription_id": subscription.pk,
        "mandate_id": mandate.pk,
        "undo": undo_token(open_way_back(mina, Recovery.Kind.EMAIL, world.now).pk),
        "notification_id": told.pk,
        "sign_in_id": AuthToken.objects.get(user=mina).pk,
        "host_id": world.user("owner").pk,
        "guest_id": mina.pk,
        "unsubscribe": unsubscribe_token(mina.pk),
        "confirm": confirm_email_token(mina),
        "uid": uid,
        "reset": reset,
        "path": Photo.objects.get().image.name,
        "site_page": "help",
        "family": "home",
        "name": "house",
    }
