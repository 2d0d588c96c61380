"""Rules of bookings as pure functions: no ORM, no clock, no settings."""
