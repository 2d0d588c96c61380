"""Web pages of negotiations: the inbox, the room, insight, machines."""
