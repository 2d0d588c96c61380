"""manage.py daily: runs the daily jobs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.jobs import run_daily


class Command(BaseCommand):
    help = "Recomputes what is kept by day (superhosts, response figures) and removes what is no longer needed."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in run_daily().items():
            self.stdout.write(f"{name}: {count}")
