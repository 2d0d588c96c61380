"""Presence: which users have a live socket, in any process, and which topics those sockets are in.

Each process knows its own sockets, and learns about those of the others from messages to the hub's group: small changes as
they happen, and everything at a process's start and after a loss. It forgets a process that is silent for `SILENT_S`.
Processes without sockets read a lease in the broker, which is renewed every `LEASE_RENEW_S`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import redis

from core import clock
from core.live.lease import LEASE_S, leases_of

log = logging.getLogger(__name__)

# Seconds that a user may be without a socket, for instance while a page reloads, and still count as online.
GRACE_S = 5.0
SILENT_S = 30.0
# Seconds. Beats come every second: a process that missed this many may have died between a commit and its publication.
QUIET_S = 4.0


class Peer:
    """What another process has reported about itself."""

    __slots__ = ("alive_at", "name", "quiet", "topics", "users")

    def __init__(self, name: str, alive_at: float) -> None:
        self.name = name
        self.alive_at = alive_at
        self.quiet = False
        self.users: dict[int, int] = {}
        self.topics: set[tuple[int, str]] = set()


class Presence:
    """The users of all processes. Only the event loop changes it; any thread may read it."""

    def __init__(
        self, on_change: Callable[[int, bool], None], on_users: Callable[[], None], on_topics: Callable[[], None]
    ) -> None:
        # Called with (user, online) when a user comes, or has been gone for `GRACE_S`.
        self.on_change = on_change
        # Called when users' sockets or topics have changed, so that the other processes must be told.
        self.on_users, self.on_topics = on_users, on_topics
        self.users: dict[int, int] = {}
        self.topics: Counter[tuple[int, str]] = Counter()
        self.peers: dict[str, Peer] = {}
        # Returns the topic of a user's own pushes; the apps above set its name.
        self.inbox_of: Callable[[int], str] = "user:{}".format
        # topic → other process with subscribers → number of subscribed users there.
        self.subscribers: dict[str, Counter[str]] = {}
        self.elsewhere: Counter[int] = Counter()
        self.leaving: dict[int, float] = {}
        self.changed_users: set[int] = set()
        self.changed_topics: set[tuple[int, str]] = set()
        self.send_whole = True

    # -- questions -------------------------------------------------------------------------------------------------

    def is_online(self, user_id: int) -> bool:
        """Whether the user has a live socket in any process, or had one less than `GRACE_S` ago."""
        return user_id in self.users or self.elsewhere[user_id] > 0 or user_id in self.leaving

    def socket_count(self, user_id: int) -> int:
        """Returns the number of the user's live sockets in all processes, as far as this process knows."""
        return self.users.get(user_id, 0) + self.elsewhere[user_id]

    def processes_of(self, user_id: int) -> list[str]:
        """Returns the other processes that have sockets of the user."""
        return [name for name, peer in self.peers.items() if user_id in peer.users]

    def peers_of(self, topic: str) -> tuple[str, ...]:
        """Returns the other processes that have subscribers of the topic."""
        found = self.subscribers.get(topic)
        return tuple(found) if found else ()

    def is_subscribed(self, user_id: int, topic: str) -> bool:
        """Whether a socket of the user has joined the topic, in any process."""
        key = (user_id, topic)
        return key in self.topics or any(key in peer.topics for peer in tuple(self.peers.values()))

    # -- this process's sockets ------------------------------------------------------------------------------------

    def socket_opened(self, user_id: int) -> None:
        first = not self.socket_count(user_id)
        self.users[user_id] = self.users.get(user_id, 0) + 1
        self.user_changed(user_id)
        if first:
            self.arrive(user_id)

    def socket_closed(self, user_id: int, now: float) -> None:
        left = self.users[user_id] - 1
        if left:
            self.users[user_id] = left
        else:
            del self.users[user_id]
        self.user_changed(user_id)
        self.depart_if_gone(user_id, now)

    def topic_joined(self, user_id: int, topic: str) -> None:
        self.topics[user_id, topic] += 1
        self.topic_changed(user_id, topic)

    def topic_left(self, user_id: int, topic: str) -> None:
        key = (user_id, topic)
        self.topics[key] -= 1
        if self.topics[key] <= 0:
            del self.topics[key]
        self.topic_changed(user_id, topic)

    def user_changed(self, user_id: int) -> None:
        if self.peers:  # the first process that appears is told everything
            self.changed_users.add(user_id)
            self.on_users()

    def topic_changed(self, user_id: int, topic: str) -> None:
        if self.peers:
            self.changed_topics.add((user_id, topic))
            self.on_topics()

    # -- coming and going ------------------------------------------------------------------------------------------

    def arrive(self, user_id: int) -> None:
        if self.leaving.pop(user_id, None) is None:
            self.on_change(user_id, True)

    def depart_if_gone(self, user_id: int, now: float) -> None:
        if not self.socket_count(user_id):
            self.leaving[user_id] = now + GRACE_S

    def forget_gone(self, now: float) -> list[str]:
        """Marks users who did not come back as gone, and forgets silent processes, whose names it returns.

        It is called once a second.
        """
        for user_id in [user_id for user_id, until in self.leaving.items() if until <= now]:
            del self.leaving[user_id]
            self.on_change(user_id, False)
        silent = [name for name, peer in self.peers.items() if now - peer.alive_at > SILENT_S]
        for name in silent:
            log.warning("server process %s fell silent", name)
            self.forget(name, now)
        return silent

    # -- other processes -------------------------------------------------------------------------------------------

    def take_presence_diff(self) -> dict[str, Any] | None:
        """Takes the changes to tell the others: {"users": [[user, sockets]], "in": [[user, topic]], "out": …, "all"?: True}."""
        if self.send_whole:
            users, joined, left = list(self.users), list(self.topics), []
        elif self.changed_users or self.changed_topics:
            users = list(self.changed_users)
            joined = [key for key in self.changed_topics if key in self.topics]
            left = [key for key in self.changed_topics if key not in self.topics]
        else:
            return None
        whole, self.send_whole = self.send_whole, False
        self.changed_users, self.changed_topics = set(), set()
        return {"users": [(u, self.users.get(u, 0)) for u in users], "in": joined, "out": left, "all": whole}

    def note_alive(self, name: str, now: float) -> bool:
        """Records a sign of life of a process. Returns True where the process was unknown so far."""
        peer = self.peers.get(name)
        if peer is None:
            if not self.peers:  # changes were kept for no other process
                self.send_whole = True
                self.on_topics()
            self.peers[name] = Peer(name, now)
            return True
        peer.alive_at, peer.quiet = now, False
        return False

    def newly_quiet(self, now: float) -> list[str]:
        """Returns, once each, the processes that sent nothing for `QUIET_S`; their users still count as online."""
        quiet = [name for name, peer in self.peers.items() if not peer.quiet and now - peer.alive_at > QUIET_S]
        for name in quiet:
            self.peers[name].quiet = True
        return quiet

    def apply_presence_diff(self, name: str, diff: dict[str, Any], now: float) -> set[str]:
        """Applies the diff that another process took. Returns the topics that are new there."""
        self.note_alive(name, now)
        peer = self.peers[name]
        before = self._topics_of(peer) if diff["all"] else set()
        counts: dict[int, int] = dict(diff["users"])
        if diff["all"]:
            counts = {**dict.fromkeys(peer.users, 0), **counts}
            self._unsubscribe(peer, set(peer.topics))
        added = {self.inbox_of(user_id) for user_id in counts if counts[user_id] and user_id not in peer.users}
        added |= self._subscribe(peer, {(user_id, topic) for user_id, topic in diff["in"]})
        self._unsubscribe(peer, {(user_id, topic) for user_id, topic in diff["out"]})
        for user_id, count in counts.items():
            self.set_count(peer, user_id, count, now)
        return added - before

    def _topics_of(self, peer: Peer) -> set[str]:
        return {topic for _, topic in peer.topics} | {self.inbox_of(user_id) for user_id in peer.users}

    def _subscribe(self, peer: Peer, keys: set[tuple[int, str]]) -> set[str]:
        """Adds pairs of user and topic. Returns the topics that had no subscriber in that process before."""
        new = keys - peer.topics
        first = {topic for _, topic in new if peer.name not in self.subscribers.get(topic, ())}
        peer.topics |= new
        for _, topic in new:
            self._count(topic, peer, 1)
        return first

    def _unsubscribe(self, peer: Peer, keys: set[tuple[int, str]]) -> None:
        gone = keys & peer.topics
        peer.topics -= gone
        for _, topic in gone:
            self._count(topic, peer, -1)

    def _count(self, topic: str, peer: Peer, change: int) -> None:
        processes = self.subscribers.setdefault(topic, Counter())
        processes[peer.name] += change
        if not processes[peer.name]:
            del processes[peer.name]
        if not processes:
            del self.subscribers[topic]

    def set_count(self, peer: Peer, user_id: int, count: int, now: float) -> None:
        before, known = self.socket_count(user_id), peer.users.get(user_id, 0)
        self.elsewhere[user_id] += count - known
        if not self.elsewhere[user_id]:
            del self.elsewhere[user_id]
        if bool(count) != bool(known):
            self._count(self.inbox_of(user_id), peer, 1 if count else -1)
        if count:
            peer.users[user_id] = count
        else:
            peer.users.pop(user_id, None)
        if count and not before:
            self.arrive(user_id)
        elif before:
            self.depart_if_gone(user_id, now)

    def forget(self, name: str, now: float) -> None:
        """Forgets a process that ended or fell silent, together with its users."""
        peer = self.peers.pop(name, None)
        if peer is not None:
            self._unsubscribe(peer, set(peer.topics))
            for user_id in list(peer.users):
                self.set_count(peer, user_id, 0, now)


