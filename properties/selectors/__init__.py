"""Reads of properties."""
