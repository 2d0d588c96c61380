"""Reads of the negotiation floor."""
