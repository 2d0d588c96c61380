"""What Stripe takes by card in each currency: the unit of its amounts, the least and the most of one charge.

Source: docs.stripe.com/currencies, "Supported presentment currencies", "Zero-decimal currencies" and "Minimum and maximum
charge amounts", as of 2026. Stripe names a least amount for the currencies of `NAMED_LEAST`; for all others it asks for
the equivalent of about half a US dollar in the currency in which the account is paid out. `OTHER_LEAST` is about one
dollar at the rates of autumn 2026, so that rates may halve before a charge that passed here is refused there.
"""

from __future__ import annotations

from decimal import Decimal

from core.money import CENT, ZERO, Bounds, unit_of

NAMED_LEAST = {
    "AED": "2.00", "AUD": "0.50", "BGN": "1.00", "BRL": "0.50", "CAD": "0.50", "CHF": "0.50", "CZK": "15.00",
    "DKK": "2.50", "EUR": "0.50", "GBP": "0.30", "HKD": "4.00", "HUF": "175.00", "INR": "0.50", "MXN": "10.00",
    "MYR": "2.00", "NOK": "3.00", "NZD": "0.50", "PLN": "2.00", "RON": "2.00", "SEK": "3.00", "SGD": "0.50",
    "THB": "10.00", "USD": "0.50",
}  # fmt: skip
OTHER_LEAST = {
    "AFN": 75, "ALL": 90, "AMD": 400, "ANG": 2, "AOA": 950, "ARS": 1600, "AWG": 2, "AZN": 2, "BAM": 2, "BBD": 2,
    "BDT": 125, "BMD": 1, "BND": 2, "BOB": 14, "BSD": 1, "BWP": 15, "BYN": 4, "BZD": 2, "CDF": 3000, "CNY": 8,
    "COP": 4500, "CRC": 550, "CVE": 105, "DOP": 65, "DZD": 135, "EGP": 55, "ETB": 165, "FJD": 3, "FKP": 1, "GEL": 3,
    "GIP": 1, "GMD": 75, "GTQ": 8, "GYD": 210, "HNL": 27, "HTG": 135, "IDR": 17000, "ILS": 4, "JMD": 165, "KES": 135,
    "KGS": 90, "KHR": 4200, "KYD": 1, "KZT": 560, "LAK": 22500, "LBP": 92000, "LKR": 310, "LRD": 200, "LSL": 20,
    "MAD": 10, "MDL": 18, "MGA": 4700, "MKD": 56, "MMK": 4500, "MNT": 3650, "MOP": 9, "MUR": 48, "MVR": 16, "MWK": 1800,
    "MZN": 66, "NAD": 20, "NGN": 1600, "NIO": 38, "NPR": 145, "PAB": 1, "PEN": 4, "PGK": 5, "PHP": 60, "PKR": 290,
    "QAR": 4, "RSD": 105, "RUB": 95, "SAR": 4, "SBD": 9, "SCR": 15, "SHP": 1, "SLE": 24, "SOS": 600, "SRD": 40,
    "SZL": 20, "TJS": 11, "TOP": 3, "TRY": 46, "TTD": 7, "TWD": 33, "TZS": 2700, "UAH": 44, "UYU": 42, "UZS": 12700,
    "WST": 3, "XCD": 3, "YER": 260, "ZAR": 20, "ZMW": 25,
}  # fmt: skip
# The most is eight digits of the smallest unit, except for these currencies.
MOST_UNITS = 99_999_999
MOST = {
    "COP": "9999999999.99",
    "HUF": "9999999999.99",
    "IDR": "9999999999.99",
    "INR": "9999999.99",
    "LBP": "99999999999.99",
}
# Decimal digits of the units in which Stripe counts a currency, where they are not ISO 4217's two.
ZERO_DECIMAL = frozenset({"MGA"})


def bounds(currency: str) -> Bounds:
    """The least and the most that one charge may come to; both 0.00 for a currency that Stripe does not take."""
    least = NAMED_LEAST.get(currency) or OTHER_LEAST.get(currency)
    if least is None:
        return Bounds(ZERO, ZERO)
    most = MOST.get(currency) or MOST_UNITS * unit_of(currency)
    return Bounds(Decimal(least).quantize(CENT), Decimal(most).quantize(CENT))


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount as Stripe counts it. Raises ValueError for a part of its smallest unit."""
    scaled = amount if currency in ZERO_DECIMAL else amount * 100
    if scaled != int(scaled):
        raise ValueError(f"{currency} {amount} is no whole number of its smallest unit")
    return int(scaled)


def from_minor(amount: int, currency: str) -> Decimal:
    """An amount with two places, from Stripe's units."""
    scaled = Decimal(amount) if currency in ZERO_DECIMAL else Decimal(amount) / 100
    return scaled.quantize(CENT)
