"""Calls of tools in the form that nearly every client sends them in, answered without the SDK's layers.

For each POST the SDK makes a request, a connection, a session and two models of the message, and checks its own answer
against a schema; by handshake also a transport with four streams and five tasks. That is most of the CPU of a move. What
has the plain form is read here and run by the same tools; the answer is the one that the SDK would give (a test compares
them). Everything else is the SDK's to judge: other methods, other versions, and whatever it might refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from mcp.shared.inbound import InboundModernRoute, classify_inbound_request
from mcp_types import SERVER_INFO_META_KEY
from mcp_types.methods import validate_client_request
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError
from pydantic_core import from_json

from negotiation.mcp.refusals import META
from negotiation.mcp.server import TOOLS, Answered

METHOD = "tools/call"
KEYS = {"jsonrpc", "id", "method", "params"}
PARAMS = {"name", "arguments", "_meta"}
# The versions of the handshake whose results have structured content; for those before it the SDK takes it out.
HANDSHAKE_VERSIONS = ("2025-06-18", "2025-11-25")
VERSIONS = {version.encode(): version for version in (*MODERN_PROTOCOL_VERSIONS, *HANDSHAKE_VERSIONS)}
# Integers that every JSON reader keeps as they are, and ids and envelopes that are worth remembering.
LARGEST_ID, LONGEST_ID, LONGEST_ENVELOPE = 2**53, 256, 2048
TOKEN = "progressToken"  # noqa: S105 - of a call, no secret


@dataclass(frozen=True, slots=True)
class PlainCall:
    """A call of a tool that there is, in a version of the protocol."""

    id: int | str
    name: str
    arguments: Mapping[str, Any]
    is_modern: bool


def read_plain(headers: Sequence[tuple[bytes, bytes]], body: bytes) -> PlainCall | None:
    """The call; None where it has not the plain form, for the SDK to judge."""
    sent = dict(headers)
    version = VERSIONS.get(sent.get(b"mcp-protocol-version", b""))
    if version is None or len(sent) != len(headers) or b"mcp-session-id" in sent:
        return None
    if not (takes_json(sent.get(b"accept", b"")) and is_json(sent.get(b"content-type", b""))):
        return None
    try:
        message = from_json(body)
    except ValueError:
        return None
    if not is_plain(message):
        return None
    call = PlainCall(
        message["id"], message["params"]["name"], message["params"]["arguments"], version in MODERN_PROTOCOL_VERSIONS
    )
    if call.is_modern:
        routed = sent.get(b"mcp-method") == METHOD.encode() and sent.get(b"mcp-name") == call.name.encode()
        return call if routed and is_known_envelope(version, message["params"].get("_meta")) else None
    return call if has_token_only(message["params"].get("_meta", {})) else None


@lru_cache(maxsize=64)
def takes_json(accept: bytes) -> bool:
    """Whether both kinds of answers are named, as the protocol wants it; wildcards are the SDK's to read."""
    kinds = {kind.partition(b";")[0].strip().lower() for kind in accept.split(b",")}
    return kinds >= {b"application/json", b"text/event-stream"}


@lru_cache(maxsize=64)
def is_json(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip() == b"application/json"


def is_plain(message: Any) -> bool:
    """Whether it is one request, of a tool that there is, with arguments by name."""
    if (
        type(message) is not dict
        or message.keys() != KEYS
        or message["jsonrpc"] != "2.0"
        or message["method"] != METHOD
    ):
        return False
    number, params = message["id"], message["params"]
    if not ((type(number) is int and abs(number) < LARGEST_ID) or (type(number) is str and len(number) <= LONGEST_ID)):
        return False
    if type(params) is not dict or not params.keys() <= PARAMS or type(params.get("arguments")) is not dict:
        return False
    name = params.get("name")
    return type(name) is str and name in TOOLS


def has_token_only(meta: Any) -> bool:
    """Whether there is nothing beside the token by which the client would know progress, of which there is none."""
    return type(meta) is dict and meta.keys() <= {TOKEN} and type(meta.get(TOKEN, 0)) in (int, str)


def is_known_envelope(version: str, meta: Any) -> bool:
    """Whether the SDK takes this envelope of the newer protocol; asked once for each that differs."""
    if type(meta) is not dict or type(meta.get(TOKEN, 0)) not in (int, str):
        return False
    try:
        envelope = orjson.dumps({name: value for name, value in meta.items() if name != TOKEN})
    except TypeError:  # an integer beyond 64 bits
        return False
    return len(envelope) <= LONGEST_ENVELOPE and _is_taken(version, envelope)


@lru_cache(maxsize=256)
def _is_taken(version: str, envelope: bytes) -> bool:
    name = next(iter(TOOLS))
    params = {"name": name, "arguments": {}, "_meta": orjson.loads(envelope)}
    message = {"jsonrpc": "2.0", "id": 1, "method": METHOD, "params": params}
    headers = {"mcp-protocol-version": version, "mcp-method": METHOD, "mcp-name": name}
    if not isinstance(classify_inbound_request(message, headers=headers), InboundModernRoute):
        return False
    try:
        validate_client_request(METHOD, version, params)
    except ValidationError:
        return False
    return True


def response(call: PlainCall, answered: Answered, server_info: Mapping[str, Any]) -> bytes:
    """The JSON-RPC response; what the tool answers is encoded once and stands in it twice, as text and as structure."""
    body = orjson.dumps(answered.body)
    result: dict[str, Any] = {"content": [{"text": body.decode(), "type": "text"}], "isError": answered.is_error}
    if call.is_modern:
        result |= {"resultType": "complete", "_meta": {SERVER_INFO_META_KEY: server_info}}
    if answered.is_error:
        result["_meta"] = {META: orjson.Fragment(body), **result.get("_meta", {})}
    else:
        result["structuredContent"] = orjson.Fragment(body)
    return orjson.dumps({"jsonrpc": "2.0", "id": call.id, "result": result})
