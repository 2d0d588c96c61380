"""The websocket: its consumer, its commands and their replies."""
