"""The site as an app: what stands without a network, how long, and what is pushed, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Worker, expect

from tests import waiting
from tests.factories.accounts import make_user
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visit = Callable[..., Visitor]
KEPT = "async () => (await (await caches.open('inbox-v1')).keys()).length"


def open_inbox(page: Page) -> None:
    """The inbox, with the service worker in charge and a copy kept."""
    page.goto("/inbox/")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    until(page, f"({KEPT})().then((n) => n > 0)")


def test_the_last_inbox_stands_without_a_network_and_goes_with_the_sign_in(visit: Visit) -> None:
    visitor = visit(make_user("rahim"), width=360)
    page = visitor.page
    open_inbox(page)
    go_offline(visitor, True)
    shown = page.goto("/inbox/")
    assert '<span class="connection__words">You are offline.' in shown.text()
    visitor.picture("inbox-offline")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    page.goto("/trips/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    go_offline(visitor, False)
    page.goto("/inbox/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/")
    assert page.evaluate(KEPT) == 0
    go_offline(visitor, True)
    page.goto("/inbox/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()


def until(where: Page | Worker, promise: str) -> None:
    """Waits until what the promise gives is true."""
    waiting.until(lambda: where.evaluate(promise))


def go_offline(visitor: Visitor, is_offline: bool) -> None:
    visitor.is_cut = is_offline
    visitor.context.set_offline(is_offline)


def test_the_inbox_of_one_is_never_shown_to_the_next(visit: Visit) -> None:
    visitor = visit(make_user("rahim"))
    page = visitor.page
    open_inbox(page)
    page.context.clear_cookies()  # the session ended elsewhere
    page.goto("/")
    until(page, "caches.has('inbox-v1').then((is_there) => !is_there)")


def test_a_push_is_shown_once_and_names_its_page(visit: Visit) -> None:
    visitor = visit(make_user("rahim"))
    page = visitor.page
    open_inbox(page)
    message = {
        "id": 90,
        "kind": "offer.made",
        "title": "Mina asks ৳5,200",
        "url": "/inbox/17/",
        "at": "2026-11-22T10:00:00.000Z",
    }
    # A browser without a desktop shows nothing: what the worker asks it to show is noted instead.
    worker = page.context.service_workers[0]
    worker.evaluate(
        """() => {
          self.asked = [];
          registration.showNotification = async (title, { tag, data }) => void asked.push([tag, title, data.url]);
        }"""
    )
    for _ in range(2):
        push(page, message)
    until(worker, "asked.length === 2")
    # Of one tag a browser shows one, the last.
    assert worker.evaluate("asked") == [["staynest-90", "Mina asks ৳5,200", "/inbox/17/"]] * 2


def push(page: Page, message: dict[str, Any]) -> None:
    """As the browser's push service hands a decrypted message over."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.disable")
    session.send("ServiceWorker.enable")
    for _ in range(50):
        if found:
            break
        page.wait_for_timeout(20)
    origin = page.evaluate("location.origin")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[0]["registrationId"], "data": json.dumps(message)},
    )


def test_channels_are_chosen_on_one_page(visit: Visit) -> None:
    user = make_user("rahim")
    visitor = visit(user, width=360)
    page = visitor.go("/profile/preferences/")
    assert visitor.overflow() == []
    page.goto("/profile/preferences/")
    page.get_by_role("checkbox", name="Somebody writes to you Push").uncheck()
    visitor.picture("preferences")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    user.notification_preference.refresh_from_db()
    assert (user.notification_preference.unpushed_kinds, user.notification_preference.unmailed_kinds) == (
        ["message.sent"],
        [],
    )


def test_the_site_can_be_installed(visit: Visit) -> None:
    page = visit().page
    page.goto("/")
    session = page.context.new_cdp_session(page)
    assert session.send("Page.getAppManifest")["errors"] == []
    problems = {one["errorId"] for one in session.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    # A browser of a test is always a private one.
    assert problems <= {"in-incognito"}
