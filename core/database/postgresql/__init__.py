"""Django's PostgreSQL backend, extended: it knows when the outcome of a write is unknown. ENGINE names this package."""
