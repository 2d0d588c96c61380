"""The uses of many tokens are noted with one statement, later than they were: what happens in between counts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts.models import AuthToken
from accounts.services.sign_ins import end_token, note_use
from accounts.services.token_uses import TokenUse, noting
from core.database import plain
from core.database.conversation import ask
from tests.factories.accounts import NOON, make_token, make_user

pytestmark = pytest.mark.django_db
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
MONTH = timedelta(seconds=settings.TOKEN_TTL_S)


def times_of(token: AuthToken) -> tuple[Any, Any]:
    token.refresh_from_db()
    return token.last_used_at, token.expiry


def note(*uses: TokenUse) -> None:
    plain.converse(ask(noting(uses)))


def test_uses_that_are_noted_late_neither_shorten_a_life_nor_bring_a_token_back() -> None:
    user = make_user()
    kept, ended, expired, endless = (make_token(user, now=NOON)[0] for _ in range(4))
    AuthToken.objects.filter(pk=endless.pk).update(expiry=None)
    AuthToken.objects.filter(pk=expired.pk).update(expiry=NOON + SECOND)
    note_use(kept, now=NOON + 90 * SECOND)
    end_token(ended)
    note(*(TokenUse(token.pk, NOON + 80 * SECOND, None) for token in (endless, expired, kept, ended)))
    assert times_of(kept) == (NOON + 90 * SECOND, NOON + 90 * SECOND + MONTH)
    assert times_of(expired) == (NOON, NOON + SECOND)
    assert times_of(endless) == (NOON + 80 * SECOND, None)
    assert not AuthToken.objects.filter(pk=ended.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_noting_waits_for_no_lock() -> None:
    """Two processes note the same tokens, or one ends a token at that moment: its row is left to the other."""
    held, free = (make_token(make_user(), now=NOON)[0] for _ in range(2))

    def elsewhere() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '1s'")
                note(TokenUse(held.pk, NOON + HOUR, None), TokenUse(free.pk, NOON + HOUR, None))
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        AuthToken.objects.select_for_update().get(pk=held.pk)
        pool.submit(elsewhere).result()
    assert times_of(held) == (NOON, NOON + MONTH)
    assert times_of(free) == (NOON + HOUR, NOON + HOUR + MONTH)
