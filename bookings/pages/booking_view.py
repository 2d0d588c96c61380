"""A booking as its pages show it to one of its parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bookings.models import Booking, Payment, StayChange
from bookings.rules.earnings import host_receives, host_share
from bookings.rules.states import decide, status_at
from bookings.selectors.bookings import access_booking
from bookings.selectors.changes import check_may_change, get_payable_change
from bookings.selectors.details import get_booking_details
from bookings.selectors.payments import find_waiting_payment, has_new_payment
from bookings.selectors.refunds import get_balance, get_owed, is_refund_owed
from bookings.services.locking import state_of
from bookings.services.paying import FIRST_CHECK
from core.clock import stamp
from core.errors import DomainError

POLICIES = {
    "flexible": gettext_lazy("All back until 24 hours before check-in, then all but the first night."),
    "moderate": gettext_lazy("All back until 5 days before check-in, then half."),
    "firm": gettext_lazy("All back until 30 days before check-in, half until 7 days before, then nothing."),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A booking, its `booking_details` object, and the side that looks at it."""

    booking: Booking
    details: dict[str, Any]
    side: str
    now: datetime

    @property
    def them(self) -> User:
        """The other party."""
        return self.booking.host if self.side == "guest" else self.booking.guest

    @property
    def viewer_id(self) -> int:
        return self.booking.guest_id if self.side == "guest" else self.booking.host_id

    @property
    def nights(self) -> int:
        return (self.booking.end_date - self.booking.start_date).days

    @property
    def saved(self) -> Decimal:
        """The list price less the agreed price."""
        return self.booking.list_price - self.booking.base_price

    def may(self, move: str) -> bool:
        """Whether this side could make `move` now."""
        try:
            decide(state_of(self.booking), move, self.side, self.now)
        except DomainError:
            return False
        return move != "pay" or self.booking.payment_status != "processing" or self.may_try_another_card

    @property
    def bank_page(self) -> str:
        """The page where a payment waits for the guest's confirmation, "" without one. Another payment may replace it."""
        waiting = find_waiting_payment(self.booking.pk)
        return action_page(waiting) if waiting and self.side == "guest" and self.is_payable else ""

    @property
    def is_payable(self) -> bool:
        """Whether the stay, or the difference of an accepted change, waits to be paid."""
        return self.may("pay") or self.payable_change is not None

    @property
    def may_change(self) -> bool:
        """Whether another stay could be proposed now."""
        try:
            check_may_change(self.booking, self.now)
        except DomainError:
            return False
        return True

    @property
    def may_try_another_card(self) -> bool:
        """Whether the running payment may be given up for another card: its own process is no longer working on it."""
        return not has_new_payment(self.booking.pk, since=self.now - FIRST_CHECK)

    @property
    def pays(self) -> bool:
        if self.side != "guest" or settings.PAYMENT_GATEWAY == "none":
            return False
        return self.may("pay") or (self.payable_change is not None and self.may_try_another_card)

    @property
    def payable_change(self) -> StayChange | None:
        """The accepted change whose difference waits to be paid."""
        return get_payable_change(self.booking.pk, self.now)

    def price(self) -> dict[str, Any]:
        """What the price's template takes."""
        return {
            "booking": self.details,
            "nights": self.nights,
            "saved": self.saved if self.saved > 0 else None,
            "less": -self.saved,
            "has_meals": self.booking.meals_price > 0,
            "has_cleaning": self.booking.cleaning_fee > 0,
            "policy": policy_words(self.booking.cancellation_policy),
            "receives": self.receives(),
        }

    def receives(self) -> dict[str, Decimal | None] | None:
        """What the host gets of the price, `whole` and of what is `kept` of it by now; None for the guest."""
        if self.side != "host":
            return None
        price = {"total": self.booking.total, "platform_fee": self.booking.platform_fee, "tax": self.booking.tax}
        held = get_balance(self.booking.pk)
        kept = host_share(held.kept - get_owed(self.booking.pk), **price) if held.paid else None
        return {"whole": host_receives(**price), "kept": kept}

    def money(self) -> dict[str, Decimal] | None:
        """What came, what went back, what is owed and what is kept of it; None where nothing ever came."""
        held, owed = get_balance(self.booking.pk), get_owed(self.booking.pk)
        if not held.paid:
            return None
        return {"paid": held.paid, "returned": -held.returned, "owed": -owed, "kept": held.kept - owed}

    def meals(self) -> list[dict[str, Any]]:
        """All dishes ordered, by day."""
        lines = [line for kind in ("breakfast", "lunch", "dinner") for line in self.details[kind]]
        return sorted(lines, key=lambda line: str(line["date"]))

    def due_at(self) -> str | None:
        """Until when to pay or to answer, as an ISO time; None where nothing is due."""
        if (change := self.payable_change) is not None and change.pay_by:
            return stamp(change.pay_by)
        if self.details["status"] == "pending":
            due: str | None = self.details["hold_expires_at"]
            return due
        if self.details["status"] == "confirmed" and self.details["payment_status"] == "due":
            due = self.details["pay_by"]
            return due
        return None

    def local_time(self, moment: datetime) -> str:
        """The hour at the property."""
        return formats.time_format(moment.astimezone(ZoneInfo(self.booking.property.timezone)).time(), "H:i")


