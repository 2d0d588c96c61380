#!/usr/bin/env bash
# orval 7.13.2: a named enum that is one of several forms of a field becomes code that does not compile.
#
# Expected: a field that is a number or one of a few words (anyOf of an integer and a named enum) becomes a union type, as with
#           openapi-typescript; the document is valid OpenAPI 3.1.
# Happens:  where every named part of the anyOf is an enum, a constant is written that spreads the enums' values, and an enum
#           that may be null has only a type: 'Nothing' only refers to a type, but is being used as a value here.
# Source:   not documented; @orval/core, the resolver of combined schemas.
# Here:     what means "not given" in bodies (core/api/tolerant_schema.py) is a text of length 0 or null, not an enum.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts orval@7.13.2 typescript@5.9.3
cat > api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": { "title": "Two forms", "version": "1" },
  "paths": {
    "/search": {
      "put": {
        "operationId": "search",
        "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Search" } } } },
        "responses": { "204": { "description": "Done." } }
      }
    }
  },
  "components": {
    "schemas": {
      "Nothing": { "type": ["string", "null"], "enum": ["", null] },
      "Search": {
        "type": "object",
        "properties": {
          "sort": { "anyOf": [{ "type": "string", "enum": ["price", "rating"] }, { "$ref": "#/components/schemas/Nothing" }] }
        }
      }
    }
  }
}
JSON
echo 'module.exports = { api: { input: { target: "./api.json" }, output: { target: "./api.ts", client: "fetch" } } };' > orval.config.cjs
npx orval --config orval.config.cjs > orval.log
seen=$(npx tsc --noEmit --strict --skipLibCheck --target es2022 --lib es2022,dom api.ts 2>&1 || true)
echo "$seen"
if ! grep -q "'Nothing' only refers to a type, but is being used as a value here" <<< "$seen"; then
  echo "It compiles, or fails otherwise."
  exit 1
fi
