"""How a refusal reaches a machine, whichever client it speaks through.

An error result without structured content, its one text block the JSON of the refusal, the same under `_meta`. Other ways
do not arrive: an exception's text is prefixed by the SDK, so that it is no JSON any more; structured content of another
shape than the tool's own is thrown away by common clients; a JSON-RPC error is shown to no model.
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


def refusal_result(error: DomainError) -> CallToolResult:
    """The refusal as a tool's result."""
    body = refusal_body(error)
    return CallToolResult(is_error=True, content=[TextContent(text=json_text(body))], _meta={META: body})
