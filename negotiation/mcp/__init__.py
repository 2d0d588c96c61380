"""The door for machines: the Model Context Protocol at `/mcp/`, for those who act under somebody's mandate (docs/agents.md)."""
