"""Django's PostgreSQL backend, extended so that it knows when the outcome of a write is unknown."""
