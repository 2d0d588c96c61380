"""What is refused is said in the reader's language, by REST and by pages, also to a repeat in another one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import User
from tests.factories.accounts import api_of, make_user
from tests.factories.stays import day, make_property

pytestmark = pytest.mark.django_db
BN = {"HTTP_ACCEPT_LANGUAGE": "bn-BD,bn;q=0.9,en;q=0.4"}
SIGN_UP = {"username": "maya", "email": "none", "password": "a-Long-one-71"}


def test_a_refusal_without_fields_is_in_the_language_asked_for(client: Client) -> None:
    asked = {"username": "nobody", "password": "wrong"}
    english = client.post("/auth/login/", asked, content_type="application/json")
    bangla = client.post("/auth/login/", asked, content_type="application/json", **BN)
    assert english.json()["message"] == "The user name or the password is wrong."
    assert bangla.json() == english.json() | {"message": "ব্যবহারকারীর নাম বা পাসওয়ার্ড ভুল।"}
    assert (english["Content-Language"], bangla["Content-Language"]) == ("en", "bn")
    assert "Accept-Language" in bangla["Vary"]


def test_what_is_refused_before_any_view_does_not_follow_the_request_before(client: Client) -> None:
    with override("bn"):
        english = client.post("/auth/login/", b"{}", content_type="application/json", CONTENT_LENGTH=str(10**9))
        bangla = client.post("/auth/login/", b"{}", content_type="application/json", CONTENT_LENGTH=str(10**9), **BN)
    assert (english.status_code, english.json()["message"]) == (413, "The body is larger than this address takes.")
    assert bangla.json()["message"] == "পাঠানো তথ্য এই ঠিকানার সীমার চেয়ে বড়।"
    assert client.get("/api/nothing/here/", **BN).json()["message"] == "এখানে এমন কিছু নেই।"


def test_fields_keep_their_names_and_change_their_texts(client: Client) -> None:
    english = client.post("/auth/signup/", SIGN_UP, content_type="application/json").json()
    bangla = client.post("/auth/signup/", SIGN_UP, content_type="application/json", **BN).json()
    assert english["fields"] == {"email": ["Give an e-mail address, such as name@example.com."]}
    assert bangla["fields"] == {"email": ["একটি ই-মেইল ঠিকানা দিন, যেমন name@example.com।"]}
    assert bangla["message"] == f"email: {bangla['fields']['email'][0]}"
    assert (bangla["code"], bangla["params"]) == (english["code"], english["params"])


def test_a_page_s_form_is_refused_in_the_page_s_language(client: Client) -> None:
    page = client.post("/login/", {"username": "nobody", "password": "wrong"}, **BN)
    assert "ব্যবহারকারীর নাম বা পাসওয়ার্ড ভুল।" in page.content.decode()


def test_what_a_page_asks_of_rest_is_answered_in_the_language_of_its_account(client: Client) -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(language="bn")
    client.force_login(user)
    answer = client.get("/api/reservation/123456789/", HTTP_ACCEPT_LANGUAGE="en")
    assert (answer.status_code, answer.json()["message"]) == (404, "এখানে এমন কিছু নেই।")
    assert answer["Content-Language"] == "bn"


def test_a_repeat_is_told_the_same_in_its_own_language() -> None:
    home, api = make_property(guests=2), api_of(make_user())
    body = {
        "property_id": home.pk, "booking_type": "stay", "start_date": day(0).isoformat(), "end_date": day(3).isoformat(),
        "number_of_guests": 3,
    }  # fmt: skip
    answers = [
        api.post("/guest/api/reserve/", body, format="json", HTTP_IDEMPOTENCY_KEY="one", **language).json()
        for language in ({}, BN, {}, BN)
    ]
    english, bangla = answers[0], answers[1]
    assert english["fields"]["number_of_guests"] == ["The property takes at most 2 guests."]
    assert bangla["fields"]["number_of_guests"] == ["এই বাসায় সর্বোচ্চ ২ জন অতিথি থাকতে পারেন।"]
    assert answers[2:] == answers[:2]
    assert bangla["code"] == english["code"] == "stay.too_many_guests"
