"""Reads of the staff."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User

MOST = 100


def list_staff(role: str) -> list[int]:
    """The ids of active superusers, and of staff in `role`."""
    chosen = Q(is_superuser=True) | Q(is_staff=True, groups__name=role)
    return list(
        User.objects.filter(chosen, is_active=True).order_by("pk").distinct().values_list("pk", flat=True)[:MOST]
    )
