"""Who is online, as several processes tell each other."""

from typing import Any

from core.live.presence import GRACE_S, QUIET_S, SILENT_S, Presence


class Process:
    """A presence with what it announced, in a world of processes that hear each other at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.announced: list[tuple[int, bool]] = []
        self.presence = Presence(lambda user, online: self.announced.append((user, online)), lambda: None, lambda: None)

    def news(self) -> dict[str, Any] | None:
        return self.presence.take_presence_diff()

    def hear(self, other: "Process", now: float = 0.0) -> None:
        if (news := other.news()) is not None:
            self.presence.apply_presence_diff(other.name, news, now)


def two() -> tuple[Process, Process]:
    a, b = Process("a"), Process("b")
    b.hear(a)
    a.hear(b)
    return a, b


def test_the_first_socket_announces_and_the_second_does_not():
    a, _ = two()
    a.presence.socket_opened(7)
    a.presence.socket_opened(7)
    assert a.announced == [(7, True)]
    assert a.presence.socket_count(7) == 2


def test_a_quick_reload_is_no_absence():
    a, _ = two()
    a.presence.socket_opened(7)
    a.presence.socket_closed(7, 100.0)
    assert a.presence.is_online(7)
    a.presence.forget_gone(100.0 + GRACE_S - 1)
    a.presence.socket_opened(7)
    a.presence.forget_gone(100.0 + GRACE_S + 1)
    assert a.announced == [(7, True)]


def test_who_stays_away_is_offline_after_the_grace():
    a, _ = two()
    a.presence.socket_opened(7)
    a.presence.socket_closed(7, 100.0)
    a.presence.forget_gone(100.0 + GRACE_S)
    assert a.announced == [(7, True), (7, False)]
    assert not a.presence.is_online(7)


def test_a_socket_in_another_process_counts():
    a, b = two()
    a.presence.socket_opened(7)
    b.hear(a)
    assert b.presence.is_online(7)
    assert b.announced == [(7, True)]
    assert b.presence.socket_count(7) == 1
    a.presence.socket_closed(7, 100.0)
    b.hear(a, 100.0)
    b.presence.forget_gone(100.0 + GRACE_S)
    assert b.announced == [(7, True), (7, False)]


def test_moving_between_processes_is_no_absence():
    a, b = two()
    a.presence.socket_opened(7)
    b.hear(a)
    b.presence.socket_opened(7)
    a.hear(b)
    a.presence.socket_closed(7, 100.0)
    b.hear(a, 100.0)
    for process in (a, b):
        process.presence.forget_gone(100.0 + GRACE_S)
        assert process.announced == [(7, True)]


def test_a_silent_process_takes_its_users_with_it_within_45_seconds():
    a, b = two()
    a.presence.socket_opened(7)
    b.hear(a, 100.0)
    b.presence.forget_gone(100.0 + SILENT_S)
    assert b.presence.is_online(7)
    gone_at = 100.0 + SILENT_S + 1
    b.presence.forget_gone(gone_at)
    b.presence.forget_gone(gone_at + GRACE_S)
    assert not b.presence.is_online(7)
    assert gone_at + GRACE_S <= 145.0


def test_rooms_of_other_processes_are_known():
    a, b = two()
    a.presence.topic_joined(7, "negotiation:1")
    b.hear(a)
    assert b.presence.is_subscribed(7, "negotiation:1")
    assert not b.presence.is_subscribed(8, "negotiation:1")
    a.presence.topic_left(7, "negotiation:1")
    b.hear(a)
    assert not b.presence.is_subscribed(7, "negotiation:1")


def test_two_tabs_in_a_room_and_one_leaves():
    a, b = two()
    a.presence.topic_joined(7, "negotiation:1")
    a.presence.topic_joined(7, "negotiation:1")
    a.presence.topic_left(7, "negotiation:1")
    b.hear(a)
    assert b.presence.is_subscribed(7, "negotiation:1")


def test_the_whole_state_puts_right_what_was_lost():
    a, b = two()
    a.presence.socket_opened(7)
    a.presence.topic_joined(7, "negotiation:1")
    b.hear(a)
    a.presence.socket_closed(7, 100.0)
    a.presence.topic_left(7, "negotiation:1")
    a.presence.socket_opened(8)
    assert a.news() is not None  # never arrives
    a.presence.send_whole = True
    b.hear(a, 100.0)
    b.presence.forget_gone(100.0 + GRACE_S)
    assert not b.presence.is_online(7)
    assert b.presence.is_online(8)
    assert not b.presence.is_subscribed(7, "negotiation:1")


def test_a_process_that_is_alone_tells_nothing_and_the_first_other_one_everything():
    a, b = Process("a"), Process("b")
    a.news()
    a.presence.socket_opened(7)
    a.presence.topic_joined(7, "negotiation:1")
    assert a.news() is None
    a.hear(b)
    b.hear(a)
    assert b.presence.is_online(7)
    assert b.presence.is_subscribed(7, "negotiation:1")
    a.presence.socket_opened(8)
    b.hear(a)
    assert b.presence.is_online(8)


def test_a_process_that_was_silent_for_too_long_is_told_everything_again():
    a, b = two()
    a.news()
    a.presence.forget_gone(SILENT_S + 1)
    a.presence.socket_opened(7)
    assert a.news() is None
    assert a.presence.note_alive("b", SILENT_S + 2)
    b.hear(a, SILENT_S + 2)
    assert b.presence.is_online(7)


def test_nothing_new_is_no_news():
    a, _ = two()
    a.presence.socket_opened(7)
    assert a.news() is not None
    assert a.news() is None


def test_a_process_that_falls_quiet_is_noticed_once_and_long_before_its_users_are_gone():
    a, b = two()
    a.presence.socket_opened(7)
    b.hear(a, 100.0)
    assert b.presence.newly_quiet(100.0 + QUIET_S) == []
    assert b.presence.newly_quiet(100.1 + QUIET_S) == ["a"]
    assert b.presence.newly_quiet(100.2 + QUIET_S) == []
    assert b.presence.is_online(7)
    b.presence.note_alive("a", 200.0)
    assert b.presence.newly_quiet(200.1 + QUIET_S) == ["a"]


def test_the_processes_that_hold_subscribers_of_a_topic():
    a, b = two()
    c = Process("c")
    a.presence.socket_opened(7)
    a.presence.topic_joined(7, "negotiation:1")
    c.presence.socket_opened(8)
    c.presence.topic_joined(8, "negotiation:1")
    b.hear(a)
    b.hear(c)
    assert set(b.presence.peers_of("negotiation:1")) == {"a", "c"}
    assert b.presence.peers_of("user:7") == ("a",)
    assert b.presence.peers_of("negotiation:2") == b.presence.peers_of("user:9") == ()
    a.presence.topic_left(7, "negotiation:1")
    b.hear(a)
    assert b.presence.peers_of("negotiation:1") == ("c",)
    b.presence.forget("c", 100.0)
    assert b.presence.subscribers == {"user:7": {"a": 1}}


def test_a_diff_names_the_topics_that_are_new():
    a, b = two()
    a.presence.socket_opened(7)
    a.presence.topic_joined(7, "negotiation:1")
    assert b.presence.apply_presence_diff("a", a.news(), 1.0) == {"user:7", "negotiation:1"}
    a.presence.topic_joined(7, "negotiation:2")
    assert b.presence.apply_presence_diff("a", a.news(), 1.0) == {"negotiation:2"}
    a.presence.send_whole = True
    a.presence.topic_joined(7, "negotiation:3")
    a.presence.topic_left(7, "negotiation:1")
    assert b.presence.apply_presence_diff("a", a.news(), 1.0) == {"negotiation:3"}
    assert b.presence.subscribers == {topic: {"a": 1} for topic in ("user:7", "negotiation:2", "negotiation:3")}
