#!/usr/bin/env bash
# mcp 2.3.0: what a tool's return type does not have is sent all the same, where the value's class derives from it.
#
# Expected: a tool annotated `-> Summary` sends the fields of Summary: the annotation is what the output schema is made of,
#           and a web framework that serializes by a response model leaves the others out.
# Happens:  the value is sent with all fields of its own class, beside a schema without them.
# Source:   mcp/server/mcpserver/utilities/func_metadata.py, convert_result: the value validates as an instance of the
#           base class, and is dumped as what it is; not documented.
# Here:     negotiation/mcp/outputs.py: answers are models of their own, of which none derives from another.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'mcp==2.3.0'

seen=$("$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import asyncio

from mcp.client import Client
from mcp.server.mcpserver import MCPServer
from pydantic import BaseModel


class Summary(BaseModel):
    price: int


class Detailed(Summary):
    note: str


server = MCPServer("shop", log_level="CRITICAL")


@server.tool()
def look() -> Summary:
    return Detailed(price=5, note="x")


async def main() -> None:
    async with Client(server) as client:
        [tool] = (await client.list_tools()).tools
        print("schema:", sorted(tool.output_schema["properties"]))
        print("sent:", (await client.call_tool("look", {})).structured_content)


asyncio.run(main())
PYTHON
)
echo "$seen"

wanted="schema: ['price']
sent: {'price': 5, 'note': 'x'}"
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
