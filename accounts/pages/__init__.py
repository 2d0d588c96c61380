"""Web pages of accounts: the doors, the profile, the devices, what one was told."""
