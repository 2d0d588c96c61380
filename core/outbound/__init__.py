"""Addresses that others name and this server goes to: only public ones, looked up once, or those that an operator allows."""
