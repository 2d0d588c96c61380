"""Writes of properties."""
