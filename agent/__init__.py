"""A house agent negotiates by rules, for the person who gave it a mandate. It is an example client of `/mcp/`, and a partner
for tests.

It uses only the server's tools, so it can serve as a model for an assistant.
"""
