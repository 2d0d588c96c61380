"""Web pages of properties: finding a home, listing one."""
