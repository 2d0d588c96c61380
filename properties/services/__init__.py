"""Writes of the host's floor."""
