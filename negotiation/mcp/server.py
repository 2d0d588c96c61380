"""The server of the protocol: the official SDK's low-level `Server`, with our tools.

The SDK's `MCPServer` is not used: it takes over the root log, silently drops misspelt arguments, and answers wrong ones with
the whole report of its validator.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
)
from prometheus_client import Counter, Histogram

from core.api.rate_limits import too_fast
from core.errors import Code, DomainError
from core.live.hub import hub
from core.said import said
from negotiation.live.connection import agent_wait_s
from negotiation.mcp import homes, moves, negotiations, waiting
from negotiation.mcp.about import DESCRIPTION, INSTRUCTIONS, NAME, TITLE, VERSION
from negotiation.mcp.refusals import refusal_body, refusal_result
from negotiation.mcp.schemas import check_names
from negotiation.mcp.tool import Call, Tool

log = structlog.get_logger(__name__)

CALL = "hub.call"
SLOW_S = 1.0
TOOLS: dict[str, Tool] = {tool.name: tool for tool in (*homes.TOOLS, *negotiations.TOOLS, *moves.TOOLS, *waiting.TOOLS)}
LISTED = ListToolsResult(tools=[tool.listed() for tool in TOOLS.values()])

CALLS = Counter("hub_mcp_calls_total", "Calls of machines by tool and outcome", ["tool", "code"])
SECONDS = Histogram(
    "hub_mcp_call_seconds",
    "From a machine's call to its answer, waits left out",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def make_server() -> Server[Any]:
    """A server with our tools, for one event loop."""
    server = Server[Any](
        NAME,
        version=VERSION,
        title=TITLE,
        description=DESCRIPTION,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=no_headers,
    )
    # No spans: there is no collector for them; our own figures are at /metrics.
    server.middleware.clear()
    return server


def no_headers(name: str) -> None:
    """Says that no argument has a header of its own; otherwise the SDK lists all tools before each call to find out."""


async def list_tools(ctx: ServerRequestContext[Any, Any], params: PaginatedRequestParams | None) -> ListToolsResult:
    """`tools/list`: the same for every client, in a stable order."""
    return LISTED


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call came to: the tool's answer, or the object of its refusal."""

    body: dict[str, Any]
    is_error: bool = False


async def call_tool(ctx: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> CallToolResult:
    """`tools/call`: what the tool answers, or its refusal."""
    if ctx.request is None:
        raise RuntimeError("this server speaks over HTTP alone")
    answered = await answer_call(params.name, ctx.request.scope[CALL](params.arguments or {}))
    if answered.is_error:
        return refusal_result(answered.body)
    text = TextContent(text=orjson.dumps(answered.body).decode())
    return CallToolResult(content=[text], structured_content=answered.body)


async def answer_call(tool_name: str, call: Call) -> Answered:
    """What the tool of that name answers, or its refusal; counted and timed."""
    started, tool = time.perf_counter(), TOOLS.get(tool_name)
    name, code = tool.name if tool else "unknown", "ok"
    try:
        answered = Answered(await run(tool, call))
    except DomainError as error:
        answered, code = Answered(refusal_body(error), is_error=True), error.code
    except Exception:
        log.exception("mcp.failed", tool=name, mandate=call.agent.mandate_id, user=call.agent.user_id)
        code = Code.COMMAND_OUTCOME_UNKNOWN if tool and tool.moves else Code.UNAVAILABLE
        answered = Answered(refusal_body(DomainError(code)), is_error=True)
    CALLS.labels(name, code).inc()
    if tool is not None and tool.name != "wait_for_change":
        note_time(name, call, time.perf_counter() - started)
    return answered


async def run(tool: Tool | None, call: Call) -> dict[str, Any]:
    """Checks a call without the database, then runs it. Raises DomainError."""
    if tool is None:
        raise DomainError(
            Code.COMMAND_UNKNOWN, said("There is no such tool. There are: %(choices)s.", choices=", ".join(TOOLS))
        )
    if wait := agent_wait_s(hub(), call.agent):
        raise too_fast(wait)
    check_names(call.arguments, tool.input)
    answer = await tool.run(call)
    return answer.model_dump(mode="json", exclude_unset=True)


def note_time(name: str, call: Call, seconds: float) -> None:
    SECONDS.observe(seconds)
    if seconds > SLOW_S:
        log.warning("mcp.slow", tool=name, mandate=call.agent.mandate_id, seconds=round(seconds, 3))
