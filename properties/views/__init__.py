"""REST views of properties."""
