"""A stay whose two parties change it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Notification
from bookings.models import Booking, Payment, StayChange
from bookings.selectors.changes import Wish
from bookings.services.changing import answer_change, propose_change
from bookings.services.paying import start_payment
from bookings.services.status_changes import change_status
from core.errors import DomainError
from properties.models import CalendarEntry
from tests.factories.bookings import NOW, day, make_booking
from tests.factories.properties import make_property, make_user

# Of the agreed stay: 2500.00 for three nights that list at 3000.00, 100.00 cleaning, 5 % fee, 10 % tax.

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TOTAL = Decimal("2990.00")


class Stay:
    """An agreed stay of three nights, with both its people."""

    def __init__(self, *, paid: bool = True, first: int = 0) -> None:
        self.home = make_property(cleaning_fee=Decimal(100))
        self.guest, self.host = make_user(), self.home.host
        self.id = make_booking(self.home, self.guest, first=first).pk
        if paid:
            self.pay()

    @property
    def row(self) -> Booking:
        return Booking.objects.get(pk=self.id)

    @property
    def nights(self) -> list[tuple[date, date]]:
        entries = CalendarEntry.objects.filter(property=self.home).order_by("nights")
        return [(entry.nights.lower, entry.nights.upper) for entry in entries]

    def pay(self, token: str = "tok_ok", now: Any = NOW) -> Payment:
        return start_payment(actor=self.guest, booking_id=self.id, method="", token=token, key=None, now=now)

    def propose(self, by: str = "guest", *, now: Any = NOW, key: str | None = None, **wish: Any) -> StayChange:
        actor = getattr(self, by)
        return StayChange.objects.get(
            pk=propose_change(actor=actor, booking_id=self.id, wish=Wish(**wish), key=key, now=now)
        )

    def answer(self, change: StayChange, by: str = "host", status: str = "accepted", now: Any = NOW) -> StayChange:
        answer_change(actor=getattr(self, by), booking_id=self.id, change_id=change.pk, status=status, now=now)
        change.refresh_from_db()
        return change

    def cancel(self, by: str = "guest", now: Any = NOW) -> int:
        return change_status(actor=getattr(self, by), booking_id=self.id, status="cancelled", now=now)

    def told(self, user: str) -> list[str]:
        rows = Notification.objects.filter(user=getattr(self, user), kind__startswith="booking.chang").order_by("pk")
        return list(rows.values_list("kind", flat=True))


LONGER = {"end_date": day(4)}
SHORTER = {"end_date": day(2)}


def refused(code: str) -> Any:
    return pytest.raises(DomainError, match="") if not code else pytest.raises(DomainError)
