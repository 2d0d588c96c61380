"""What each role of the staff may do in their own pages: the admin's registry against table.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver

from accounts.models import User
from tests.factories.accounts import PASSWORD, make_session
from tests.permissions.matrix import Asking
from tests.permissions.staff import DOORS, ROLES, STAFF
from tests.permissions.world import people

pytestmark = pytest.mark.django_db
VERBS = ("view", "add", "change", "delete")
DJANGOS = {
    "index",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "view_on_site",
    "app_list",
}
USUAL = ("changelist", "add", "history", "delete", "change")


@pytest.fixture
def staff() -> dict[str, User]:
    return {name: User.objects.get(pk=user.pk) for name, user in people().items()}


def may(page: admin.ModelAdmin[Any], user: User) -> str:
    """What somebody may do with a table: `view+change+close_accounts`, or `-`."""
    request = RequestFactory().get("/")
    request.user = user
    verbs = [verb for verb in VERBS if getattr(page, f"has_{verb}_permission")(request)]
    return "+".join([*verbs, *sorted(page.get_actions(request))]) or "-"


def pages() -> Iterator[tuple[str, admin.ModelAdmin[Any]]]:
    for model, page in admin.site._registry.items():
        yield model._meta.label_lower, page


def test_each_role_may_do_what_the_table_says(staff: dict[str, User]) -> None:
    assert {table: {role: may(page, staff[role]) for role in ROLES} for table, page in pages()} == STAFF


def test_the_pages_hold_to_it(staff: dict[str, User]) -> None:
    """Asked for real: the list is shown to those who may view it, and what the table does not say is refused."""
    wrong = []
    for role in ROLES:
        client = Asking()
        client.cookies["sessionid"] = make_session(staff[role])
        for table, row in STAFF.items():
            base = f"/admin/{table.replace('.', '/')}/"
            expected = {base: 200 if "view" in row[role] else 403, f"{base}add/": 403, f"{base}1/delete/": 403}
            got = {path: client.get(path).status_code for path in expected}
            wrong += [f"{path} as {role}: {got[path]}" for path in expected if got[path] != expected[path]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["anonymous", "guest", "owner"])
def test_everybody_else_is_sent_to_the_log_in(staff: dict[str, User], name: str) -> None:
    client = Asking()
    if name in staff:
        client.cookies["sessionid"] = make_session(staff[name])
    for table in STAFF:
        answer = client.get(f"/admin/{table.replace('.', '/')}/")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_no_other_doors_lead_into_the_staffs_pages() -> None:
    """Beside the usual five of each table."""
    inner = next(one for one in get_resolver().url_patterns if str(one.pattern) == "admin/").url_patterns
    found = {below.name for one in inner for below in getattr(one, "url_patterns", []) if isinstance(below, URLPattern)}
    found |= {one.name for one in inner if isinstance(one, URLPattern)} - DJANGOS
    usual = {f"{table.replace('.', '_')}_{one}" for table in STAFF for one in USUAL}
    assert {name for name in found if name} - usual == set(DOORS)


@pytest.mark.parametrize("name", DOORS)
def test_those_doors_open_for_whom_the_table_says(staff: dict[str, User], name: str) -> None:
    staff["boss"] = User.objects.create_superuser("boss", "boss@example.org", PASSWORD)
    (path, who), opens = DOORS[name], set()
    for role in (*ROLES, "boss"):
        client = Asking()
        client.cookies["sessionid"] = make_session(staff[role])
        if client.get("/admin/" + path.format(staff["guest"].pk)).status_code != 403:
            opens.add(role)
    assert opens == who


def test_the_roles_come_back_after_a_flush() -> None:
    """`flush` empties the tables of groups and permissions; what it calls afterwards makes them again."""
    before = {group.name: group.permissions.count() for group in Group.objects.filter(name__in=ROLES)}
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert {group.name: group.permissions.count() for group in Group.objects.all()} == before
    assert all(before.values())
