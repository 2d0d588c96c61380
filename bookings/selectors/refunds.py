"""What cancelling now would give back, and a booking's balance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from bookings.models import Booking, Dispute, LedgerLine, Payment, Refund
from bookings.rules.cancellation import NOTHING, Price, applying_rule, refund_of
from bookings.rules.ledger import Balance, Money
from bookings.rules.states import OVER
from core.money import ZERO, money, share_out, unit_of

# How long a refund may be on its way to the gateway before it counts as owed.
OWED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a cancellation gives back, in the booking's currency.

    `amount` + `kept` + `already_returned` + `owed` = `paid`; `lines` add up to `amount`.
    """

    rule: str
    policy: str
    by: str
    currency: str
    lines: Price
    paid: Decimal
    already_returned: Decimal
    owed: Decimal

    @property
    def amount(self) -> Decimal:
        return self.lines.total

    @property
    def kept(self) -> Decimal:
        return self.paid - self.already_returned - self.owed - self.amount

    def as_dict(self) -> dict[str, Any]:
        """The answer of `refund/`: money as strings with two places."""
        return {
            "amount": money(self.amount),
            "currency": self.currency,
            "paid": money(self.paid),
            "kept": money(self.kept),
            "already_returned": money(self.already_returned),
            "owed": money(self.owed),
            "lines": {name: money(getattr(self.lines, name)) for name in LINES},
            "policy": self.policy,
            "rule": self.rule,
            "by": self.by,
        }


LINES = ("stay", "meals", "cleaning", "platform_fee", "tax")


def price_of(booking: Booking) -> Price:
    """The lines of a booking's price."""
    return Price(booking.base_price, booking.meals_price, booking.cleaning_fee, booking.platform_fee, booking.tax)


def get_money(booking_id: int) -> Money:
    """What was really paid for a booking and what really went back, by what it was meant for."""
    surplus = Coalesce(F("payment__surplus"), F("refund__payment__surplus"), F("dispute__payment__surplus"))
    rows = (
        LedgerLine.objects.filter(booking_id=booking_id)
        .values(is_surplus=surplus)
        .annotate(
            paid=Coalesce(Sum("amount", filter=Q(payment__isnull=False)), ZERO),
            moved=Coalesce(Sum("amount", filter=Q(payment__isnull=True)), ZERO),
        )
        .order_by()
    )
    found = defaultdict(Balance, {row["is_surplus"]: Balance(row["paid"], -row["moved"]) for row in rows})
    return Money(meant=found[False], surplus=found[True])


def get_balance(booking_id: int) -> Balance:
    """What was really paid for a booking and what really went back."""
    return get_money(booking_id).all


def get_owed(booking_id: int) -> Decimal:
    """What the gateway still has to give back."""
    return _owed(Refund.objects.filter(booking_id=booking_id))


def _owed(refunds: QuerySet[Refund]) -> Decimal:
    pending = refunds.filter(status=Refund.Status.PENDING)
    found: Decimal = pending.aggregate(sum=Coalesce(Sum("amount"), ZERO))["sum"]
    return found


def refundable(booking_id: int) -> Decimal:
    """What staff may still give back: the money kept, less refunds on their way and disputed money."""
    payments = Payment.objects.filter(booking_id=booking_id, status=Payment.Status.SUCCEEDED)
    return sum((left_of(payment) - disputed_of(payment) for payment in payments), ZERO)


def left_of(payment: Payment) -> Decimal:
    """What is left of a payment after refunds, refunds on their way and lost disputes."""
    return max(ZERO, payment.amount - payment.refunded - _sum_disputes(payment, Dispute.Status.LOST))


def disputed_of(payment: Payment) -> Decimal:
    """The part of `left_of` that waits for a dispute to be decided."""
    return min(left_of(payment), _sum_disputes(payment, Dispute.Status.OPEN))


def _sum_disputes(payment: Payment, status: str) -> Decimal:
    found: Decimal = Dispute.objects.filter(payment=payment, status=status).aggregate(
        sum=Coalesce(Sum("amount"), ZERO)
    )["sum"]
    return found


def preview_refund(booking: Booking, *, by: str, status: str, now: datetime) -> RefundPreview:
    """What a cancellation of `booking`, which is in `status`, by `by` (guest, host, system) at `now` gives back.

    The policy says what goes back in all: what went back before, or is owed, counts towards it. Disputed money is left out
    until the dispute is decided. A booking that is over gives nothing more.
    """
    held = get_money(booking.pk)
    owed = get_owed(booking.pk)
    rule, lines = NOTHING, Price.nothing()
    if status not in OVER and status != Booking.Status.COMPLETED:
        rule = applying_rule(
            policy=booking.cancellation_policy, by=by, booked_at=booking.confirmed_at or booking.created_at,
            check_in_at=booking.check_in_at, now=now,
        )  # fmt: skip
        lines = _still_due(booking, rule, held)
    return RefundPreview(
        rule=rule, policy=booking.cancellation_policy, by=by, currency=booking.currency, lines=lines,
        paid=held.all.paid, already_returned=held.all.returned, owed=owed,
    )  # fmt: skip


def _still_due(booking: Booking, rule: str, held: Money) -> Price:
    """The lines of what `rule` gives back, less what went back or is owed already."""
    unit = unit_of(booking.currency)
    whole = refund_of(price_of(booking), (booking.end_date - booking.start_date).days, rule, unit=unit)
    given = held.meant.returned + _owed(Refund.objects.filter(booking=booking, payment__surplus=False))
    # Money that went back because the stay became cheaper, whether we or staff sent it, is no part of its present price.
    counted = max(ZERO, given - max(ZERO, held.meant.paid - booking.total))
    due = max(ZERO, min(whole.total - counted, held.meant.paid - given))
    return Price(*share_out(due, whole.lines, unit))


def refunds_owed(now: datetime) -> QuerySet[Refund]:
    """Refunds that the gateway refused, or has not taken for minutes, without those that wait for a dispute."""
    waiting = Q(tries__gt=0) | Q(retry_of__isnull=False) | Q(reference="", created_at__lte=now - OWED_AFTER)
    return Refund.objects.filter(waiting, status=Refund.Status.PENDING).exclude(_disputed())


def _disputed() -> Q:
    return Q(payment__in=Dispute.objects.filter(status=Dispute.Status.OPEN).values("payment"))


def refunds_to_settle(now: datetime) -> QuerySet[Refund]:
    """Refunds that are due to be requested or checked at the gateway; none of a disputed payment."""
    return Refund.objects.filter(status=Refund.Status.PENDING, check_at__lte=now).exclude(_disputed())


def list_gateways(since: datetime) -> list[str]:
    """The gateways that took a payment, or had to be asked about one, since then."""
    used = Payment.objects.filter(created_at__gt=since).order_by("gateway")
    return list(used.values_list("gateway", flat=True).distinct())


def list_ledger_lines(booking_id: int) -> list[LedgerLine]:
    """The booking's ledger, oldest line first."""
    return list(LedgerLine.objects.filter(booking_id=booking_id).order_by("pk"))


def is_refund_owed(booking_id: int, now: datetime) -> bool:
    """Whether the gateway has not taken one of the booking's refunds yet, as `refunds_owed` counts it."""
    return refunds_owed(now).filter(booking_id=booking_id).exists()
