"""Asks at doors as somebody, and says in one word what came of it."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.contrib.messages import ERROR, get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings
from django.test.client import Client

from core.web.service_routing import is_rest
from tests.permissions import asking
from tests.permissions.doors import fill
from tests.permissions.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What stands in the table, by status; and at the REST door by code.
WORDS = {401: "401", 403: "403", 404: "404", 405: "405"}
USUAL = {"401": "auth.required", "403": "not_allowed", "404": "not_found", "405": "method_not_allowed"}
OTHERS = {"offer.not_your_turn": "turn", "invalid": "sign"}
# From elsewhere: to this machine itself the figures of /metrics are open.
ELSEWHERE = "192.0.2.7"
# A door that is there with another gateway only.
GATEWAYS: dict[str, Any] = {"api/payments/stripe/webhook/": override_settings(PAYMENT_GATEWAY="stripe")}
# Headers that differ between two answers to the same request.
FLEETING = ("X-Request-ID", "Content-Length")
# The CSRF token and the time, in a form, in a page's head, for its scripts.
CHANGING = re.compile(r'(csrfmiddlewaretoken" value|csrf-token" content|data-server-time)="[^"]*"')


@dataclass(frozen=True, slots=True)
class Answer:
    """`word` as in table.py, or 405, fault, or the code of a refusal."""

    word: str
    status: int
    body: str
    headers: dict[str, str]


class Asking(Client):
    """Django's test client without what it keeps of every answer (contexts, cookies): it costs more than the answers."""

    def request(self, **request: Any) -> Any:
        return self.handler(self._base_environ(**request))


class Matrix:
    """All doors of one world. Nothing that is asked lasts."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        self.client = Asking(REMOTE_ADDR=ELSEWHERE, **options)

    def ask(self, caller: str, method: str, route: str, *, missing: bool = False, by_cookie: bool = False) -> Answer:
        """One request with everything right but perhaps the caller; `missing`: about what is not there."""
        values = asking.missing_of(route, self.world) if missing else self.values(route)
        return self.send(caller, method, route, fill(route, values), by_cookie=by_cookie)

    def values(self, route: str) -> dict[str, Any]:
        return asking.values_of(route, self.world)

    def send(self, caller: str, method: str, route: str, path: str, *, by_cookie: bool = False) -> Answer:
        who = self.world.callers[caller]
        self.client.cookies.clear()
        headers: dict[str, str] = {}
        if is_rest(path) and not by_cookie:
            headers = {"Authorization": f"Token {who.token}"} if who.token else {}
        elif who.session:
            self.client.cookies["sessionid"] = who.session
        body = packed(method, path, asking.body_of(method, route, self.world))
        # No atomic block: what may not run inside a transaction (a gateway's call) shall notice nothing of this one.
        before = transaction.savepoint()
        try:
            with GATEWAYS.get(route, nullcontext()):
                return read(method, path, getattr(self.client, method.lower())(path, headers=headers, **body))
        finally:
            transaction.set_rollback(False)
            transaction.savepoint_rollback(before)


def packed(method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body as the door takes it: JSON at the REST door, a form where there is a file, and on pages."""
    plain = method == "GET" or not is_rest(path) or "sandbox" in path
    if plain or any(isinstance(value, SimpleUploadedFile) for value in body.values()):
        return {"data": body}
    return {"data": body, "content_type": "application/json"}


def read(method: str, path: str, response: Any) -> Answer:
    body = b"".join(response) if response.streaming else response.content
    headers = {name: value for name, value in response.items() if name not in FLEETING}
    word = rest_word(response) if is_rest(path) else page_word(method, response)
    return Answer(word, response.status_code, CHANGING.sub("", body.decode("utf-8", "replace")), headers)


def rest_word(response: Any) -> str:
    if response.status_code < 400:
        return "ok"
    known = WORDS.get(response.status_code, "fault")
    refusal = json.loads(response.content) if "json" in response.get("Content-Type", "") else {}
    code = str(refusal.get("code", "fault"))
    return known if USUAL.get(known) == code else OTHERS.get(code, code)


def page_word(method: str, response: Any) -> str:
    """A form that was taken leads elsewhere, with no word of refusal there."""
    if response.status_code == 302 and response["Location"].startswith(("/login/?next=", "/admin/login/?next=")):
        return "login"
    if response.status_code == 302:
        told = get_messages(response.wsgi_request)
        return "deny" if any(message.level >= ERROR for message in told) else "ok"
    if method != "GET" and response.status_code in (200, 400):
        return "again"
    return "ok" if response.status_code == 200 else WORDS.get(response.status_code, "fault")
