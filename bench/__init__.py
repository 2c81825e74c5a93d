"""Benchmarks: what the module promises, measured on this machine beside nginx."""
