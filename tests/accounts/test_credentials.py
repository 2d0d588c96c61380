"""Which sign-ins open a socket or a request, and when they stop to."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from accounts.authentication import authenticate_token, presented_by
from accounts.models import AuthToken, Notification, Session, WsTicket
from accounts.selectors.credentials import AskedCredentials, list_ended_credentials, list_live_credentials
from accounts.services.presented_credentials import Identified, PresentedCredential, identifying
from accounts.services.sign_ins import delete_ended_sign_ins, draw_ticket, end_sign_ins, end_token, note_use
from accounts.services.token_uses import TokenUse
from core import clock
from core.database import plain, prepared_statements
from tests.factories.accounts import NOON, make_session, make_token, make_user

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MONTH = timedelta(seconds=settings.TOKEN_TTL_S)


def identify(presented: Sequence[PresentedCredential], now: Any = NOON) -> Identified:
    return plain.converse(identifying(presented, now))


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement is prepared, and stays so: only what a sign-in itself asks is counted."""
    monkeypatch.setattr(prepared_statements, "PLANS_LAST_S", 3600.0)
    identify([("token", "-"), ("session", "-"), ("ticket", "-")], NOON)


def arrives(headers: Any, query_string: bytes | str, now: Any = NOON) -> Any:
    return identify([presented_by(headers, query_string)], now).identities[0]


def by_header(key: str, now: Any = NOON) -> Any:
    return arrives([(b"authorization", f"Token {key}".encode())], b"", now)


def by_ticket(ticket: str, now: Any = NOON) -> Any:
    return arrives([], f"ticket={ticket}".encode(), now)


def by_cookie(key: str, now: Any) -> Any:
    return arrives([(b"cookie", f"sessionid={key}".encode())], b"", now)


