"""How the project uses the database: threads and the event loop's lane, each with their own connections; conversations,
session limits, prepared statements, shared round trips.
"""
