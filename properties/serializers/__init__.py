"""What the views of properties read from bodies and queries."""
