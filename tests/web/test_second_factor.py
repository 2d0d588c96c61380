"""The second factor in a real browser: an app by its QR code's key, and a passkey of the browser's own device."""

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Passkey, RecoveryCode
from accounts.services.second_factors import waiting_app
from tests.factories.accounts import PASSWORD, make_user
from tests.servers import ServerProcess
from tests.web.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/profile/second-factor/"


def log_in(page: Page, url: str = "/login/") -> None:
    page.goto(url)
    page.get_by_label("User name").fill("rahim")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def device_of(page: Page) -> None:
    """A passkey device in this browser that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_person_sets_up_an_app_and_is_asked_for_it(visit: Callable[..., Visitor]) -> None:
    user = make_user("rahim", password=PASSWORD)
    page = visit(user, width=360).page
    page.goto(PAGE)
    page.locator("section", has_text="Authenticator app").get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up an app").click()
    expect(page.get_by_alt_text("QR code for your authenticator app")).to_be_visible()
    secret = waiting_app(user)
    assert secret is not None
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm the code").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == RecoveryCode.objects.count() == 10
    page.context.clear_cookies()
    log_in(page)
    page.get_by_role("textbox", name="Code").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/")
    page.goto("/profile/")
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()


def test_a_passkey_is_added_and_signs_in_alone(browser: Browser, server: ServerProcess) -> None:
    make_user("rahim", password=PASSWORD)
    # A passkey belongs to a name; an address of numbers has none.
    context: Any = browser.new_context(base_url=f"http://localhost:{server.port}", locale="en-GB")
    page = context.new_page()
    device_of(page)
    log_in(page)
    page.goto(PAGE)
    page.get_by_label("Name of the device").fill("My laptop")
    page.locator("[data-add-passkey]").get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert Passkey.objects.get().name == "My laptop"
    context.clear_cookies()
    page.goto("/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("button", name="Log out")).to_be_attached()
    context.close()
