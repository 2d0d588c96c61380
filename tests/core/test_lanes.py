"""Lanes to neighbours: how many are inside, how many wait, and who is refused."""

import threading

import pytest

from core.errors import DomainError
from core.lanes import Lane


def test_one_waits_for_a_place_and_gets_it() -> None:
    lane = Lane("tests", lambda: 1, patience_s=20.0, most_waiting=lambda: 1)
    inside, leave, second = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with lane.enter():
            inside.set()
            leave.wait(20)

    def then() -> None:
        with lane.enter():
            second.set()

    threads = [threading.Thread(target=first, daemon=True), threading.Thread(target=then, daemon=True)]
    threads[0].start()
    assert inside.wait(20)
    threads[1].start()
    leave.set()
    assert second.wait(20)
    for thread in threads:
        thread.join(20)
    assert (lane.busy, lane.waiting) == (0, 0)


@pytest.mark.parametrize(("patience_s", "most_waiting"), [(0.0, 1), (20.0, 0)])
def test_who_may_not_wait_is_refused_at_once(patience_s: float, most_waiting: int) -> None:
    lane = Lane("tests", lambda: 0, patience_s=patience_s, most_waiting=lambda: most_waiting)
    with pytest.raises(DomainError) as refused, lane.enter():
        pass
    assert refused.value.params == {"retry_after": 2}
    assert (lane.busy, lane.waiting) == (0, 0)
