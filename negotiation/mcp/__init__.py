"""The Model Context Protocol at `/mcp/`, for machines that act under a user's mandate (docs/agents.md)."""
