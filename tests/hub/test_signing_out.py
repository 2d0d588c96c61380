"""Every door that ends a sign-in closes its live sockets with 4401 within two seconds, on every process."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.mail_links import password_reset_parts
from accounts.models import User, WsTicket
from accounts.selectors.credentials import ticket_digest
from core import clock
from core.live.hub import Hub
from negotiation.live import hub_setup
from negotiation.live.hub_setup import Live
from tests.factories.accounts import PASSWORD, api_of, make_session, make_token, make_user, sign_in
from tests.hub.tabs import Tab
from tests.servers import ServerProcess
from tests.waiting import until

NEW = "another-password-1"
UNAUTHORISED = 4401


def staff() -> Client:
    client = Client()
    sign_in(client, make_user(is_staff=True, is_superuser=True))
    return client


def sign_in_number(api: APIClient) -> Any:
    return next(row["id"] for row in api.get("/auth/sessions/").data if not row["current"])


def end_one(api: APIClient, user: User) -> None:
    assert api.delete(f"/auth/sessions/{sign_in_number(api)}/").status_code == 204


def reset(api: APIClient, user: User) -> None:
    uid, token = password_reset_parts(user)
    body = {"uid": uid, "token": token, "new_password": NEW}
    assert APIClient().post("/auth/password/reset/confirm/", body).status_code == 200


def by_command(api: APIClient, user: User) -> None:
    call_command("changepassword", user.username, stdout=StringIO())


def by_staff(api: APIClient, user: User) -> None:
    body = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert staff().post(f"/admin/accounts/user/{user.pk}/password/", body).status_code == 302


def close_own(api: APIClient, user: User) -> None:
    assert api.delete("/auth/user/", {"password": PASSWORD}).status_code == 204


def close_by_staff(api: APIClient, user: User) -> None:
    body = {"action": "close_accounts", "_selected_action": [user.pk]}
    assert staff().post("/admin/accounts/user/", body).status_code == 302


def post(path: str, status: int, **body: str) -> Callable[[APIClient, User], None]:
    def door(api: APIClient, user: User) -> None:
        assert api.post(path, body).status_code == status

    return door


DOORS: dict[str, Callable[[APIClient, User], None]] = {
    "log out everywhere": post("/auth/logoutall/", 204),
    "end one session": end_one,
    "change the password": post("/auth/password/", 200, old_password=PASSWORD, new_password=NEW),
    "reset the password": reset,
    "manage.py changepassword": by_command,
    "password set by staff": by_staff,
    "close the account": close_own,
    "closed by staff": close_by_staff,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["token", "cookie"])
def test_sockets_close_on_every_process(
    tab: Callable[..., Any], kind: str, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
    user, bystander = make_user(password=PASSWORD), tab(make_user())
    if kind == "token":
        headers = {"Authorization": f"Token {make_token(user)[1]}"}
    else:
        headers = {"Cookie": f"sessionid={make_session(user)}"}
    sockets = [tab(headers=headers, hub=number) for number in (0, 1)]
    assert [one.welcome()["user"]["id"] for one in sockets] == [user.pk] * 2
    DOORS[door](api_of(user), user)
    assert [one.closed(timeout=2) for one in sockets] == [UNAUTHORISED] * 2
    assert bystander.call("ping")


def test_logging_out_closes_the_sockets_of_that_token_only(tab: Callable[..., Any]) -> None:
    user = make_user()
    keys = [make_token(user)[1] for _ in range(2)]
    ended, kept = (tab(headers={"Authorization": f"Token {key}"}) for key in keys)
    ended.welcome(), kept.welcome()
    assert APIClient(HTTP_AUTHORIZATION=f"Token {keys[0]}").post("/auth/logout/").status_code == 204
    assert ended.closed(timeout=2) == UNAUTHORISED
    assert kept.call("ping")


@pytest.mark.parametrize("path", ["/auth/logout/", "/logout/"])
def test_a_browser_that_logs_out_closes_its_sockets(tab: Callable[..., Any], path: str) -> None:
    client = Client()
    sign_in(client, make_user())
    live = tab(headers={"Cookie": f"sessionid={client.session.session_key}"})
    live.welcome()
    assert client.post(path).status_code in (204, 302)
    assert live.closed(timeout=2) == UNAUTHORISED


@pytest.fixture
def crowded(transactional_db: None) -> Iterator[ServerProcess]:
    server = ServerProcess(module=("tests.hub.crowded",))
    yield server
    server.kill()


def test_a_socket_that_signs_in_while_its_token_ends_is_closed_too(crowded: ServerProcess) -> None:
    """Its ticket is held up amid the statement, which so answers as of before: a welcome, when no sign-in is left."""
    user = make_user()
    headers = {"Authorization": f"Token {make_token(user)[1]}"}
    ticket = APIClient(HTTP_AUTHORIZATION=headers["Authorization"]).post("/auth/ws-ticket/").data["ticket"]
    with ThreadPoolExecutor(1) as pool, Tab(crowded.ws_url, headers=headers) as here:
        here.welcome()
        with transaction.atomic():
            WsTicket.objects.select_for_update().get(digest=ticket_digest(ticket))
            opening = pool.submit(Tab, f"{crowded.ws_url}?ticket={ticket}")
            until(somebody_waits_for_us)
            assert httpx.post(f"{crowded.url}/auth/logout/", headers=headers).status_code == 204
            # The word has come, and those who are in have gone.
            assert here.closed(timeout=2) == UNAUTHORISED
        with opening.result() as late:
            assert late.welcome()["user"]["id"] == user.pk
            assert late.closed(timeout=2) == UNAUTHORISED


def somebody_waits_for_us() -> bool:
    """For what this transaction holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


