"""How the database is used: threads with connections of their own, limits of a session, prepared statements, shared trips."""
