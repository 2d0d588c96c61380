"""Reads of the host's floor."""
