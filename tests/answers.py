"""A pytest plugin: every answer that a test gets of the REST door is held against the REST schema.

So each test that calls an operation is a test of its schema too: the status and, for a refusal, its code have to stand
there, and the body has to be as described. What is said here of a new endpoint tells how to describe it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
import orjson
import pytest
from django.test.client import ClientHandler

CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A fault that a test makes on purpose; 405 is the answer of an operation that there is not.
LEFT_OUT = (405, 500)
HINT = (
    "Describe it in its view: @extend_schema(request=…, responses={200: …}) with the words of core/api/json_schema.py, "
    "**paged(row) for a list, @refuses(Code.…) for the code of a refusal. docs/clients.md tells more"
)
# (method, path) of every operation that succeeded so far in this process.
SUCCEEDED: set[tuple[str, str]] = set()
_call = ClientHandler.__call__


def pytest_configure(config: pytest.Config) -> None:
    ClientHandler.__call__ = checked  # type: ignore[method-assign]


def pytest_unconfigure(config: pytest.Config) -> None:
    ClientHandler.__call__ = _call  # type: ignore[method-assign]


def checked(handler: ClientHandler, environ: Any) -> Any:
    """Django's own test handler; the answer of an operation is compared with its schema. Raises AssertionError."""
    response = _call(handler, environ)
    match = response.wsgi_request.resolver_match
    if match is None or not hasattr(match.func, "cls") or response.status_code in LEFT_OUT:
        return response
    method, path = environ["REQUEST_METHOD"], "/" + CONVERTER.sub(r"{\1}", match.route)
    if method in METHODS and path in operations():
        fault = fault_of(method, path, response)
        if response.status_code < 300:
            SUCCEEDED.add((method, path))
        assert not fault, f"{method} {path} answered {response.status_code}: {fault}. {HINT}"
    return response


@cache
def document() -> dict[str, Any]:
    from core.api.openapi import encoded

    schema: dict[str, Any] = orjson.loads(encoded())
    return schema


def operations() -> dict[str, Any]:
    paths: dict[str, Any] = document()["paths"]
    return paths


def fault_of(method: str, path: str, response: Any) -> str:
    """What the schema does not say of an answer; nothing, as a rule."""
    operation = operations()[path].get(method.lower())
    if operation is None:
        return "" if response.status_code == 405 else "the method is not in the schema"
    declared = operation["responses"].get(str(response.status_code))
    if declared is None:
        return f"the status is not in the schema; {response.content[:200]!r}"
    content = declared.get("content", {})
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if not content:
        return "" if not response.content else "there is a body, and none in the schema"
    if kind not in content:
        return f"{kind or 'no body'} in place of {', '.join(content)}"
    return _body_fault(method, path, response) if kind == "application/json" else ""


def _body_fault(method: str, path: str, response: Any) -> str:
    body = orjson.loads(response.content)
    error = next(validator(method, path, response.status_code).iter_errors(body), None)
    if error is None:
        return ""
    place = "/".join(map(str, error.instance_path))
    return f"{error.message[:300]} (at /{place})"


@cache
def registry() -> Any:
    """The document's parts by their place; made once, since that takes as long as hundreds of comparisons."""
    return jsonschema_rs.Registry([("urn:staynest", document())])


@cache
def validator(method: str, path: str, status: int) -> Any:
    """The compiled schema of an operation's answer."""
    place = path.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    pointer = f"urn:staynest#/paths/{place}/{method.lower()}/responses/{status}/content/application~1json/schema"
    return jsonschema_rs.Draft202012Validator({"$ref": pointer}, registry=registry(), validate_formats=True)
