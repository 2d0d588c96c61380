"""The websocket of negotiations: its consumer, its commands and their replies."""
