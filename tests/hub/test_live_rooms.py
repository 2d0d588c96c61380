"""Two people in a topic, on one server process and on two."""

from collections.abc import Callable

import pytest

from accounts.models import Notification
from negotiation.models import Entry, Negotiation
from tests.factories.accounts import make_user
from tests.hub.tabs import Refused, Tab
from tests.negotiation.play import Play

Tabs = Callable[..., Tab]


@pytest.fixture(params=[0, 1], ids=["one process", "two processes"])
def pair(request, tab: Tabs, play: Play) -> tuple[Tab, Tab]:
    """The guest's tab, and the host's on the same or on another process."""
    return tab(play.guest), tab(play.host, hub=request.param)


def opened(guest: Tab, play: Play, **fields) -> int:
    """The negotiation that the guest opens over the socket."""
    stay = {
        "property": play.home.pk, "start_date": play.start.isoformat(), "end_date": play.end.isoformat(),
        "guests": 2, "booking_type": "stay", "amount": "2000",
    } | fields  # fmt: skip
    snapshot = guest.call("negotiation.open", **stay)
    play.id = snapshot["id"]
    return play.id


def test_opening_joins_and_tells_the_host(pair, play):
    guest, host = pair
    id = opened(guest, play)
    told = host.wait("notification")
    assert (told["kind"], told["negotiation"], told["property"]) == ("negotiation.opened", id, play.home.pk)
    host.call("message.send", negotiation=id, text="Welcome")
    # The opener has the opening's own entries live too, so that a log kept from the stream has no hole.
    live = guest.entries(id, 3)
    assert [(e["seq"], e["kind"]) for e in live] == [(1, "negotiation.opened"), (2, "offer.made"), (3, "message.sent")]
    assert live == host.call("negotiation.join", negotiation=id)["entries"]


def test_a_whole_haggle_is_seen_alike_by_both_and_by_a_replay(pair, play):
    guest, host = pair
    id = opened(guest, play, message="Hello")
    page = host.call("negotiation.join", negotiation=id)
    assert [entry["kind"] for entry in page["entries"]] == ["negotiation.opened", "offer.made", "message.sent"]
    host.call("offer.make", negotiation=id, amount="2900.00")
    guest.call("offer.make", negotiation=id, amount="2500.00", message="My last")
    offered = host.wait("entry", kind="offer.made", actor="guest")
    reply = host.call("offer.accept", negotiation=id, offer=offered["data"]["offer"]["id"])
    assert reply["booking"]["negotiation"] == id
    seen = [*page["entries"], offered, *host.entries(id, reply["seq"])]
    assert [e["seq"] for e in guest.entries(id, reply["seq"])] == list(range(1, reply["seq"] + 1))
    again = guest.call("negotiation.join", negotiation=str(id))
    assert again["negotiation"]["status"] == "accepted"
    assert [e["seq"] for e in again["entries"]] == list(range(1, reply["seq"] + 1))
    assert sorted(seen, key=lambda e: e["seq"]) == again["entries"]


def test_live_and_replayed_entries_are_identical(pair, play):
    guest, host = pair
    id = opened(guest, play)
    host.call("negotiation.join", negotiation=id)
    host.call("offer.make", negotiation=id, amount="2900.00", message="ঢাকা 🏡")
    live = host.entries(id, 4)
    assert live == guest.entries(id, 4)[2:]
    assert live == host.call("negotiation.join", negotiation=id, after_seq=2)["entries"]


def test_a_stranger_sees_nothing(tab, play):
    id = opened(tab(play.guest), play)
    stranger = tab(make_user())
    for command in ("negotiation.join", "negotiation.leave", "typing.set", "seen.mark", "message.send"):
        with pytest.raises(Refused, match="not_found"):
            stranger.call(command, negotiation=id, typing=True, seq=1, text="Hi")


def test_leaving_ends_the_entries_but_not_the_notifications(pair, play):
    guest, host = pair
    id = opened(guest, play)
    host.call("negotiation.join", negotiation=id)
    assert host.call("negotiation.leave", negotiation=id) == {}
    # What one process tells another comes in order: with what he has seen, his leaving is known.
    host.call("seen.mark", negotiation=id, seq=1)
    guest.wait("seen")
    guest.call("message.send", negotiation=id, text="Still there?")
    assert host.wait("notification", kind="message.sent")["negotiation"] == id
    assert host.silent("entry", negotiation=id)


def test_a_message_is_no_notification_to_somebody_in_the_room(pair, play):
    guest, host = pair
    id = opened(guest, play)
    host.call("negotiation.join", negotiation=id)
    # What one process tells another comes in order: with the typing, the joining is known.
    host.call("typing.set", negotiation=id, typing=True)
    guest.wait("typing", negotiation=id)
    guest.call("message.send", negotiation=id, text="You see this")
    host.wait("entry", kind="message.sent")
    assert not Notification.objects.filter(user=play.host, kind="message.sent").exists()