# -- for threads and for processes without an event loop, which read the lease ---------------------------------------

_here: Presence | None = None


def attach(presence: Presence | None) -> None:
    """Makes `presence` answer the questions below in this process; with None the broker's lease answers them."""
    global _here
    _here = presence


def online_users(user_ids: Iterable[int]) -> set[int]:
    """Returns those of the users who have a live socket; none where this process has no sockets and the broker is down."""
    asked = list(user_ids)
    if _here is not None:
        return {user_id for user_id in asked if _here.is_online(user_id)}
    if not asked:
        return set()
    try:
        scores = leases_of(asked)
    except redis.RedisError as error:
        log.warning("who is online is not known: %s", error)
        return set()
    since = clock.unix() - LEASE_S  # leases use the real clock, whatever `now` a caller passes elsewhere
    return {user_id for user_id, score in zip(asked, scores, strict=True) if score is not None and score > since}


def is_online(user_id: int) -> bool:
    """Whether the user has a live socket in any process. It may be called in any thread of any process."""
    return bool(online_users([user_id]))


def is_subscribed(user_id: int, topic: str) -> bool:
    """Whether a socket of the user has joined the topic; always False in a process without sockets."""
    return _here is not None and _here.is_subscribed(user_id, topic)


def socket_count(user_id: int) -> int:
    """Returns the number of the user's live sockets in all processes; always 0 in a process without sockets."""
    return 0 if _here is None else _here.socket_count(user_id)
