"""The REST door of the negotiation floor."""
