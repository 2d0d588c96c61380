"""Tokens in mailed links: each reader takes its own kind only, and answers a broken one with None."""

from __future__ import annotations

import pytest
from django.core import signing

from accounts.mail_links import (
    CONFIRM_SALT,
    UNDO_SALT,
    UNSUBSCRIBE_SALT,
    read_confirm_email_token,
    read_undo_token,
    read_unsubscribe_token,
)

READERS = {
    UNDO_SALT: (read_undo_token, 7, 7),
    UNSUBSCRIBE_SALT: (read_unsubscribe_token, 7, 7),
    CONFIRM_SALT: (read_confirm_email_token, [7, "rita@example.com"], (7, "rita@example.com")),
}
BROKEN = ["", "x", "7", "a:b:c", "\x00", "é", "x" * 5000]
OTHER_CONTENT = [None, "7", {}, [], [7], ["7", "rita@example.com"], [7, None], [7, "rita@example.com", 1]]


@pytest.mark.parametrize("salt", READERS)
def test_a_token_is_read_by_its_own_reader_only(salt):
    reader, held, read = READERS[salt]
    assert reader(signing.dumps(held, salt=salt)) == read
    for other in READERS:
        if other != salt:
            assert reader(signing.dumps(held, salt=other)) is None


@pytest.mark.parametrize("salt", READERS)
def test_a_broken_token_reads_as_none(salt):
    reader, held, _ = READERS[salt]
    whole = signing.dumps(held, salt=salt)
    for token in [*BROKEN, whole[:-1], whole + "x", *(signing.dumps(one, salt=salt) for one in OTHER_CONTENT)]:
        assert reader(token) is None, token


def test_a_link_that_confirms_an_address_ends_after_a_week(monkeypatch):
    _, held, read = READERS[CONFIRM_SALT]
    token = signing.dumps(held, salt=CONFIRM_SALT)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 7 * 86400 - 60)
    assert read_confirm_email_token(token) == read
    monkeypatch.setattr(signing.time, "time", lambda: now + 7 * 86400 + 60)
    assert read_confirm_email_token(token) is None
