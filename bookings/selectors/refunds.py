"""What cancelling now would give back, and a booking's balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bookings.models import Booking, LedgerLine, Refund
from bookings.rules.cancellation import Price, applying_rule, refund_of
from bookings.rules.ledger import Balance, balance
from core.money import ZERO, money


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a cancellation gives back, in the booking's currency. `lines` are by policy; `amount` at most what was paid."""

    rule: str
    policy: str
    by: str
    currency: str
    lines: Price
    paid: Decimal
    amount: Decimal

    def as_dict(self) -> dict[str, Any]:
        """The answer of `refund/`: money as strings with two places; all lines 0.00 where nothing goes back."""
        lines = self.lines if self.amount else Price(ZERO, ZERO, ZERO, ZERO, ZERO)
        return {
            "amount": money(self.amount),
            "currency": self.currency,
            "paid": money(self.paid),
            "kept": money(self.paid - self.amount),
            "stay": money(lines.stay),
            "meals": money(lines.meals),
            "cleaning": money(lines.cleaning),
            "platform_fee": money(lines.platform_fee),
            "tax": money(lines.tax),
            "policy": self.policy,
            "rule": self.rule,
            "by": self.by,
        }


def price_of(booking: Booking) -> Price:
    """The lines of a booking's price."""
    return Price(booking.base_price, booking.meals_price, booking.cleaning_fee, booking.platform_fee, booking.tax)


def get_balance(booking_id: int) -> Balance:
    """What was really paid for a booking and what really went back."""
    return balance(LedgerLine.objects.filter(booking_id=booking_id).values_list("amount", flat=True))


def refundable(booking_id: int) -> Decimal:
    """What is kept of a booking, refunds on their way not counted as kept."""
    pending = Refund.objects.filter(booking_id=booking_id, status=Refund.Status.PENDING)
    return get_balance(booking_id).kept - sum(pending.values_list("amount", flat=True), ZERO)


def preview_refund(booking: Booking, *, by: str, now: datetime) -> RefundPreview:
    """What a cancellation of `booking` by `by` (guest, host, system) at `now` gives back."""
    rule = applying_rule(
        policy=booking.cancellation_policy, by=by, booked_at=booking.confirmed_at or booking.created_at,
        check_in_at=booking.check_in_at, now=now,
    )  # fmt: skip
    lines = refund_of(price_of(booking), (booking.end_date - booking.start_date).days, rule)
    kept = refundable(booking.pk)
    return RefundPreview(
        rule=rule, policy=booking.cancellation_policy, by=by, currency=booking.currency, lines=lines, paid=kept,
        amount=min(lines.total, kept),
    )  # fmt: skip
