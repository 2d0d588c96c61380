"""How far a party has read: only forwards, never past the end, and nothing of it for strangers."""

import pytest

from core.errors import DomainError
from negotiation.services.seen_marks import mark_seen
from tests.factories.accounts import make_user
from tests.negotiation.play import opened

pytestmark = pytest.mark.django_db


def test_a_mark_goes_forwards_to_the_end_and_stays_there():
    play = opened()
    id, guest = play.negotiation.pk, play.guest.pk
    last = play.negotiation.last_seq
    assert [mark_seen(id, guest, seq) for seq in (1, 99, 1, last)] == [1, last, None, None]
    assert mark_seen(id, play.host.pk, 1) == 1


def test_there_is_nothing_to_mark_for_a_stranger():
    play = opened()
    for id, user in ((play.negotiation.pk, make_user().pk), (play.negotiation.pk + 1000, play.guest.pk)):
        with pytest.raises(DomainError) as refused:
            mark_seen(id, user, 1)
        assert refused.value.code == "not_found"
