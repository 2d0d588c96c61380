"""A push service of the tests, and a person whose browser is known to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Notification
from accounts.services.notifications import notify
from core import clock
from tests.accounts.push_service import PushService, running
from tests.factories.accounts import api_of, make_user

PATH = "/auth/push/"


@pytest.fixture(scope="module")
def _service() -> Iterator[PushService]:
    with running() as service:
        yield service


@pytest.fixture
def service(_service: PushService, settings: Any, transactional_db: None) -> PushService:
    for kept in (_service.browsers, _service.answers, _service.asked, _service.keys):
        kept.clear()
    settings.PUSH_ALLOW_HOSTS = [_service.address]
    return _service


class Person:
    """Somebody whose browser is subscribed."""

    def __init__(self, service: PushService, path: str = "/wpush/v2/abc") -> None:
        self.user = make_user()
        self.api = api_of(self.user)
        self.browser = service.browser(path)
        self.subscribe()

    def subscribe(self) -> Any:
        answer = self.api.post(PATH, self.browser.subscription())
        assert answer.status_code == 201, answer.data
        return answer.data

    def told(self, kind: str = "offer.made", title: str = "Mina asks ৳5,200", **more: Any) -> Notification:
        return notify(user_id=self.user.pk, kind=kind, title=title, now=clock.now(), **more)


@pytest.fixture
def rahim(service: PushService) -> Person:
    return Person(service)
