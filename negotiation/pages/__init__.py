"""Web pages of the haggle: the inbox and the room."""
