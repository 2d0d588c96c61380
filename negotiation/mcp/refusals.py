"""Makes refusals that reach a machine through any client.

A refusal is an error result without structured content; its one text block is the JSON of the refusal, and `_meta` has the
same. Other forms do not arrive: the SDK prefixes an exception's text, so that it is no JSON; common clients drop structured
content of another shape than the tool's own; clients show a JSON-RPC error to no model.
"""

from __future__ import annotations

from typing import Any

from mcp.types import CallToolResult, TextContent

from core.errors import DomainError
from core.live.frames import json_text

META = "staynest/refusal"


def refusal_body(error: DomainError) -> dict[str, Any]:
    """`{"code", "message", "params"}`, and `fields` where the refusal names some."""
    body = error.as_dict()
    if not body["fields"]:
        del body["fields"]
    return body


def refusal_result(body: dict[str, Any]) -> CallToolResult:
    """The refusal as a tool's result."""
    return CallToolResult(is_error=True, content=[TextContent(text=json_text(body))], _meta={META: body})
