"""Web pages of accounts: signing in and up, the profile, the devices, notifications."""
