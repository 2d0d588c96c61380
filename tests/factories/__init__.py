"""Rows that many tests need; each function takes what the test is about and fills in the rest."""
