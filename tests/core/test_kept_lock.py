"""The two calls do what `os.write` and `select.poll` do."""

import socket

import pytest

from core import kept_lock


@pytest.fixture
def pair():
    here, there = socket.socketpair()
    here.setblocking(False)
    yield here, there
    here.close()
    there.close()


def test_what_is_written_arrives_whole_with_its_zeros(pair):
    here, there = pair
    assert kept_lock.write(here.fileno(), b"a\x00b") == 3
    assert there.recv(10) == b"a\x00b"
    assert kept_lock.write(here.fileno(), b"") == 0


def test_a_full_connection_takes_a_part_and_then_nothing(pair):
    here, _ = pair
    large = bytes(10_000_000)
    assert 0 < kept_lock.write(here.fileno(), large) < len(large)
    assert kept_lock.write(here.fileno(), b"more") == 0


def test_a_peer_that_has_gone_is_an_error(pair):
    here, there = pair
    there.close()
    with pytest.raises(OSError, match="EPIPE"):
        kept_lock.write(here.fileno(), b"more")


def test_something_to_read_an_end_and_no_descriptor_at_all(pair):
    here, there = pair
    assert not kept_lock.has_something(here.fileno())
    there.send(b"x")
    assert kept_lock.has_something(here.fileno())
    here.recv(1)
    assert not kept_lock.has_something(here.fileno())
    there.close()
    assert kept_lock.has_something(here.fileno())
    number = here.fileno()
    here.close()
    assert kept_lock.has_something(number)