def test_a_token_opens_a_socket_with_all_that_the_welcome_says(
    planned: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    user = make_user("rahim", first_name="Rahim", is_host=True)
    for read_at in (None, None, NOON):
        Notification.objects.create(user=user, kind="offer.made", title="-", at=NOON, read_at=read_at)
    token, key = make_token(user, now=NOON)
    with django_assert_num_queries(1):
        identity = by_header(key)
    assert (identity.user_id, identity.name, identity.is_host, identity.unread) == (user.pk, "Rahim", True, 2)
    assert identity.credential == ("token", str(token.pk))
    assert identity.expires_at == NOON + MONTH


def test_many_sign_in_together_each_by_what_he_shows(
    planned: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    users = [make_user() for _ in range(5)]
    keys = [make_token(user, now=NOON)[1] for user in users[:3]]
    token, session = make_token(users[3], now=NOON)[0], make_session(users[4])
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    presented = [("token", keys[0]), ("ticket", ticket), ("token", "x" * 64), ("session", session), ("token", keys[2])]
    presented += [("ticket", ticket), ("token", keys[0]), ("session", "\0"), ("ticket", "")]
    identify(presented, NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    presented[1] = presented[5] = ("ticket", ticket)
    with django_assert_num_queries(3):
        found = identify(presented, NOON)
    who = [identity and identity.user_id for identity in found.identities]
    first, third, fourth, fifth = (users[n].pk for n in (0, 2, 3, 4))
    assert who == [first, fourth, None, fifth, third, None, first, None, None]


def test_a_token_is_read_in_one_query(planned: None, django_assert_num_queries: Callable[..., Any]) -> None:
    user = make_user()
    token, key = make_token(user, now=NOON)
    with django_assert_num_queries(1):
        found = authenticate_token(key, NOON)
        assert found is not None
        assert (found[0].username, found[1].pk) == (user.username, token.pk)


@pytest.mark.parametrize("key", ["", "x", "0" * 64, "0" * 5000, "\0", "é", "\udc80", "a b", "' OR 1=1 --"])
def test_what_is_no_key_opens_nothing(key: str) -> None:
    make_token(make_user(), now=NOON)
    assert authenticate_token(key, NOON) is None
    raw = key.encode("utf-8", "replace")
    assert arrives([], "ticket=" + key) is None
    assert arrives([(b"cookie", b"sessionid=" + raw)], b"") is None
    assert arrives({b"authorization": b"Token " + raw}, b"") is None


def test_a_token_ends_at_its_expiry_to_the_second() -> None:
    _, key = make_token(make_user(), now=NOON)
    assert authenticate_token(key, NOON + MONTH - SECOND)
    assert authenticate_token(key, NOON + MONTH) is None
    assert by_header(key, NOON + MONTH) is None


def test_the_token_of_a_deactivated_user_opens_nothing() -> None:
    _, key = make_token(make_user(is_active=False), now=NOON)
    assert authenticate_token(key, NOON) is None
    assert by_header(key) is None


def test_use_renews_a_token_and_is_noted_once_a_minute(
    planned: None, django_assert_num_queries: Callable[..., Any]
) -> None:
    token, key = make_token(make_user(), now=NOON)
    with django_assert_num_queries(0):
        note_use(token, now=NOON + 59 * SECOND)
    note_use(token, now=NOON + 60 * SECOND)
    token.refresh_from_db()
    assert token.expiry == NOON + 60 * SECOND + MONTH
    later = NOON + timedelta(days=20)
    assert identify([("token", key)], NOON + 119 * SECOND).uses == []
    found = identify([("token", key), ("token", key)], later)
    assert [one and one.expires_at for one in found.identities] == [later + MONTH] * 2
    assert found.uses == [TokenUse(token.pk, later, NOON + 60 * SECOND + MONTH)]


def test_noting_the_use_of_a_token_that_was_ended_meanwhile_is_no_error() -> None:
    token, key = make_token(make_user(), now=NOON)
    end_token(AuthToken.objects.get(pk=token.pk))
    note_use(token, now=NOON + timedelta(hours=1))
    assert authenticate_token(key, NOON) is None


def test_a_ticket_counts_as_the_token_that_drew_it() -> None:
    user = make_user()
    token, _ = make_token(user, now=NOON)
    ticket, expires_in = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    assert expires_in == 30
    identity = by_ticket(ticket, NOON + 29 * SECOND)
    assert (identity.user_id, identity.credential) == (user.pk, ("token", str(token.pk)))
    assert identity.expires_at == NOON + MONTH


def test_a_ticket_opens_once() -> None:
    token, _ = make_token(make_user(), now=NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    assert by_ticket(ticket)
    assert by_ticket(ticket) is None


def test_a_ticket_is_good_for_thirty_seconds() -> None:
    token, _ = make_token(make_user(), now=NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    assert by_ticket(ticket, NOON + 30 * SECOND) is None


def test_a_ticket_goes_with_its_token() -> None:
    token, _ = make_token(make_user(), now=NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    end_token(token)
    assert by_ticket(ticket) is None


def test_a_ticket_is_kept_hashed() -> None:
    token, _ = make_token(make_user(), now=NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)
    with connection.cursor() as cursor:
        cursor.execute("SELECT w::text FROM accounts_wsticket w")
        assert ticket.encode().hex() not in cursor.fetchone()[0]
        assert ticket not in str(WsTicket.objects.values())


@pytest.mark.django_db(transaction=True)
def test_a_ticket_spent_by_many_at_once_opens_one_socket() -> None:
    token, _ = make_token(make_user(), now=NOON)
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=NOON)

    def spend(_: int) -> bool:
        try:
            return by_ticket(ticket) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(spend, range(8))) == 1


def test_a_browser_session_opens_a_socket(planned: None, django_assert_num_queries: Callable[..., Any]) -> None:
    user, now = make_user("mina", password="x-y-z-1234"), clock.now()
    key = make_session(user)
    with django_assert_num_queries(1):
        identity = by_cookie(key, now)
    assert (identity.user_id, identity.credential) == (user.pk, ("session", key))
    assert identity.expires_at == Session.objects.get(pk=key).expire_date


def test_a_ticket_drawn_by_a_browser_session_counts_as_that_session() -> None:
    user, now = make_user(), clock.now()
    key = make_session(user)
    ticket, _ = draw_ticket(credential=("session", key), now=now)
    assert by_ticket(ticket, now).credential == ("session", key)
    ticket, _ = draw_ticket(credential=("session", key), now=now)
    Session.objects.all().delete()
    assert by_ticket(ticket, now) is None


def test_a_session_made_under_another_password_opens_nothing() -> None:
    user, now = make_user(password="old-password-1"), clock.now()
    key = make_session(user)
    type(user).objects.filter(pk=user.pk).update(password="something else")
    assert by_cookie(key, now) is None
    assert list_live_credentials([("session", key)], now) == {}


def test_the_header_wins_over_the_cookie_even_where_it_is_bad() -> None:
    key, now = make_session(make_user()), clock.now()
    headers = [(b"Authorization", b"Token nonsense"), (b"cookie", f"sessionid={key}".encode())]
    assert arrives(headers, b"", now) is None


def test_what_still_holds_is_told_in_two_queries(planned: None, django_assert_num_queries: Callable[..., Any]) -> None:
    now, user = clock.now(), make_user()
    kept, ended, expired = (make_token(user, now=now)[0] for _ in range(3))
    end_token(ended)
    AuthToken.objects.filter(pk=expired.pk).update(expiry=now)
    inactive, _ = make_token(make_user(is_active=False), now=now)
    key, gone = make_session(user), make_session(user)
    Session.objects.filter(pk=gone).delete()
    asked = [("token", str(t.pk)) for t in (kept, ended, expired, inactive)] + [("session", key), ("session", gone)]
    with django_assert_num_queries(2):
        live = list_live_credentials(asked, now)
    assert set(live) == {("token", str(kept.pk)), ("session", key)}
    assert live["token", str(kept.pk)] == now + MONTH
    with django_assert_num_queries(2):
        assert list_ended_credentials(AskedCredentials(asked), now) == set(asked) - set(live)
    assert list_ended_credentials(AskedCredentials([]), now) == set()


def test_ending_all_sign_ins_ends_tokens_and_browsers_of_that_user_only() -> None:
    now, user, other = clock.now(), make_user(), make_user()
    key, session, others = make_token(user)[1], make_session(user), make_token(other)[1]
    end_sign_ins(user_id=user.pk)
    assert authenticate_token(key, now) is None
    assert by_cookie(session, now) is None
    assert authenticate_token(others, now)


def test_the_sweep_removes_only_what_has_expired() -> None:
    user = make_user()
    kept, _ = make_token(user, now=NOON)
    make_token(user, now=NOON, lives=timedelta())
    draw_ticket(credential=("token", str(kept.pk)), now=NOON - timedelta(seconds=30))
    draw_ticket(credential=("token", str(kept.pk)), now=NOON)
    assert delete_ended_sign_ins(NOON) == 2
    assert list(AuthToken.objects.values_list("pk", flat=True)) == [kept.pk]
    assert WsTicket.objects.count() == 1
