"""Tancredi, from outside: its API v1 on our services, and the import of its data directory."""
