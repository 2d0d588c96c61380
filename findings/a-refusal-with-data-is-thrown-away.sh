#!/usr/bin/env bash
# @modelcontextprotocol/sdk 1.32.2: a tool's error result with structured content is replaced by a protocol error.
#
# Expected: an error result may carry structured data of its own, a code say: the output schema describes what the tool
#           answers, not how it fails. The Python client passes such a result on.
# Happens:  a client that has listed the tools holds the error's data against the tool's output schema, and callTool throws
#           -32602; the text of the error never reaches the caller. Without structured content the same result arrives.
# Source:   src/client/index.ts, Client.callTool: validation skips results without structured content only where isError is
#           set; not documented.
# Here:     negotiation/mcp/refusals.py: refusals have no structured content; the same object stands in the text and in _meta.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --prefix "$folder" --no-audit --no-fund --silent '@modelcontextprotocol/sdk@1.32.2'

cat >"$folder/try.mjs" <<'JAVASCRIPT'
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const server = new Server({ name: 'shop', version: '1' }, { capabilities: { tools: {} } });
const outputSchema = { type: 'object', properties: { price: { type: 'number' } }, required: ['price'] };
const tool = (name) => ({ name, inputSchema: { type: 'object' }, outputSchema });
server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool('with'), tool('without')] }));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  isError: true,
  content: [{ type: 'text', text: '{"code":"sold.out"}' }],
  ...(params.name === 'with' ? { structuredContent: { code: 'sold.out' } } : {}),
}));
const client = new Client({ name: 'test', version: '1' });
const [one, other] = InMemoryTransport.createLinkedPair();
await Promise.all([server.connect(one), client.connect(other)]);
await client.listTools();
for (const name of ['with', 'without']) {
  try {
    const result = await client.callTool({ name, arguments: {} });
    console.log(`${name} structured content: ${result.content[0].text}`);
  } catch (error) {
    console.log(`${name} structured content: thrown ${error.code}`);
  }
}
JAVASCRIPT
seen=$(node "$folder/try.mjs")
echo "$seen"

wanted='with structured content: thrown -32602
without structured content: {"code":"sold.out"}'
[ "$seen" = "$wanted" ] || { echo "seen otherwise; wanted: $wanted"; exit 1; }
