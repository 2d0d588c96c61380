"""What a host gets of a stay. The guest pays fee and tax on top; the host gets the rest of what was paid and not given back.

| a stay of                                     | kept    | the host gets |
|-----------------------------------------------|---------|---------------|
| 5,200 stay, 300 meals, 275 fee, 550 tax: 6,325 | 6,325   | 5,500         |
| the same, half of it given back               | 3,162.50 | 2,750         |
| the same, all of it given back                | 0       | 0             |

Each booking is rounded once, half up to the hundredth; `bookings.selectors.insight` does the same in SQL.
"""

from __future__ import annotations

from decimal import Decimal

from core.money import ZERO, round_money


def host_receives(*, total: Decimal, platform_fee: Decimal, tax: Decimal) -> Decimal:
    """What a host gets of a price that is paid whole, in its currency: stay, meals and cleaning."""
    return total - platform_fee - tax


def host_share(kept: Decimal, *, total: Decimal, platform_fee: Decimal, tax: Decimal) -> Decimal:
    """What a host gets of `kept`, which was paid of that price and not given back."""
    if not total:
        return ZERO
    return round_money(kept * host_receives(total=total, platform_fee=platform_fee, tax=tax) / total)
