"""Ways round the doors that no table of permissions shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Document, User
from accounts.services.documents import review_document
from core import clock
from core.api import rate_limits
from core.errors import DomainError
from core.server import request_bodies
from core.web.wsgi_bridge import WsgiBridge
from tests.accounts.test_sign_up import BODY
from tests.factories.accounts import NOON, make_user

FRONTEND = "http://localhost:8081"


@pytest.mark.django_db
def test_who_has_an_account_is_not_to_be_found_out_by_trying(api: APIClient) -> None:
    api.post("/auth/signup/", BODY)
    statuses = []
    for number in range(61):
        rate_limits.forget_all()  # the door's own allowance, which is not what is asked about here
        statuses.append(api.post("/auth/signup/", BODY | {"username": f"other{number}"}).status_code)
    assert statuses == [400] * 60 + [429]


@pytest.mark.django_db
def test_no_verifier_judges_a_document_of_their_own() -> None:
    verifier = make_user(is_staff=True)
    own = Document.objects.create(
        user=verifier, kind="nid", content_type="image/png", size=3, uploaded_at=NOON, file="x"
    )
    with pytest.raises(DomainError, match="own document"):
        review_document(document_id=own.pk, reviewer=verifier, approve=True, now=clock.now())
    assert not User.objects.filter(verified=True).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/login/", "/admin/login/", "/homes/999/", "/api/docs/"])
def test_a_page_runs_no_script_but_ours_and_sits_in_no_frame(client: Client, path: str) -> None:
    answer = client.get(path)
    policy = dict(rule.strip().split(" ", 1) for rule in answer["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/auth/user/", "auth.required"),
        ("/api/nothing/", "not_found"),
        ("/guest/api/booking_details/1/", "auth.required"),
    ],
)
def test_the_frontend_can_read_a_refusal(api: APIClient, settings: Any, path: str, code: str) -> None:
    settings.CORS_ALLOWED_ORIGINS = [FRONTEND]
    answer = api.get(path, HTTP_ORIGIN=FRONTEND)
    assert (answer.json()["code"], answer["Access-Control-Allow-Origin"]) == (code, FRONTEND)
    exposed = answer["Access-Control-Expose-Headers"].lower()
    assert all(name in exposed for name in ("link", "retry-after"))
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in api.get(path, HTTP_ORIGIN="http://evil.example")


def test_the_frontend_can_read_that_its_photo_was_too_large(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [FRONTEND]
    answer = client.post(
        "/auth/login/", "x", "text/plain", CONTENT_LENGTH=str(2 * request_bodies.MB), HTTP_ORIGIN=FRONTEND
    )
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (413, FRONTEND)


@pytest.mark.parametrize(("origin", "readable"), [(FRONTEND, True), ("http://evil.example", False)])
async def test_also_where_the_body_was_not_even_read(settings: Any, origin: str, readable: bool) -> None:
    settings.CORS_ALLOWED_ORIGINS = [FRONTEND]
    sent: list[Any] = []
    headers = [(b"content-length", b"99999999"), (b"origin", origin.encode())]
    bridge = WsgiBridge(lambda *_: [], 1)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    await bridge({"path": "/auth/login/", "headers": headers}, receive, send)
    bridge.close()
    assert sent[0]["status"] == 413
    assert ((b"access-control-allow-origin", origin.encode()) in sent[0]["headers"]) is readable
