"""The short chain of REST's reads answers as the whole chain does: status, headers in their order, and body, at every door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import RequestFactory, override_settings

from core import clock
from core.server.answers import OpenFile
from core.web import rest_chain
from core.web.rest_chain import RestAwareHandler
from tests.permissions import asking
from tests.permissions.doors import fill
from tests.permissions.matrix import ELSEWHERE, Matrix
from tests.permissions.table import DOORS

CALLERS = ("anonymous", "party", "owner", "revoked")
ORIGIN = "http://localhost:8081"
PROPERTY = "/api/property/{property_id}/"
# What is drawn anew for each answer: the token of a form, the seal of a cursor.
DRAWN = re.compile(rb'(csrfmiddlewaretoken" value|csrf-token" content|data-server-time)="[^"]*"')
COOKIE = re.compile("(csrftoken|expires)=[^;]*")
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "from an allowed origin": (PROPERTY, {"HTTP_ORIGIN": ORIGIN}),
    "from another origin": (PROPERTY, {"HTTP_ORIGIN": "http://evil.example"}),
    "from an origin that can't be read": (PROPERTY, {"HTTP_ORIGIN": "http://[::"}),
    "in Bangla": ("/api/property/99999999/", {"HTTP_ACCEPT_LANGUAGE": "bn,en;q=0.5"}),
    "in a language that can't be read": (PROPERTY, {"HTTP_ACCEPT_LANGUAGE": "x" * 999}),
    "with a session cookie": ("/auth/user/", {"HTTP_COOKIE": "sessionid=x"}),
    "for another host": (PROPERTY, {"HTTP_HOST": "evil.example"}),
    "for a host that can't be read": (PROPERTY, {"HTTP_HOST": "a b"}),
    "at the frontend's prefix": ("/guest" + PROPERTY, {}),
    "two prefixes": ("/guest/host" + PROPERTY, {}),
    "no such path": ("/api/nothing/", {}),
    "an id that is none": ("/api/property/x/", {}),
    "a long path": ("/api/property/" + "9" * 300 + "/", {}),
    "a page": ("/", {}),
    "a page without a view": ("/nothing/", {}),
    "the schema": ("/api/schema/", {}),
    "with a body": (PROPERTY, {"CONTENT_LENGTH": "2", "CONTENT_TYPE": "application/json"}),
    "with a body that is too large": (PROPERTY, {"CONTENT_LENGTH": "99999999"}),
    "a length that is none": (PROPERTY, {"CONTENT_LENGTH": "x"}),
    "another format": (PROPERTY, {"QUERY_STRING": "format=xml"}),
    "another media type": (PROPERTY, {"HTTP_ACCEPT": "application/xml"}),
    "with an indent": (PROPERTY, {"HTTP_ACCEPT": "application/json; indent=4"}),
    "a wrong query": ("/api/properties/search/", {"QUERY_STRING": "check_in=never&limit=0"}),
    "a search": ("/api/properties/search/", {"QUERY_STRING": "guests=1&limit=1"}),
    "by https": (PROPERTY, {"wsgi.url_scheme": "https"}),
    "by another scheme": ("/auth/user/", {"HTTP_AUTHORIZATION": "Basic eDp4"}),
    "a key that is none": ("/auth/user/", {"HTTP_AUTHORIZATION": "Token \u00e9"}),
}
METHODS = ("GET", "HEAD", "OPTIONS", "POST")


@pytest.fixture
def both(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    monkeypatch.setattr(clock, "now", partial(lambda now: now, clock.now()))
    rest_chain.rest_view.cache_clear()
    # As in a server process, whose threads look at their connections themselves; here there is one for all requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield Both(matrix)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


class Both:
    """Sends a request through both handlers, each time with the same data."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix = matrix
        # How many requests took the short chain.
        self.short_reads = 0
        self.whole, self.short = WSGIHandler(), RestAwareHandler()

    def ask(self, method: str, path: str, **extra: Any) -> tuple[Any, Any]:
        environ = RequestFactory(REMOTE_ADDR=ELSEWHERE).generic(method, path, HTTP_X_REQUEST_ID="the-same-id").environ
        environ["wsgi.file_wrapper"] = OpenFile
        environ.pop("HTTP_COOKIE", None)  # Django's factory has an empty one, which no client sends
        return tuple(self.through(handler, {**environ, **extra}) for handler in (self.whole, self.short))  # type: ignore[return-value]

    def through(self, handler: Any, environ: dict[str, Any]) -> tuple[str, Any, tuple[bytes, bool]]:
        told: list[Any] = []
        before = transaction.savepoint()
        try:
            self.short_reads += handler is self.short and rest_chain.plain_read({**environ}) is not None
            answer = handler({**environ}, lambda status, headers: told.extend((status, headers)))
            body = b"".join(answer)
            if close := getattr(answer, "close", None):
                close()
        finally:
            transaction.set_rollback(False)
            transaction.savepoint_rollback(before)
        headers = [(name, COOKIE.sub("", value)) for name, value in told[1]]
        return told[0], headers, (DRAWN.sub(b"", body), isinstance(answer, OpenFile))


