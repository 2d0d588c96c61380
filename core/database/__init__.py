"""How the database is used: threads and the event loop's lane, each with connections of their own; conversations, limits of
a session, prepared statements, shared trips.
"""
