"""The demo's people and their negotiations, made by the same moves as real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import Notification, User, UserProfile
from bookings.models import Booking
from bookings.services.paying import start_payment
from bookings.services.review_answers import answer_review
from bookings.services.reviewing import put_review, write_review
from demo.canvas import as_jpeg
from demo.portraits import portrait
from negotiation.engine.executor import execute_one
from negotiation.models import Negotiation
from negotiation.moves import Accept, MakeOffer, Move, Open, SendMessage
from negotiation.services.superhosts import recompute_hosts
from properties.models import Property
from properties.rules.terms import local_today, quote_stay
from properties.selectors.terms import get_terms

PASSWORD = "staynest-demo"  # noqa: S105 - a demo's, printed when it is made
DOMAIN = "demo.staynest.example"
LISTED_DAYS_AGO = 180
WEEK_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Person:
    """A person in the demo."""

    username: str
    first: str
    last: str
    is_host: bool = False
    phone: str = ""


PEOPLE = (
    Person("rahim", "Rahim", "Uddin", is_host=True, phone="+880 1711 000001"),
    Person("nasrin", "Nasrin", "Akter", is_host=True, phone="+880 1711 000002"),
    Person("tanvir", "Tanvir", "Hasan", is_host=True, phone="+880 1711 000003"),
    Person("maya", "Maya", "Sen", phone="+880 1911 000004"),
    Person("arif", "Arif", "Chowdhury", phone="+880 1911 000005"),
    Person("lena", "Lena", "Fischer", phone="+49 30 000006"),
)


@dataclass(frozen=True, slots=True)
class Stay:
    """A haggle that ended in a stay: days from today (past: negative), shares of the list price, what was said of it."""

    home: int
    guest: str
    start: int
    nights: int
    share: str
    rating: int = 0
    words: str = ""
    answer: str = ""


STAYS = (
    Stay(0, "maya", -75, 3, "0.88", 5, "We rowed to breakfast. The kindest hosts on the lake.", "Come back for the winter birds!"),
    Stay(0, "arif", -33, 2, "0.92", 4, "Beautiful and quiet; bring mosquito spray."),
    Stay(1, "lena", -60, 4, "0.90", 5, "The sound of the sea all night. Nasrin thought of everything.", "Thank you, Lena!"),
    Stay(1, "arif", -21, 2, "0.94", 5, "Forty steps to the surf, as promised."),
    Stay(2, "lena", -52, 3, "0.85", 5, "Tea, rain, books. And the best dal of our journey."),
    Stay(2, "maya", -14, 2, "0.90", 4, "Simple and lovely. The forest walk is a must."),
    Stay(3, "arif", -150, 95, "0.91", 5, "Came for a month of work, stayed for three: quiet, fast wifi, that view."),
    Stay(4, "lena", -66, 3, "0.93", 5, "We saw deer, crocodiles and, once, a paw print."),
    Stay(5, "maya", -28, 2, "0.89", 5, "Clouds at our feet at six in the morning. Unforgettable."),
    Stay(6, "lena", -12, 2, "0.95", 5, "A palace with the patina left on. Wonderful kacchi."),
    Stay(8, "arif", -18, 2, "0.90", 5, "You get the key to the tower. Need I say more?"),
    Stay(7, "maya", 18, 2, "0.90"),
    Stay(0, "lena", 24, 4, "0.87"),
)  # fmt: skip


def make_people(now: datetime) -> dict[str, User]:
    """The demo's accounts; one transaction."""
    password = make_password(PASSWORD)
    people = {}
    with transaction.atomic():
        for person in PEOPLE:
            user = User.objects.create(
                username=person.username, email=f"{person.username}@{DOMAIN}", password=password,
                first_name=person.first, last_name=person.last, is_host=person.is_host,
                email_confirmed_at=now, verified=person.is_host, date_joined=now,
            )  # fmt: skip
            profile = UserProfile(user=user, phone=person.phone)
            profile.profile_picture.save(f"{uuid4().hex}.jpg", ContentFile(as_jpeg(portrait(person.username))))
            people[person.username] = user
    return people


def play(people: Mapping[str, User], homes: Sequence[Property], now: datetime) -> None:
    """Stays that were, stays to come, haggles that are going on, and what the hosts have earned by them."""
    for stay in STAYS:
        _haggle_to_a_stay(stay, people[stay.guest], homes[stay.home], now)
    Notification.objects.filter(at__lt=now - timedelta(days=5)).update(read_at=now)
    _open_talks(people, homes, now)
    recompute_hosts(now)


def _do(move: Move, at: datetime) -> int:
    """The negotiation that was moved in. A refusal here is a mistake in the script, and is raised."""
    outcome = execute_one(move, now=at)
    if outcome.error is not None:
        raise outcome.error
    return outcome.negotiation_id


