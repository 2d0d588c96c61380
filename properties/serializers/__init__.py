"""What the host's floor reads from bodies and queries."""