def test_every_door_of_rest_answers_alike_by_both_chains(both: Both) -> None:
    for method, route in DOORS:
        if method != "GET" or not route.startswith(("api/", "auth/", "/api", "/auth")):
            continue
        path = fill(route.lstrip("/"), both.matrix.values(route))
        body = asking.body_of(method, route, both.matrix.world)
        for caller in CALLERS:
            token = both.matrix.world.callers[caller].token
            extra = {"HTTP_AUTHORIZATION": f"Token {token}"} if token else {}
            query = "&".join(f"{name}={value}" for name, value in body.items())
            whole, by_short = both.ask("GET", path, QUERY_STRING=query, **extra)
            assert by_short == whole, f"{path} as {caller}"
    assert both.short_reads > 150


@pytest.mark.parametrize("secure", [False, True], ids=["", "https is forced"])
def test_odd_requests_are_answered_alike_by_both_chains(both: Both, secure: bool) -> None:
    token = both.matrix.world.callers["party"].token
    options = {"CORS_ALLOWED_ORIGINS": [ORIGIN], "TRUSTED_PROXIES": 1}
    if secure:
        options |= {"SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 99}
    with override_settings(**options):
        both.__init__(both.matrix)  # type: ignore[misc]  # middlewares read some settings when they are made
        for name, (path, extra) in CASES.items():
            for method in METHODS:
                asked = {"HTTP_AUTHORIZATION": f"Token {token}", **extra}
                whole, short = both.ask(method, path.format(**both.matrix.world.ids), **asked)
                assert short == whole, f"{method}, {name}"
        assert both.short_reads > (1 if secure else 20)


@pytest.mark.parametrize(
    ("services", "debug"), [(("auth",), False), (("auth", "host"), True)], ids=["not served here", "while developing"]
)
def test_settings_hold_for_both_chains(both: Both, settings: Any, services: tuple[str, ...], debug: bool) -> None:
    settings.SERVICES, settings.DEBUG = frozenset(services), debug
    path = PROPERTY.format(**both.matrix.world.ids)
    for one in (path, "/api/property/99999999/", "/auth/user/"):
        whole, short = both.ask("GET", one)
        assert short == whole
    assert both.short_reads


def test_a_fault_is_told_alike(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    match = rest_chain.rest_view(PROPERTY.format(**both.matrix.world.ids))
    assert match is not None
    monkeypatch.setattr(match.func.cls, "get", broken)  # type: ignore[attr-defined]
    whole, short = both.ask("GET", PROPERTY.format(**both.matrix.world.ids))
    assert short == whole
    assert whole[0].startswith("500")
    assert both.short_reads == 1


@pytest.mark.parametrize(
    "address",
    ["/media/x/y-1.jpg", "/media/drawn/home/house.png", "//evil/x", "/a/../b", "/a/./b", "/a b", "/ü.png", "x", "", "/a%2f",
     "https://cdn.example/x.png", "/a?b=ü", "/.x", "/a.b.c", "/a/.."],
)  # fmt: skip
def test_addresses_are_made_as_django_makes_them(address: str) -> None:
    environ = RequestFactory(HTTP_HOST="127.0.0.1:8000").generic("GET", "/api/x/y").environ
    fast, plain = rest_chain.Request({**environ}), WSGIHandler.request_class({**environ})
    assert fast.build_absolute_uri(address) == plain.build_absolute_uri(address)
    assert fast.build_absolute_uri() == plain.build_absolute_uri()
