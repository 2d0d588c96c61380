"""Rules of properties as pure functions: no ORM, no clock, no settings."""
