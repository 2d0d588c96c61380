"""What a cancellation gives back. Source: docs/rest.md, "Booking" (refund).

| by    | policy   | when                                                        | given back of the stay  |
|-------|----------|-------------------------------------------------------------|-------------------------|
| host  | any      | any time                                                    | all                     |
| guest | any      | after check-in                                              | nothing                 |
| guest | any      | within 24 h of booking, check-in 7 days off or more         | all                     |
| guest | flexible | until 24 h before check-in                                  | all                     |
| guest | flexible | later                                                       | all but the first night |
| guest | moderate | until 5 days before check-in                                | all                     |
| guest | moderate | later                                                       | half                    |
| guest | firm     | until 30 days before check-in                               | all                     |
| guest | firm     | until 7 days before check-in                                | half                    |
| guest | firm     | later                                                       | nothing                 |

"Until" includes the moment itself. How far off check-in is counts at the moment of cancelling. The first night is the
mean of the nights, as a haggled price is one for the whole stay. Meals and cleaning go back as the stay does, whole
with "all but the first night". Fee and tax go back in proportion; each line is rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from core.money import CENT, ZERO, round_money

GRACE_AFTER_BOOKING = timedelta(hours=24)
GRACE_BEFORE_CHECK_IN = timedelta(days=7)
ALL, HALF, BUT_FIRST_NIGHT, NOTHING = RULES = ("all", "half", "all_but_first_night", "nothing")

# policy → (time before check-in, what is given back); the first entry that fits applies.
POLICIES: dict[str, tuple[tuple[timedelta, str], ...]] = {
    "flexible": ((timedelta(hours=24), ALL), (timedelta(0), BUT_FIRST_NIGHT)),
    "moderate": ((timedelta(days=5), ALL), (timedelta(0), HALF)),
    "firm": ((timedelta(days=30), ALL), (timedelta(days=7), HALF), (timedelta(0), NOTHING)),
}


@dataclass(frozen=True, slots=True)
class Price:
    """The lines of a booking's price, in its currency."""

    stay: Decimal
    meals: Decimal
    cleaning: Decimal
    platform_fee: Decimal
    tax: Decimal

    @classmethod
    def nothing(cls) -> Price:
        return cls(ZERO, ZERO, ZERO, ZERO, ZERO)

    @property
    def lines(self) -> tuple[Decimal, ...]:
        return (self.stay, self.meals, self.cleaning, self.platform_fee, self.tax)

    @property
    def net(self) -> Decimal:
        return self.stay + self.meals + self.cleaning

    @property
    def total(self) -> Decimal:
        return self.net + self.platform_fee + self.tax


def applying_rule(*, policy: str, by: str, booked_at: datetime, check_in_at: datetime, now: datetime) -> str:
    """Which of `RULES` holds when `by` (guest, host or system) cancels at `now`."""
    if by != "guest":
        return ALL
    left = check_in_at - now
    if left <= timedelta(0):
        return NOTHING
    if now - booked_at <= GRACE_AFTER_BOOKING and left >= GRACE_BEFORE_CHECK_IN:
        return ALL
    return next(rule for until, rule in POLICIES[policy] if left >= until)


def refund_of(price: Price, nights: int, rule: str, *, unit: Decimal = CENT) -> Price:
    """What `rule` gives back of `price`, line by line, each in whole `unit`s."""
    if rule == ALL:
        return price
    if rule == NOTHING:
        return Price.nothing()
    if rule == HALF:
        return Price(*(round_money(line / 2, unit) for line in price.lines))
    stay = price.stay - round_money(price.stay / nights, unit)
    share = (stay + price.meals + price.cleaning) / price.net if price.net else Decimal(0)
    fee, tax = round_money(price.platform_fee * share, unit), round_money(price.tax * share, unit)
    return Price(stay, price.meals, price.cleaning, fee, tax)
