"""Django's own PostgreSQL backend, which also knows when it is unknown whether something was done."""
