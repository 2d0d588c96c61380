"""Web pages of the host's floor: finding a home, listing one."""
