"""What the host's floor decides, as pure functions: no ORM, no clock, no settings."""