def action_page(payment: Payment) -> str:
    """The bank's page. The sandbox's page is on this host: its path alone, since PUBLIC_URL may name another host."""
    return urlsplit(payment.action_url).path if payment.gateway == "sandbox" else payment.action_url


def policy_words(policy: str) -> str:
    """What a cancellation by the guest gives back. Source: bookings/rules/cancellation.py."""
    return str(POLICIES[policy])


def access_shown(booking_id: int, *, user_id: int, now: datetime) -> Shown:
    """The booking for one of its two parties. Raises `not_found` for other users."""
    booking = access_booking(booking_id, user_id=user_id)
    side = "guest" if user_id == booking.guest_id else "host"
    [details] = get_booking_details([booking_id], now=now, absolute=str)
    return Shown(booking, details, side, now)


def notice_of(shown: Shown) -> dict[str, Any] | None:
    """The notice at the top of a booking's page: tone, icon, words and, where there is one, the moment until which it holds."""
    status, payment = status_at(state_of(shown.booking), shown.now), shown.details["payment_status"]
    guest = shown.side == "guest"
    if is_refund_owed(shown.booking.pk, shown.now):
        text = _("The bank has not taken it yet. We try again by ourselves until it has; nothing is left to do.")
        return _notice("warm", "warning", _("A refund is owed"), text)
    if status == "pending" and shown.booking.instant:
        text = _("The nights are held for you. Pay until") if guest else _("The guest has the nights until")
        return _notice("warm", "clock", _("Waiting for the payment"), text, shown.due_at())
    if status == "pending":
        text = _("The host has until") if guest else _("Approve or reject until")
        return _notice("warm", "clock", _("A request to book"), text, shown.due_at())
    if status == "confirmed" and payment == "due":
        text = _("Pay until") if guest else _("The guest pays until")
        return _notice("warm", "card", _("The booking is confirmed, the payment is due"), text, shown.due_at())
    if payment == "processing" and shown.bank_page:
        return _notice("warm", "card", _("The bank asks whether it is you"), _("Answer it there, or pay again here."))
    if payment == "processing":
        return _notice("warm", "clock", _("The payment is under way"), _("This page follows it by itself."))
    if status == "confirmed":
        return _notice("good", "check", _("The booking is confirmed"), _("All is set."))
    return _over(shown, status)


def _over(shown: Shown, status: str) -> dict[str, Any] | None:
    why = f"“{shown.booking.reason}”" if shown.booking.reason else ""
    titles = {"cancelled": _("Cancelled"), "rejected": _("The host said no"), "expired": _("Time ran out")}
    if status == "cancelled" and shown.booking.unpaid:
        return _notice("bad", "info", titles[status], _("It was not paid in time."))
    return _notice("bad", "info", titles[status], why) if status in titles else None


def _notice(tone: str, icon: str, title: str, text: str, at: str | None = None) -> dict[str, Any]:
    return {"tone": tone, "icon": icon, "title": title, "text": text, "at": at}
