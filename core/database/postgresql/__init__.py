"""Django's own PostgreSQL backend, which also knows when nobody can say whether something was done."""
