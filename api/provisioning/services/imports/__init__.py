"""Imports of tables (CSV): phones, users, keys, gateways. First a plan, then all or nothing."""
