"""Reads of negotiations."""
