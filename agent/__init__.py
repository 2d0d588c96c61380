"""A house agent: haggles by rules for the person whose mandate it has. An example of a client of `/mcp/`, and a test partner.

It uses nothing of the server but its tools, so an assistant can be written after its example.
"""