def test_typing_is_told_to_the_other_side_and_throttled(pair, play):
    guest, host = pair
    id = opened(guest, play)
    host.call("negotiation.join", negotiation=id)
    for _ in range(5):
        guest.call("typing.set", negotiation=id, typing=True)
    guest.call("typing.set", negotiation=id, typing=False)
    assert host.wait("typing", negotiation=id) == {
        "type": "typing", "negotiation": id, "actor": "guest", "typing": True,
    }  # fmt: skip
    assert host.wait("typing", negotiation=id)["typing"] is False


def test_seen_goes_only_forwards_and_never_past_the_end(pair, play):
    guest, host = pair
    id = opened(guest, play)
    host.call("negotiation.join", negotiation=id)
    for seq in (1, 99, 1):
        assert host.call("seen.mark", negotiation=id, seq=seq) == {}
    assert [guest.wait("seen", negotiation=id, actor="host")["seq"] for _ in range(2)] == [1, 2]
    assert guest.silent("seen", negotiation=id)
    assert Negotiation.objects.get(pk=id).host_seen == 2
    assert guest.call("negotiation.join", negotiation=id)["negotiation"]["seen"] == {"guest": 0, "host": 2}


def test_coming_and_going_is_told(tab, play):
    guest = tab(play.guest)
    id = opened(guest, play)
    assert guest.call("negotiation.join", negotiation=id)["negotiation"]["online"] == {"guest": True, "host": False}
    host = tab(play.host, hub=1)
    assert guest.wait("presence", actor="host")["online"] is True
    assert guest.call("negotiation.join", negotiation=id)["negotiation"]["online"]["host"] is True
    host.close()
    assert guest.wait("presence", 30, actor="host")["online"] is False
    assert guest.call("negotiation.join", negotiation=id)["negotiation"]["online"]["host"] is False


def test_a_long_log_comes_in_pages_and_live_entries_follow_the_last(pair, play):
    guest, host = pair
    id = opened(guest, play)
    made = Entry.objects.get(negotiation_id=id, seq=2)
    Entry.objects.bulk_create(
        Entry(negotiation_id=id, seq=seq, kind="message.sent", actor="guest", data={"text": str(seq)}, at=made.at)
        for seq in range(3, 706)
    )
    Negotiation.objects.filter(pk=id).update(last_seq=705)
    seqs, more, pages = [], True, 0
    while more:
        page = host.call("negotiation.join", negotiation=id, after_seq=seqs[-1] if seqs else 0)
        seqs += [entry["seq"] for entry in page["entries"]]
        more, pages = page["more"], pages + 1
        if more:
            assert len(page["entries"]) == 300
    assert pages == 3
    guest.call("message.send", negotiation=id, text="after all pages")
    seqs.append(host.wait("entry", negotiation=id)["seq"])
    assert seqs == list(range(1, 707))


def test_a_read_in_one_tab_reaches_the_others(tab, play):
    guest = tab(play.guest)
    first, second = tab(play.host), tab(play.host, hub=1)
    opened(guest, play)
    note = first.wait("notification")
    assert second.wait("notification")["id"] == note["id"]
    assert first.call("notification.read", notification=note["id"]) == {"unread": 0}
    assert second.wait("unread") == {"type": "unread", "unread": 0}
    assert tab(play.host).frames[0]["unread"] == 0


def test_reading_all_and_reading_what_is_not_ones_own(tab, play):
    guest, host = tab(play.guest), tab(play.host)
    opened(guest, play)
    note = host.wait("notification")
    with pytest.raises(Refused, match="not_found"):
        guest.call("notification.read", notification=note["id"])
    with pytest.raises(Refused, match="invalid"):
        guest.call("notification.read", notification="every")
    assert host.call("notification.read", notification="all") == {"unread": 0}


def test_a_replayed_opening_joins_the_room_again(tab, play):
    first = tab(play.guest)
    id = opened(first, play, id="the-same-id")
    second = tab(play.guest, hub=1)
    assert opened(second, play, id="the-same-id") == id
    tab(play.host).call("message.send", negotiation=id, text="To both")
    assert first.entries(id, 3)[-1] == second.wait("entry", negotiation=id)


def test_the_same_command_twice_is_done_once_in_whatever_tab(tab, play):
    id = opened(tab(play.guest), play)
    one, two = tab(play.guest), tab(play.guest, hub=1)
    first = one.call("message.send", id="m-1", negotiation=id, text="Once")
    assert two.call("message.send", id="m-1", negotiation=str(id), text="Once") == first
    assert Entry.objects.filter(negotiation_id=id, kind="message.sent").count() == 1
    with pytest.raises(Refused, match=r"command\.id_reused"):
        two.call("message.send", id="m-1", negotiation=id, text="Other")


def test_what_a_rest_client_does_is_seen_live(tab, play, api):
    host = tab(play.host)
    id = opened(tab(play.guest), play)
    host.call("negotiation.join", negotiation=id)
    api.force_authenticate(play.guest)
    assert api.post(f"/api/nego/{id}/messages/", {"text": "By REST"}).status_code == 201
    assert host.wait("entry", kind="message.sent")["data"] == {"text": "By REST"}
