"""A mail server that hangs, or ends the line when it may have taken the mail."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import OutgoingMail, User
from accounts.services.digests import send_digests
from accounts.services.mailing import send_mails
from accounts.services.notifications import notify
from core import clock
from core.local.embedded import die_with_parent
from core.models import ClockJob
from tests.accounts.mail_servers import mail_server
from tests.factories.accounts import NOON, make_user
from tests.hub.patience import until
from tests.servers import ROOT, database_url

HOUR = timedelta(hours=1)


@pytest.fixture
def rahim(db: None) -> User:
    return make_user("rahim", email_confirmed_at=NOON)


@pytest.fixture
def smtp(settings: Any) -> Any:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = "127.0.0.1", False, 1
    return settings


def test_what_may_have_arrived_is_sent_again_after_an_hour_and_then_ever_later(rahim: User, smtp: Any) -> None:
    notify(user_id=rahim.pk, kind="offer.made", title="Mina asks ৳5,200", now=NOON)
    start, sent_at = NOON + timedelta(minutes=5), []
    with mail_server(drops_after_data=True) as (smtp.EMAIL_PORT, mails):
        for minutes in range(0, 24 * 60, 5):
            before = len(mails)
            send_digests(start + timedelta(minutes=minutes))
            sent_at += [minutes] * (len(mails) - before)
    pauses = [later - earlier for earlier, later in pairwise(sent_at)]
    assert pauses[0] >= 60
    assert 3 <= len(pauses) <= 5
    assert pauses == sorted(pauses)
    assert b"Auto-Submitted: auto-generated" in mails[0]


def test_a_single_mail_that_may_have_arrived_waits_an_hour_too(rahim: User, smtp: Any) -> None:
    OutgoingMail.objects.create(user=rahim, kind="confirm_email", created_at=NOON, next_try_at=NOON)
    with mail_server(drops_after_data=True) as (smtp.EMAIL_PORT, mails):
        send_mails(NOON)
        send_mails(NOON + HOUR - timedelta(seconds=1))
        assert len(mails) == 1
        send_mails(NOON + HOUR)
        assert len(mails) == 2


def test_mails_are_kept_for_a_day_while_no_server_is_reached(rahim: User, smtp: Any) -> None:
    for _ in range(3):
        OutgoingMail.objects.create(user=rahim, kind="confirm_email", created_at=NOON, next_try_at=NOON)
    smtp.EMAIL_PORT = 1
    for hours in range(24):
        assert send_mails(NOON + hours * HOUR) == 0
    assert OutgoingMail.objects.count() == 3
    with mail_server() as (smtp.EMAIL_PORT, mails):
        assert send_mails(NOON + 25 * HOUR) == 3
    assert len(mails) == 3


def test_one_pass_waits_for_a_server_that_hangs_once(rahim: User, smtp: Any) -> None:
    for _ in range(20):
        OutgoingMail.objects.create(user=rahim, kind="confirm_email", created_at=NOON, next_try_at=NOON)
    smtp.EMAIL_TIMEOUT = 0.2
    with mail_server(hangs=True) as (smtp.EMAIL_PORT, _):
        assert send_mails(NOON) == 0
    assert OutgoingMail.objects.filter(tries=0).count() == 19


@pytest.mark.django_db(transaction=True)
def test_while_the_mail_server_hangs_the_clock_goes_on_with_everything_else() -> None:
    now = clock.now()
    user = make_user("rahim")
    OutgoingMail.objects.create(user=user, kind="confirm_email", created_at=now, next_try_at=now)
    with mail_server(hangs=True) as (port, _):
        settings = {
            "DJANGO_SETTINGS_MODULE": "core.settings",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(port),
            "EMAIL_USE_TLS": "0",
        }
        clock_process = subprocess.Popen(
            [sys.executable, "manage.py", "tick", "--every", "0.1"], cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url(), **settings},
            stdout=subprocess.DEVNULL, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
        try:
            until(lambda: OutgoingMail.objects.filter(tries=1).exists(), 30)
            passes = {ran_at("negotiation.auto_decline")}

            def goes_on() -> bool:
                passes.add(ran_at("negotiation.auto_decline"))
                return len(passes) > 3 or ran_at("accounts.mails") > 0

            until(goes_on, 30)
            assert len(passes) > 3, "passes in the ten seconds that the mail takes to fail"
        finally:
            clock_process.terminate()
            assert clock_process.wait(10) == 0, "a neighbour that hangs keeps no clock from ending"


def ran_at(name: str) -> float:
    """When the job last came to its end."""
    row = ClockJob.objects.filter(name=name).first()
    return row.ran_at.timestamp() if row else 0.0
