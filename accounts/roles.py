"""What staff may do: three roles, each a group of Django's with permissions from all floors.

A migration makes the groups. The permissions stand here as a table, to which the apps above add theirs in `ready()`;
every `migrate` gives the groups what they lack, since Django makes the permissions themselves only after migrating. What
an administrator adds to a group by hand stays; what is listed here and taken away by hand comes back.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions

SUPPORT, VERIFIER, FINANCE = "support", "verifier", "finance"
ROLES = (SUPPORT, VERIFIER, FINANCE)

# role → "app.permission"
_granted: dict[str, set[str]] = {
    SUPPORT: {
        "accounts.view_user",
        "accounts.change_user",
        "accounts.view_userprofile",
        "accounts.view_mandate",
        "accounts.view_notification",
        "accounts.view_report",
        "accounts.change_report",
    },
    VERIFIER: {
        "accounts.view_user",
        "accounts.view_userprofile",
        "accounts.view_document",
        "accounts.change_document",
        "accounts.view_documentaccess",
    },
    FINANCE: {"accounts.view_user"},
}


def grant(role: str, *permissions: str) -> None:
    """Adds permissions ("app.codename") to a role; to be called in `ready()`."""
    _granted[role].update(permissions)


def granted(role: str) -> frozenset[str]:
    """What a role may do."""
    return frozenset(_granted[role])


def give_permissions(app_config: AppConfig, using: str, apps: Any = None, **_: Any) -> None:
    """Gives each role its permissions in an app, after that app was migrated."""
    from django.contrib.auth.models import Group, Permission

    if not any(name.startswith(f"{app_config.label}.") for names in _granted.values() for name in names):
        return
    # This receiver may come before Django's own, which is harmless to call twice.
    create_permissions(app_config, verbosity=0, using=using)
    for role, names in _granted.items():
        codes = {name.partition(".")[2] for name in names if name.startswith(f"{app_config.label}.")}
        if codes:
            # After a `flush` the migration's groups are gone, and no migration makes them again.
            group, _made = Group.objects.using(using).get_or_create(name=role)
            found = Permission.objects.using(using).filter(content_type__app_label=app_config.label, codename__in=codes)
            group.permissions.add(*found)
