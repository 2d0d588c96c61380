"""Connections to addresses that users name: only public addresses, looked up once, or hosts that the operator allows."""