def test_a_ticket_s_socket_goes_with_the_token_that_drew_it(tab: Callable[..., Any]) -> None:
    api = api_of(make_user())
    live = tab(query=f"?ticket={api.post('/auth/ws-ticket/').data['ticket']}")
    live.welcome()
    api.post("/auth/logout/")
    assert live.closed(timeout=2) == UNAUTHORISED


async def test_those_who_expire_are_looked_for_when_somebody_came_or_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    class Looking(Live):
        """Counts the looks at all sockets."""

        looks = 0

        def connections(self) -> Any:
            self.looks += 1
            return super().connections()

    async def ends(fn: Any, credentials: Any, now: Any) -> dict[Any, Any]:
        return {}

    monkeypatch.setattr(hub_setup, "run_in_db", ends)
    time = [1000.0]
    monkeypatch.setattr(clock, "unix", lambda: time[0])
    hub = Hub()
    live, closed = Looking(hub), list[int]()
    for expires_at in (0.0, 1009.0, 1005.0):
        socket: Any = Mock(expires_at=expires_at, credential=("token", "1"), close=closed.append)
        hub.sockets[socket] = None
        hub.arrived += 1
    for time[0], looks, ended in ((1001.0, 1, 0), (1004.9, 1, 0), (1005.0, 2, 1), (1009.0, 3, 3)):
        await live.recheck_expired()
        assert (live.looks, len(closed)) == (looks, ended)
    hub.arrived += 1
    time[0] = 1000.0
    await live.recheck_expired()
    assert live.looks == 4


async def test_every_socket_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Asking(Live):
        """Writes down who is asked about."""

        there = list("abcde")

        def connections(self) -> Any:
            return self.there

        async def check(self, connections: Any) -> None:
            asked.append("".join(connections))

    asked: list[str] = []
    monkeypatch.setattr("negotiation.live.hub_setup.IN_TURN", 2)
    live = Asking(Hub())
    for _ in range(4):
        await live.recheck_in_turn()
    assert asked == ["ab", "cd", "e", "ab"]
    # Few enough for one turn: each of them is asked about in every second turn, so still within two seconds.
    live.there, live.turn = ["a", "b"], 0
    for _ in range(4):
        await live.recheck_in_turn()
    assert asked[4:] == ["ab", "ab"]
    assert 2 * hub_setup.IN_TURN_S < 2
