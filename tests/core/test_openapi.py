"""The REST schema: complete, resolvable, and the deploy check that reads it is silent."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from core.errors import STATUS, Code
from tests.core.test_settings import GOOD
from tests.servers import ROOT


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    answer = client.get("/api/schema/?format=json")
    assert answer.status_code == 200
    return dict(json.loads(answer.content))


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in schema["paths"].items():
        for method, operation in found.items():
            yield path, method, operation


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


def test_every_list_comes_in_pages(schema: dict[str, Any]) -> None:
    endless = []
    for path, method, operation in operations(schema):
        body = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if method == "get" and body.get("type") == "array":
            names = {parameter.get("name") for parameter in operation.get("parameters", ())}
            endless += [path] if not {"limit", "cursor"} <= names else []
    assert endless == []


def test_every_rest_path_is_described(schema: dict[str, Any]) -> None:
    described = {re.sub(r"\{\w+\}", "{}", path) for path in schema["paths"]}
    there = {
        re.sub(r"\{\w+\}", "{}", path) for path in routes(get_resolver()) if path not in ("/api/schema/", "/api/docs/")
    }
    assert there - described == set()


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(schema)))
    assert names - set(schema["components"]["schemas"]) == set()


def test_every_operation_has_its_own_refusals(schema: dict[str, Any]) -> None:
    """No wildcard: each status with the codes that the operation can give, each code a real one."""
    codes = {}
    for path, method, operation in operations(schema):
        answers = operation["responses"]
        assert {"429", "503"} <= set(answers), (method, path)
        assert not {"4XX", "5XX", "default"} & set(answers), (method, path)
        for status in (status for status in answers if status[0] in "45"):
            error = answers[status]["content"]["application/json"]["schema"]
            named = schema["components"]["schemas"][error["$ref"].rsplit("/", 1)[-1]]["properties"]["code"]["enum"]
            assert {STATUS[Code(code)] for code in named} == {int(status)}, (method, path, status)
            codes[method, path, status] = set(named)
    assert codes["get", "/api/property/{property_id}/", "404"] == {"not_found", "property.not_listed"}
    assert codes["get", "/auth/user/", "401"] == {"auth.required"}
    assert "dates.taken" in codes["post", "/api/reserve/", "409"]
    assert ("get", "/api/properties/search/", "401") not in codes


def test_every_operation_is_named_and_grouped(schema: dict[str, Any]) -> None:
    """A summary, a group that is described, an id of its own; RestSchema tells where each comes from."""
    described = {tag["name"] for tag in schema["tags"]}
    ids = []
    for path, method, operation in operations(schema):
        assert operation.get("summary"), f"{method} {path}: give the view's method a docstring, its summary"
        assert set(operation["tags"]) <= described, (
            f"{method} {path}: give its path a group in TAGS (core/api/openapi.py)"
        )
        ids.append(operation["operationId"])
    assert len(set(ids)) == len(ids)


def test_every_success_says_what_it_answers(schema: dict[str, Any]) -> None:
    """A schema for each 2xx but 204, and none that allows anything at all."""
    for path, method, operation in operations(schema):
        for status, answer in operation["responses"].items():
            if status[0] == "2" and status != "204":
                assert answer.get("content"), f"{method} {path} {status}: say what it answers, in @extend_schema"
                for media in answer["content"].values():
                    assert media["schema"] not in ({}, {"type": "object"}), (method, path, status)


def test_pages_and_ids_are_declared(schema: dict[str, Any]) -> None:
    """A list says how its next page is found; an id in a path is a number, as it is in answers."""
    for path, method, operation in operations(schema):
        parameters = {parameter["name"]: parameter for parameter in operation.get("parameters", [])}
        for name in re.findall(r"\{(\w+_id)\}", path):
            assert parameters[name]["schema"]["type"] == ("string" if name == "sign_in_id" else "integer"), (
                method,
                path,
            )
        if "cursor" in parameters and path not in ("/api/properties/search/", "/api/saved/"):
            assert {"limit", "cursor"} <= set(parameters)
            assert "Link" in operation["responses"]["200"]["headers"]
            assert operation["operationId"].endswith("_list")
    search = schema["paths"]["/api/properties/search/"]["get"]["parameters"]
    assert "price_range" not in {parameter["name"] for parameter in search}


def test_bodies_take_null_and_empty_text_for_what_is_not_given(schema: dict[str, Any]) -> None:
    """And numbers as text: what a client checks before it sends is what the hub checks."""
    body = {"$ref": "#/components/schemas/SearchRequest", "components": schema["components"]}
    search = jsonschema_rs.Draft202012Validator(body)
    for nothing in ("", None, "any"):
        asked = dict.fromkeys(
            ("location", "check_in", "guests", "price_range", "category", "bbox", "superhost"), nothing
        )
        assert search.is_valid(asked)
    assert search.is_valid({"guests": "2", "price_range": {"min": 50, "max": "2000"}, "category": "stay_with_meals"})
    assert not search.is_valid({"guests": "two"})
    step = jsonschema_rs.Draft202012Validator(body | {"$ref": "#/components/schemas/Step4Request"})
    assert step.is_valid({"price": "950", "discounts": {"weeklyStay": "", "monthlyStay": 5}, "cleaning_fee": None})
    assert not step.is_valid({"price": ""})


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
        ("put", "/api/booking/{booking_id}/review/"),
        ("put", "/api/booking/{booking_id}/status/"),
        ("post", "/api/nego/start_negotiation_by_guest/"),
        ("put", "/api/nego/guest_proposed/{negotiation_id}/"),
        ("put", "/api/nego/host_proposed/{negotiation_id}/"),
        ("put", "/api/nego/update_status/{negotiation_id}/"),
        ("post", "/api/nego/{negotiation_id}/limit/"),
        ("post", "/api/nego/{negotiation_id}/messages/"),
        ("post", "/api/booking/{booking_id}/changes/"),
        ("put", "/api/booking/{booking_id}/changes/{change_id}/"),
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
