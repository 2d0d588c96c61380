"""Writes of negotiations, for doors, the clock and hooks of the apps below."""