def _haggle_to_a_stay(stay: Stay, guest: User, home: Property, now: datetime) -> None:
    talked = now + timedelta(days=min(stay.start - 6, -3))
    room = _open(
        guest,
        home,
        stay.start,
        stay.nights,
        _down(stay.share, "0.1"),
        talked,
        now,
        "Is there room to move on the price?",
    )
    ask = _amount(room, stay.share)
    later = talked + timedelta(hours=2)
    _do(MakeOffer(actor_id=home.host_id, negotiation_id=room, amount=ask, message="For you I can do this."), later)
    _do(Accept(actor_id=guest.pk, negotiation_id=room), later + timedelta(minutes=40))
    booking = Booking.objects.get(negotiation_id=room)
    _pay(booking, guest, later + timedelta(hours=1))
    if stay.rating:
        over = booking.check_out_at + timedelta(hours=20)
        review = write_review(
            actor=guest, property_id=home.pk, booking_id=booking.pk, rating=stay.rating, text=stay.words, now=over
        )
        # Once the host has written too, both can be read.
        words = "Kind, punctual, and left everything as it was. Welcome back any time."
        put_review(actor=home.host, booking_id=booking.pk, rating=5, text=words, now=over + timedelta(hours=2))
        if stay.answer:
            answer_review(
                actor=home.host, property_id=home.pk, review_id=review, text=stay.answer, now=over + timedelta(hours=3)
            )


def _pay(booking: Booking, guest: User, at: datetime) -> None:
    """By card where the sandbox is there, else at the door; in time also where the time to pay is short."""
    if booking.pay_by and booking.confirmed_at:
        at = min(at, booking.confirmed_at + (booking.pay_by - booking.confirmed_at) / 2)
    if settings.PAYMENT_GATEWAY == "sandbox" and booking.payment_status == Booking.PaymentStatus.DUE:
        start_payment(actor=guest, booking_id=booking.pk, method="card", token="tok_ok", key=None, now=at)  # noqa: S106 - a name, no secret
    else:
        Booking.objects.filter(pk=booking.pk).update(payment_status=Booking.PaymentStatus.ON_ARRIVAL, pay_by=None)


def _open(
    guest: User, home: Property, start: int, nights: int, share: str | None, at: datetime, now: datetime, message: str
) -> int:
    """A haggle opened at `at` about a stay `start` days from now; without `share` a question."""
    terms = get_terms(home.pk)
    assert terms is not None  # noqa: S101 - just listed
    first = local_today(terms, now) + timedelta(days=start)
    move = Open(
        actor_id=guest.pk, property_id=home.pk, start_date=first, end_date=first + timedelta(days=nights), guests=2,
        booking_type="stay", message=message, expires_in=WEEK_S,
    )  # fmt: skip
    if share is None:
        return _do(move, at)
    listed = quote_stay(
        terms, start_date=first, end_date=first + timedelta(days=nights), guests=2, booking_type="stay", meals=(),
        fee_percent=settings.PLATFORM_FEE_PERCENT, tax_percent=settings.TAX_PERCENT, now=at,
    )  # fmt: skip
    bid = (listed.quote.stay * Decimal(share)).quantize(Decimal(100))
    fields = {
        name: getattr(move, name)
        for name in (
            "actor_id",
            "property_id",
            "start_date",
            "end_date",
            "guests",
            "booking_type",
            "message",
            "expires_in",
        )
    }
    return _do(Open(**fields, amount=bid), at)


def _down(share: str, by: str) -> str:
    return str(Decimal(share) - Decimal(by))


def _amount(room: int, share: str) -> Decimal:
    """So much of a negotiation's list amount, in round figures."""
    return (Negotiation.objects.get(pk=room).list_amount * Decimal(share)).quantize(Decimal(50))


def _open_talks(people: Mapping[str, User], homes: Sequence[Property], now: datetime) -> None:
    maya, arif, lena = people["maya"], people["arif"], people["lena"]

    def ago(**span: float) -> datetime:
        return now - timedelta(**span)

    def ask(room: int, home: int, share: str, at: datetime, message: str | None = None) -> None:
        host = homes[home].host_id
        _do(
            MakeOffer(
                actor_id=host, negotiation_id=room, amount=_amount(room, share), expires_in=WEEK_S, message=message
            ),
            at,
        )

    def bid(room: int, guest: User, share: str, at: datetime, message: str | None = None) -> None:
        _do(
            MakeOffer(
                actor_id=guest.pk, negotiation_id=room, amount=_amount(room, share), expires_in=WEEK_S, message=message
            ),
            at,
        )

    room = _open(
        maya, homes[1], 34, 3, "0.78", ago(hours=5), now, "We are two quiet people and bring our own surfboards."
    )
    ask(room, 1, "0.96", ago(hours=4), "It is the season, but for quiet people …")
    bid(room, maya, "0.84", ago(hours=3))
    ask(room, 1, "0.92", ago(minutes=50), "Breakfast is on me.")

    room = _open(arif, homes[0], 40, 3, "0.75", ago(hours=9), now, "Could we come by boat from Rangamati?")
    ask(room, 0, "0.95", ago(hours=8))
    bid(room, arif, "0.82", ago(minutes=25), "Yes to the boat, and we stay three nights.")

    room = _open(lena, homes[5], 31, 2, "0.80", ago(minutes=80), now, "Is the road open in the rain?")
    _do(
        SendMessage(actor_id=homes[5].host_id, negotiation_id=room, text="It is; the last climb by jeep, I send one."),
        ago(minutes=55),
    )

    _open(maya, homes[9], 21, 5, "0.82", ago(minutes=35), now, "Five nights to write. Is the table by the window?")
    _open(lena, homes[8], 50, 3, None, ago(hours=20), now, "Is the tower open at night?")
