"""The REST door of the host's floor."""
