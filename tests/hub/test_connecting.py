"""Who is let in, who is not, and how long."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from websockets.protocol import State

from accounts.models import AuthToken
from accounts.services.sign_ins import draw_ticket, end_sign_ins, end_token
from core import clock
from tests.factories.accounts import make_session, make_token, make_user
from tests.hub.tabs import Tab
from tests.servers import ServerProcess
from tests.waiting import until


def test_the_first_frame_is_a_welcome(tab):
    user = make_user(first_name="Rahim", is_host=True)
    frame = tab(user).frames[0]
    assert frame["user"] == {"id": user.pk, "name": "Rahim", "is_host": True}
    assert (frame["type"], frame["protocol"], frame["unread"]) == ("welcome", 1, 0)
    assert frame["server_time"].endswith("Z")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token wrong"}, {"Authorization": "Bearer x"}])
def test_without_good_credentials_the_socket_is_accepted_and_closed(tab, headers):
    stranger = tab(headers=headers)
    assert stranger.closed() == 4401
    assert not stranger.frames


def test_a_ticket_opens_one_socket_once(tab):
    token, _ = make_token(make_user())
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=clock.now())
    assert tab(query=f"?ticket={ticket}").welcome()["user"]["id"] == token.user_id
    assert tab(query=f"?ticket={ticket}").closed() == 4401


def test_a_stale_ticket_opens_nothing(tab):
    token, _ = make_token(make_user())
    ticket, _ = draw_ticket(credential=("token", str(token.pk)), now=clock.now() - timedelta(seconds=31))
    assert tab(query=f"?ticket={ticket}").closed() == 4401


def test_the_session_cookie_of_the_pages_opens_a_socket(tab, settings):
    user = make_user(password="correct-horse")
    cookie = f"{settings.SESSION_COOKIE_NAME}={make_session(user)}"
    assert tab(headers={"Cookie": cookie}).welcome()["user"]["id"] == user.pk


def test_a_foreign_origin_is_refused(tab):
    user = make_user()
    key = make_token(user)[1]
    foreign = tab(headers={"Authorization": f"Token {key}"}, origin="https://evil.example")
    assert foreign.closed() == 4403
    assert not foreign.frames


def test_this_hosts_own_origin_is_welcome(tab, hubs):
    key = make_token(make_user())[1]
    origin = hubs(0).replace("ws://", "http://").removesuffix("/ws/")
    assert tab(headers={"Authorization": f"Token {key}"}, origin=origin).welcome()


def test_the_twenty_first_socket_of_a_user_is_one_too_many(tab, play):
    user, other = play.guest, tab(play.host)
    tabs = [tab(user, hub=number % 2) for number in range(20)]
    play.open()
    other.call("negotiation.join", negotiation=play.id)
    # What one process tells another comes in order: with the typing, its sockets are known.
    tabs[19].call("typing.set", negotiation=play.id, typing=True)
    other.wait("typing")
    key = make_token(user)[1]
    assert tab(headers={"Authorization": f"Token {key}"}).closed() == 4429
    assert all(one.call("ping")["server_time"] for one in tabs)


def test_two_processes_that_let_somebody_in_at_once_agree_on_twenty(tab, hubs):
    """Neither had heard of the other's latest."""
    assert hubs(0) != hubs(1)
    headers = {"Authorization": f"Token {make_token(make_user())[1]}"}
    with ThreadPoolExecutor(10) as pool:
        tabs = list(pool.map(lambda number: tab(headers=headers, hub=number % 2), range(30)))
    until(lambda: sum(is_open(one) for one in tabs) == 20)
    assert all(one.call("ping") for one in tabs if is_open(one))
    assert [one.closed() for one in tabs if not is_open(one)] == [4429] * 10


def is_open(one):
    return one.socket.protocol.state is State.OPEN


@pytest.mark.parametrize("hub", [0, 1])
def test_signing_out_everywhere_closes_live_sockets_at_once(tab, hub):
    user, other = make_user(), make_user()
    ended, bystander = tab(user, hub=hub), tab(other, hub=hub)
    end_sign_ins(user_id=user.pk)
    assert ended.closed(timeout=2) == 4401
    assert bystander.call("ping")


def test_one_revoked_token_leaves_the_others_alone(tab):
    user = make_user()
    first, second = tab(user), tab(user)
    end_token(AuthToken.objects.filter(user=user).earliest("pk"))
    assert first.closed(timeout=2) == 4401
    assert second.call("ping")


def test_an_expired_token_closes_its_socket_within_two_seconds(tab):
    user = make_user()
    _, key = make_token(user, lives=timedelta(seconds=5))
    sockets = [tab(headers={"Authorization": f"Token {key}"}, hub=number) for number in (0, 1)]
    for live in sockets:
        live.welcome()
    assert [live.closed(timeout=7.5) for live in sockets] == [4401, 4401]


def test_whoever_is_deactivated_without_a_word_to_the_hubs_is_closed_out_too(tab):
    user = make_user()
    live, bystander = tab(user), tab(make_user())
    live.welcome()
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert live.closed(timeout=2) == 4401
    assert bystander.call("ping")


@pytest.mark.long
def test_the_same_application_runs_under_daphne(tab, play):
    """As `runserver` runs it: what is said there is heard by the others."""
    play.open()
    daphne = ServerProcess(module=("daphne", "asgi:application"))
    host = tab(play.host)
    host.call("negotiation.join", negotiation=play.id)
    with Tab(daphne.ws_url, play.guest) as guest:
        seq = guest.call("message.send", negotiation=play.id, text="Hello")["seq"]
        assert host.wait("entry", seq=seq)["data"] == {"text": "Hello"}
        assert guest.raw("x" * 16_385)["error"]["code"] == "command.malformed"
    assert Tab(daphne.ws_url, headers={"Authorization": "Token wrong"}).closed() == 4401
    assert daphne.stop() == 0
