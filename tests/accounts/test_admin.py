"""The staff's pages: who gets in, who may do what, and that lists cost no query a row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import Document, Notification, OutgoingMail, User
from accounts.roles import ROLES, granted
from tests.factories.accounts import NOON, PASSWORD, api_of, make_user, sign_in

pytestmark = pytest.mark.django_db


def staff(*roles: str, **fields: Any) -> User:
    user = make_user("-".join(roles) or "clerk", password=PASSWORD, is_staff=True, **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def page_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def waiting(user: User | None = None) -> Document:
    document = Document(user=user or make_user(), kind="nid", content_type="image/png", size=3, uploaded_at=NOON)
    document.file.save("x.png", ContentFile(b"png"), save=False)
    document.save()
    return document


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_a_group_with_its_permissions(role: str) -> None:
    found = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    assert {f"{app}.{code}" for app, code in found} == granted(role)


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("support", {"user", "notification"}),
        ("verifier", {"user", "document", "documentaccess"}),
        ("finance", {"user"}),
        ("", set()),
    ],
)
def test_a_role_opens_its_pages_only(role: str, opens: set[str]) -> None:
    client = page_of(staff(*filter(None, [role])))
    tables = ("user", "document", "documentaccess", "notification")
    statuses = {table: client.get(f"/admin/accounts/{table}/").status_code for table in tables}
    assert statuses == {table: 200 if table in opens else 403 for table in tables}


def test_nobody_else_gets_in() -> None:
    for client in (Client(), page_of(make_user(is_host=True))):
        assert client.get("/admin/accounts/user/").status_code == 302


def test_the_door_is_the_one_of_everybody_else() -> None:
    answer = Client().get("/admin/accounts/user/?q=x", follow=True)
    assert answer.redirect_chain[-1][0] == "/login/?next=%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Dx"


def test_who_is_not_on_the_staff_is_sent_to_the_door() -> None:
    assert page_of(make_user("mina")).get("/admin/login/")["Location"].startswith("/login/")


def test_staff_without_a_second_factor_set_one_up_first() -> None:
    client = Client()
    client.force_login(staff("support"))
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/profile/second-factor/?next=%2Fadmin%2F"
    assert "second factor only" in answer.content.decode()


def test_a_verifier_approves_and_rejects_with_a_reason() -> None:
    verifier, document = staff("verifier"), waiting()
    client, address = page_of(verifier), f"/admin/accounts/document/{document.pk}/change/"
    inline = {"accesses-TOTAL_FORMS": "0", "accesses-INITIAL_FORMS": "0"}
    assert "Say why" in client.post(address, {"decision": "reject", "reason": " "} | inline).content.decode()
    client.post(address, {"decision": "approve"} | inline)
    document.refresh_from_db()
    assert (document.status, document.reviewed_by, document.user.verified) == ("approved", verifier, True)
    assert "already" in client.post(address, {"decision": "approve"} | inline).content.decode()
    client.post(address, {"decision": "reject", "reason": "Forged."} | inline)
    document.refresh_from_db()
    assert (document.status, document.reason, document.user.verified) == ("rejected", "Forged.", False)
    kinds = Notification.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["document.approved", "document.rejected"]


def test_the_page_of_a_document_links_the_file_and_says_who_looked() -> None:
    verifier, document = staff("verifier"), waiting()
    client = page_of(verifier)
    assert client.get(f"/auth/documents/{document.pk}/file/").content == b"png"
    page = client.get(f"/admin/accounts/document/{document.pk}/change/").content.decode()
    assert f"/auth/documents/{document.pk}/file/" in page
    assert "127.0.0.1" in page


def test_accounts_are_closed_and_reopened_by_actions() -> None:
    user, client = make_user("rahim"), page_of(staff("support"))
    api = api_of(user)
    action = {"action": "close_accounts", "_selected_action": [user.pk]}
    assert client.post("/admin/accounts/user/", action).status_code == 302
    user.refresh_from_db()
    assert (user.is_active, api.get("/auth/user/").status_code) == (False, 401)
    client.post("/admin/accounts/user/", action | {"action": "reopen_accounts"})
    user.refresh_from_db()
    assert user.is_active


def test_support_hands_out_no_power_and_leaves_staff_alone() -> None:
    support, boss = staff("support"), make_user("boss", is_staff=True, is_superuser=True)
    client, guest = page_of(support), make_user("mina")
    for someone in (support, guest):
        page = client.get(f"/admin/accounts/user/{someone.pk}/change/").content.decode()
        assert 'name="is_superuser"' not in page
        assert 'name="is_staff"' not in page
    assert client.post(f"/admin/accounts/user/{boss.pk}/password/", {}).status_code == 403
    client.post("/admin/accounts/user/", {"action": "close_accounts", "_selected_action": [boss.pk]})
    boss.refresh_from_db()
    assert boss.is_active


def test_a_password_set_by_staff_ends_every_sign_in() -> None:
    user = make_user("rahim", password=PASSWORD)
    api = api_of(user)
    body = {"password1": "another-password-1", "password2": "another-password-1", "usable_password": "true"}
    address = f"/admin/accounts/user/{user.pk}/password/"
    assert page_of(staff("support")).post(address, body).status_code == 403
    assert api.get("/auth/user/").status_code == 200
    assert page_of(make_user("boss", is_staff=True, is_superuser=True)).post(address, body).status_code == 302
    assert api.get("/auth/user/").status_code == 401


def test_support_never_holds_the_key_to_an_account() -> None:
    """With a user's password or address in hand support would see and do all that the user may."""
    user = make_user("rahim", password=PASSWORD)
    client, address = page_of(staff("support")), f"/admin/accounts/user/{user.pk}/change/"
    page = client.get(address).content.decode()
    assert user.password not in page
    inline = {"profile-TOTAL_FORMS": "0", "profile-INITIAL_FORMS": "0"}
    mine = {"first_name": "Rahim", "last_name": "", "username": "other", "email": "support@example.com"}
    assert client.post(address, mine | inline).status_code == 302
    user.refresh_from_db()
    assert (user.first_name, user.username, user.email) == ("Rahim", "rahim", "rahim@example.com")
    client.post("/admin/accounts/user/", {"action": "mail_password_links", "_selected_action": [user.pk]})
    assert OutgoingMail.objects.get().user == user


@pytest.mark.parametrize("table", ["user", "document", "documentaccess", "notification"])
def test_lists_cost_no_query_a_row(table: str, django_assert_max_num_queries: Callable[..., Any]) -> None:
    boss = make_user("boss", is_staff=True, is_superuser=True)
    client = page_of(boss)
    for _ in range(8):
        document = waiting()
        document.accesses.create(viewer=boss, address="-", at=NOON)
        Notification.objects.create(user=document.user, kind="offer.made", title="-", at=NOON)
    with django_assert_max_num_queries(8):
        page = client.get(f"/admin/accounts/{table}/?q=user")
    assert page.status_code == 200
