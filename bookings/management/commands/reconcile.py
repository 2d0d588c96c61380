"""manage.py reconcile: finishes every payment and refund that a process began and did not live to finish."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from bookings.services.reconciling import reconcile_all
from core import clock


class Command(BaseCommand):
    help = "Asks the gateways what became of each open payment and refund, and writes it down."

    def handle(self, *args: Any, **options: Any) -> None:
        done = reconcile_all(clock.now())
        self.stdout.write(f"payments asked about: {done['payments']}, refunds: {done['refunds']}")
