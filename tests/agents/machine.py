"""A machine at the door, as any client of the protocol would be: one HTTP request for each call, in either era."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import httpx2
import jsonschema_rs
from mcp.types import CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY

MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"
ERAS = (MODERN, HANDSHAKE)
WAIT_S = 70.0


class Refused(Exception):
    """The tool's error result."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body["code"])
        self.body, self.code, self.params = body, body["code"], body["params"]


def envelope(era: str) -> dict[str, Any]:
    """What the newer protocol wants in each request."""
    if era == HANDSHAKE:
        return {}
    return {
        "_meta": {
            PROTOCOL_VERSION_META_KEY: era,
            CLIENT_INFO_META_KEY: {"name": "test", "version": "1"},
            CLIENT_CAPABILITIES_META_KEY: {},
        }
    }


class Machine:
    """One key at one server process."""

    def __init__(self, url: str, key: str, era: str = MODERN) -> None:
        self.era, self.numbers = era, count(1)
        self.known: dict[str, Any] | None = None
        self.address = f"{url}/mcp/"
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        # No TLS here: a list of authorities would be read for each client.
        self.http = httpx2.Client(headers=headers, timeout=WAIT_S, verify=False)

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(self, method: str, params: dict[str, Any], **headers: str) -> tuple[str, dict[str, str]]:
        """The body and the headers of a request."""
        body = {
            "jsonrpc": "2.0",
            "id": next(self.numbers),
            "method": method,
            "params": {**params, **envelope(self.era)},
        }
        sent = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
        sent |= {"MCP-Protocol-Version": self.era}
        if self.era == MODERN:
            sent |= {"Mcp-Method": method} | ({"Mcp-Name": params["name"]} if "name" in params else {})
        return json.dumps(body), {**sent, **headers}

    def send(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        """The HTTP response to a request of the protocol."""
        body, sent = self.request(method, params or {}, **headers)
        return self.http.post(self.address, content=body, headers=sent)

    def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A tool's result, an error result too."""
        response = self.send("tools/call", {"name": tool, "arguments": arguments})
        assert response.status_code == 200, (response.status_code, response.text)
        body = response.json()
        assert "error" not in body, body
        result: dict[str, Any] = body["result"]
        return result

    def ask(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """What the tool answers. Raises Refused."""
        answer = answer_of(self.call(tool, arguments))
        # As strict clients do, which throw away what does not fit.
        self.schemas[tool].validate(answer)
        return answer

    @property
    def schemas(self) -> dict[str, Any]:
        """tool → the compiled schema of what it answers."""
        if self.known is None:
            tools = self.send("tools/list").json()["result"]["tools"]
            self.known = {tool["name"]: jsonschema_rs.validator_for(tool["outputSchema"]) for tool in tools}
        return self.known

    def refused(self, tool: str, /, **arguments: Any) -> Refused:
        """The refusal that comes; fails where the tool answers."""
        try:
            answer = self.ask(tool, **arguments)
        except Refused as refusal:
            return refusal
        raise AssertionError(answer)


def answer_of(result: dict[str, Any]) -> dict[str, Any]:
    """The structured content, which is also its one text block. Raises Refused."""
    [block] = result["content"]
    assert block["type"] == "text"
    body: dict[str, Any] = json.loads(block["text"])
    if result.get("isError"):
        assert "structuredContent" not in result
        assert result["_meta"]["staynest/refusal"] == body
        raise Refused(body)
    assert result["structuredContent"] == body
    return body
