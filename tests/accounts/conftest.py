"""A push service with a person whose browser is known to it; two people who have given all that an account can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile

from accounts.models import Document, Notification
from accounts.services.notifications import notify
from core import clock
from tests.accounts.push_service import PushService, running
from tests.accounts.test_sign_up import data_url
from tests.factories.accounts import PASSWORD, api_of, make_user
from tests.negotiation.play import Play

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
    """A user with one push subscription."""

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


@pytest.fixture
def play() -> Play:
    """A haggle between two people with profiles, a message and a document each."""
    play = Play()
    play.open("2000.00", message="My flight lands at nine.")
    for user in (play.guest, play.host):
        user.set_password(PASSWORD)
        user.save()
        api_of(user).patch("/auth/user/", {"phone": "+880 1711", "address": "Road 5", "profile_picture": data_url()})
        document = Document(user=user, kind="nid", content_type="image/png", size=3, uploaded_at=clock.now())
        document.file.save("x.png", ContentFile(b"png"), save=False)
        document.save()
    return play
