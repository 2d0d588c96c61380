"""The second factor: app, recovery codes, passkeys; at every door that a password opens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.mail_links import password_reset_parts
from accounts.models import PasskeyChallenge, RecoveryCode, TotpDevice, User
from accounts.services import second_factors
from accounts.services.passkeys import forget_challenges
from core import clock
from tests.accounts.authenticator import Authenticator
from tests.factories.accounts import PASSWORD, api_of, make_user

pytestmark = pytest.mark.django_db
LOGIN = {"username": "rahim", "password": PASSWORD}


@pytest.fixture
def rahim() -> User:
    return make_user("rahim", password=PASSWORD)


def set_up(user: User) -> tuple[pyotp.TOTP, list[str]]:
    """An app that counts, and the recovery codes that came with it."""
    api = api_of(user)
    begun = api.post("/auth/second-factor/totp/", {"password": PASSWORD})
    assert begun.status_code == 200
    app = pyotp.TOTP(begun.data["secret"])
    assert begun.data["uri"].startswith("otpauth://totp/StayNest:rahim?")
    done = api.post("/auth/second-factor/totp/confirm/", {"code": app.now()})
    assert done.status_code == 200
    # So that the code of this half minute counts again.
    TotpDevice.objects.update(last_step=0)
    return app, done.data["recovery_codes"]


def add_key(user: User, **kwargs: Any) -> tuple[Authenticator, Any]:
    api, device = api_of(user), Authenticator(**kwargs)
    options = api.post("/auth/passkeys/options/", {"password": PASSWORD})
    return device, api.post("/auth/passkeys/", {"name": "Phone", "credential": device.make(options.json())})


def test_without_one_the_password_is_enough(rahim: User, api: APIClient) -> None:
    assert api.post("/auth/login/", LOGIN).status_code == 200
    assert api_of(rahim).get("/auth/second-factor/").data == {
        "totp": False, "recovery_codes_left": 0, "passkeys": [], "needed": False,
    }  # fmt: skip


def test_an_app_is_asked_for_from_its_first_code_on(rahim: User, api: APIClient) -> None:
    assert api_of(rahim).post("/auth/second-factor/totp/", {"password": "wrong"}).status_code == 400
    assert api_of(rahim).post("/auth/second-factor/totp/", {"password": PASSWORD}).status_code == 200
    assert api.post("/auth/login/", LOGIN).status_code == 200  # begun only
    app, codes = set_up(rahim)
    refused = api.post("/auth/login/", LOGIN)
    assert (refused.status_code, refused.data["code"]) == (400, "auth.second_factor")
    assert refused.data["params"] == {"methods": ["totp", "recovery"]}
    assert api.post("/auth/login/", LOGIN | {"code": app.now()}).status_code == 200
    assert (len(codes), len(set(codes))) == (10, 10)


def test_no_code_counts_twice(rahim: User, api: APIClient) -> None:
    app, codes = set_up(rahim)
    for code in (app.now(), codes[0]):
        assert api.post("/auth/login/", LOGIN | {"code": code}).status_code == 200
        again = api.post("/auth/login/", LOGIN | {"code": code})
        assert (again.status_code, again.data["code"]) == (400, "auth.bad_credentials")
    assert api.post("/auth/login/", LOGIN | {"code": codes[1].replace("-", " ").upper()}).status_code == 200
    assert api_of(rahim).get("/auth/second-factor/").data["recovery_codes_left"] == 8


@pytest.mark.django_db(transaction=True)
def test_of_many_with_one_code_at_once_one_gets_in(rahim: User) -> None:
    app, codes = set_up(rahim)

    def attempt(code: str) -> int:
        try:
            return int(APIClient().post("/auth/login/", LOGIN | {"code": code}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for code in (app.now(), codes[0]):
            assert sorted(pool.map(attempt, [code] * 4)) == [200, 400, 400, 400]


def test_a_guesser_who_knows_the_password_gets_ten_tries(rahim: User, api: APIClient) -> None:
    app, _ = set_up(rahim)
    for _ in range(10):
        assert api.post("/auth/login/", LOGIN | {"code": "000001"}).status_code == 400
    assert api.post("/auth/login/", LOGIN | {"code": app.now()}).status_code == 429


def test_clocks_half_a_minute_off_are_fine_and_two_are_not(rahim: User, api: APIClient) -> None:
    app, _ = set_up(rahim)
    now = clock.now()
    assert api.post("/auth/login/", LOGIN | {"code": app.at(now + timedelta(seconds=30))}).status_code == 200
    assert api.post("/auth/login/", LOGIN | {"code": app.at(now - timedelta(seconds=90))}).status_code == 400


def test_secrets_are_not_in_the_database_as_they_are(rahim: User) -> None:
    app, codes = set_up(rahim)
    assert app.secret not in TotpDevice.objects.get().secret
    stored = {bytes(row.digest) for row in RecoveryCode.objects.all()}
    assert not [code for code in codes if code.encode() in stored]


def test_a_mailbox_alone_sets_no_password(rahim: User, api: APIClient) -> None:
    app, _ = set_up(rahim)
    uid, token = password_reset_parts(rahim)
    body = {"uid": uid, "token": token, "new_password": "another-password-1"}
    assert api.post("/auth/password/reset/confirm/", body).data["code"] == "auth.second_factor"
    assert api.post("/auth/password/reset/confirm/", body | {"code": app.now()}).status_code == 200


def test_removing_it_needs_the_password_and_takes_the_codes_along(rahim: User, api: APIClient) -> None:
    set_up(rahim)
    own = api_of(rahim)
    assert own.delete("/auth/second-factor/totp/", {"password": "wrong"}).status_code == 400
    assert own.delete("/auth/second-factor/totp/", {"password": PASSWORD}).status_code == 204
    assert not RecoveryCode.objects.exists()
    assert api.post("/auth/login/", LOGIN).status_code == 200


def test_new_codes_make_the_old_ones_void(rahim: User, api: APIClient) -> None:
    _, codes = set_up(rahim)
    fresh = api_of(rahim).post("/auth/second-factor/recovery-codes/", {"password": PASSWORD}).data["recovery_codes"]
    assert api.post("/auth/login/", LOGIN | {"code": codes[0]}).status_code == 400
    assert api.post("/auth/login/", LOGIN | {"code": fresh[0]}).status_code == 200


def test_a_passkey_signs_in_alone_and_as_a_second_factor(rahim: User, api: APIClient) -> None:
    device, added = add_key(rahim)
    assert added.status_code == 201
    assert len(added.data["recovery_codes"]) == 10
    options = api.post("/auth/login/passkey/").json()
    alone = api.post("/auth/login/", {"passkey": device.sign(options)})
    assert (alone.status_code, alone.data["user"]["username"]) == (200, "rahim")
    assert api.post("/auth/login/", LOGIN).data["params"]["methods"] == ["passkey", "recovery"]
    options = api.post("/auth/login/passkey/").json()
    assert api.post("/auth/login/", LOGIN | {"passkey": device.sign(options)}).status_code == 200


def test_a_signed_challenge_counts_once_and_for_five_minutes(rahim: User, api: APIClient) -> None:
    device, _ = add_key(rahim)
    signed = device.sign(api.post("/auth/login/passkey/").json())
    assert api.post("/auth/login/", {"passkey": signed}).status_code == 200
    assert api.post("/auth/login/", {"passkey": signed}).status_code == 400
    late = device.sign(api.post("/auth/login/passkey/").json())
    PasskeyChallenge.objects.update(expires_at=clock.now())
    assert api.post("/auth/login/", {"passkey": late}).status_code == 400
    assert forget_challenges(clock.now()) > 0


def test_what_another_site_or_key_signs_opens_nothing(rahim: User, api: APIClient) -> None:
    device, _ = add_key(rahim)
    stranger = Authenticator()
    stranger.id = device.id
    phishing = Authenticator(origin="http://testserver.evil.example")
    phishing.id, phishing.key = device.id, device.key
    for one in (stranger, phishing):
        signed = one.sign(api.post("/auth/login/passkey/").json())
        assert api.post("/auth/login/", {"passkey": signed}).status_code == 400
    unverified = device.sign(api.post("/auth/login/passkey/").json(), verified=False)
    assert api.post("/auth/login/", {"passkey": unverified}).status_code == 400
    made_for_me = make_user("mina", password=PASSWORD)
    add_key(made_for_me)
    mine = device.sign(api.post("/auth/login/passkey/").json())
    body = {"username": "mina", "password": PASSWORD, "passkey": mine}
    assert api.post("/auth/login/", body).status_code == 400


@pytest.mark.parametrize(
    "passkey",
    [{}, {"id": "x"}, {"id": 5, "response": 5}, {"response": {"clientDataJSON": "!"}}, {"response": {"clientDataJSON": "e30"}}],
)  # fmt: skip
def test_nonsense_in_place_of_a_passkey_is_refused(api: APIClient, passkey: dict[str, Any]) -> None:
    assert api.post("/auth/login/", {"passkey": passkey}).status_code == 400


def test_a_key_on_another_origin_is_not_added(rahim: User) -> None:
    _, answer = add_key(rahim, origin="https://evil.example")
    assert (answer.status_code, list(answer.data["fields"])) == (400, ["credential"])


def test_the_pages_ask_in_two_steps(rahim: User) -> None:
    app, codes = set_up(rahim)
    browser = Client()
    step = browser.post("/login/?next=/trips/", LOGIN, follow=True)
    assert step.redirect_chain[-1][0] == "/login/second-step/?next=%2Ftrips%2F"
    assert browser.get("/profile/").status_code == 302  # not in yet
    assert browser.post("/login/second-step/?next=/trips/", {"code": "000001"}).status_code == 400
    done = browser.post("/login/second-step/?next=/trips/", {"code": app.now()})
    assert (done.status_code, done["Location"]) == (302, "/trips/")
    assert browser.get("/profile/").status_code == 200
    assert codes


def test_another_password_voids_a_step_that_was_begun(rahim: User) -> None:
    app, _ = set_up(rahim)
    browser = Client()
    browser.post("/login/", LOGIN)
    rahim.set_password("another-password-1")
    rahim.save()
    assert browser.post("/login/second-step/", {"code": app.now()})["Location"] == "/login/"


def test_the_page_sets_an_app_up(rahim: User) -> None:
    browser = Client()
    browser.force_login(rahim)
    page = "/profile/second-factor/"
    assert browser.post(page, {"action": "begin", "password": "wrong"}).status_code == 400
    assert browser.post(page, {"action": "begin", "password": PASSWORD}).status_code == 302
    secret = second_factors.waiting_app(rahim)
    assert secret is not None
    shown = browser.get(page).content.decode()
    assert secret[:4] in shown
    assert "data:image/svg+xml" in shown
    done = browser.post(page, {"action": "confirm", "code": pyotp.TOTP(secret).now()})
    assert done.content.decode().count("<li><code>") == 10
    assert "<li><code>" not in browser.get(page).content.decode()  # shown once


def test_staff_come_in_with_a_second_factor_only(rahim: User) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    app, _ = set_up(rahim)
    browser = Client()
    step = browser.post("/login/?next=/admin/", LOGIN, follow=True)
    assert step.redirect_chain[-1][0] == "/login/second-step/?next=%2Fadmin%2F"
    assert browser.get("/admin/").status_code == 302
    browser.post("/login/second-step/?next=/admin/", {"code": app.now()})
    assert browser.get("/admin/").status_code == 200


def test_whoever_becomes_staff_signs_in_anew(rahim: User) -> None:
    app, _ = set_up(rahim)
    browser = Client()
    browser.post("/login/", LOGIN)
    browser.post("/login/second-step/", {"code": app.now()})
    User.objects.update(is_staff=True, is_superuser=True)
    assert browser.get("/admin/").status_code == 302
