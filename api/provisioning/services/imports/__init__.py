"""Imports of tables (CSV): phones, users, keys. First a plan, then all of it or nothing."""
