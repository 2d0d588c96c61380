"""REST views of negotiations."""
