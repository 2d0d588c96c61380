#!/usr/bin/env bash
# mcp 2.3.0: a tool's error whose text is JSON reaches the client as text that is no JSON.
#
# Expected: the text given to ToolError is the text of the error result, as it was with an exception of one's own, so that
#           a tool can answer {"code": …} and a client can read it.
# Happens:  "Error executing tool NAME: " is put before it; json.loads refuses the whole. A CallToolResult that the tool
#           returns with is_error=True goes out as it is, unchecked against the tool's output schema.
# Source:   mcp/server/mcpserver/tools/base.py, Tool.run; the migration guide's section on errors does not name the prefix.
# Here:     negotiation/mcp/refusals.py returns the result itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'mcp==2.3.0'

seen=$("$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import asyncio
import json

from mcp.client import Client
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent

server = MCPServer("shop", log_level="CRITICAL")
REFUSAL = json.dumps({"code": "sold.out"})


@server.tool()
def raises() -> int:
    raise ToolError(REFUSAL)


@server.tool()
def returns() -> int:
    return CallToolResult(is_error=True, content=[TextContent(text=REFUSAL)])


async def main() -> None:
    async with Client(server) as client:
        for name in ("raises", "returns"):
            result = await client.call_tool(name, {})
            text = result.content[0].text
            try:
                json.loads(text)
                kind = "JSON"
            except ValueError:
                kind = "no JSON"
            print(f"{name}: {kind}: {text}")


asyncio.run(main())
PYTHON
)
echo "$seen"

wanted='raises: no JSON: Error executing tool raises: {"code": "sold.out"}
returns: JSON: {"code": "sold.out"}'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
