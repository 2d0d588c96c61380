"""Runs everything on one machine: starts and stops the embedded database and broker. Production never imports it."""
