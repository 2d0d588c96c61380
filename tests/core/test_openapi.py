"""The REST schema: complete, resolvable, and the deploy check that reads it is silent."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from core.errors import STATUS
from tests.core.test_settings import GOOD
from tests.servers import ROOT


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    return dict(json.loads(answer.content))


def routes(resolver: URLResolver, prefix: str = "") -> set[str]:
    """Every REST path, with its parameters as the schema writes them."""
    found = set()
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= routes(pattern, route)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            found.add("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route))
    return found


def test_every_rest_path_is_described(schema: dict[str, Any]) -> None:
    described = {re.sub(r"\{\w+\}", "{}", path) for path in schema["paths"]}
    there = {
        re.sub(r"\{\w+\}", "{}", path) for path in routes(get_resolver()) if path not in ("/api/schema/", "/api/docs/")
    }
    assert there - described == set()


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert names - set(schema["components"]["schemas"]) == set()


def test_every_operation_tells_what_a_refusal_looks_like(schema: dict[str, Any]) -> None:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert {"4XX", "429", "503"} <= set(operation["responses"]), (method, path)
    assert set(schema["components"]["schemas"]["error"]["properties"]["code"]["enum"]) == set(STATUS)


def test_either_sign_in_will_do_and_public_doors_need_none(schema: dict[str, Any]) -> None:
    either: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
    step5 = "/api/property_registration/step5/{property_id}/"
    for path, method, wanted in [
        ("/api/reserve/", "post", either),
        (step5, "put", either),
        (step5, "get", [*either, {}]),
        ("/api/properties/search/", "put", [*either, {}]),
        ("/api/property/{property_id}/", "get", [*either, {}]),
        ("/api/property/{property_id}/quote/", "get", [*either, {}]),
        ("/api/review/{property_id}/", "get", [*either, {}]),
        ("/api/review/{property_id}/", "post", either),
    ]:
        assert schema["paths"][path][method]["security"] == wanted, (method, path)


def test_a_key_is_promised_where_it_is_kept(schema: dict[str, Any]) -> None:
    """What moves money, dates or offers, and what else a repeat would do twice."""
    promised = {
        (method, path)
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))
    }
    assert promised == {
        ("post", "/api/booking/{booking_id}/payment/"),
        ("put", "/api/booking/{booking_id}/status/"),
        ("post", "/api/nego/start_negotiation_by_guest/"),
        ("put", "/api/nego/guest_proposed/{negotiation_id}/"),
        ("put", "/api/nego/host_proposed/{negotiation_id}/"),
        ("put", "/api/nego/update_status/{negotiation_id}/"),
        ("post", "/api/nego/{negotiation_id}/messages/"),
        ("post", "/api/property/{property_id}/block/"),
        ("post", "/api/property/{property_id}/calendars/"),
        ("post", "/api/property/{property_id}/mark_interval_available/"),
        ("post", "/api/property/{property_id}/price/"),
        ("put", "/api/property/{property_id}/unlist/"),
        ("put", "/api/property/{property_id}/relist/"),
        ("put", "/api/property_registration/step4/{property_id}/"),
        ("put", "/api/property_registration/step7/{property_id}/"),
        ("post", "/api/reserve/"),
        ("post", "/api/review/{property_id}/"),
    }


def test_the_docs_page_brings_its_own_scripts(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert not re.findall(r'(?:src|href)="https?://', page)
    assert "<script>" not in page


def test_a_deployment_is_checked_without_a_warning() -> None:
    """`manage.py check --deploy` as docs/deploy.md asks for it, under production's settings."""
    environment = {
        **GOOD,
        "ENV_FILE": "/dev/null",
        "SECRET_KEY": "aB3-" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP",
        "PUBLIC_URL": "https://stay.example",
        "EMAIL_HOST": "mail.example",
    }
    command = [sys.executable, "-W", "ignore", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout
