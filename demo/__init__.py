"""The demo: people, homes and haggles of `bin/run`. Production never imports it."""
