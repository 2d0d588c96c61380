"""Writes of the negotiation floor: the verbs that doors, the clock and the floors below call."""
