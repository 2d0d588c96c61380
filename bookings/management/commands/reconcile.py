"""manage.py reconcile: finishes what dead processes began, and compares our books with the gateways'."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from bookings.selectors.open_money import list_open
from bookings.services.comparing import Comparison, compare_books
from bookings.services.reconciling import reconcile_all
from core import clock


class Command(BaseCommand):
    help = (
        "Asks the gateways what became of each open payment and refund, compares the last 90 days of their books with "
        "ours in both directions, mends what it can, and prints what it can't. Exit code 1 while something is open."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = reconcile_all(clock.now())
        self.stdout.write(f"payments asked about: {done['payments']}, refunds: {done['refunds']}")
        for compared in compare_books(clock.now()):
            self.stdout.write(_line(compared))
        still_open = list_open(clock.now())
        for text in still_open:
            self.stdout.write(f"open: {text}")
        if still_open:
            sys.exit(1)


def _line(compared: Comparison) -> str:
    seen = f"{compared.payments} payments, {compared.refunds} refunds, {compared.disputes} disputes"
    return f"compared with {compared.gateway}: {seen}; mended: {compared.mended}"
