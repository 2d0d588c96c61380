"""Refusals outside the views: one shape for REST clients, a page for people, never a traceback."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from core.web import error_responses


@pytest.mark.parametrize(
    "path", ["/api/nothing/", "/auth/nothing/", "/host/api/nothing/", "/api/mylistings", "/api/nego/x/"]
)
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.django_db
def test_an_unknown_rest_path_is_the_error_object(client: Client, settings, path: str, debug: bool) -> None:
    settings.DEBUG = debug
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_host_that_is_not_ours_is_malformed_to_a_rest_client(client: Client) -> None:
    answer = client.get("/api/nothing/", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "command.malformed")


@pytest.mark.django_db
def test_an_unknown_page_is_a_page(client: Client) -> None:
    answer = client.get("/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("fault", "status"), [(OperationalError("gone"), 503), (ValueError("a fault"), 500)])
def test_a_fault_tells_nothing_of_itself(fault: Exception, status: int) -> None:
    try:
        raise fault
    except Exception:
        answer = error_responses.server_error(RequestFactory().get("/"))
    assert answer.status_code == status
    assert str(fault).encode() not in answer.content


def test_the_answer_names_the_request(client: Client) -> None:
    assert client.get("/healthz/", headers={"x-request-id": "from-the-proxy"})["X-Request-ID"] == "from-the-proxy"
    assert client.get("/healthz/", headers={"x-request-id": "x\n"})["X-Request-ID"] != "x\n"
