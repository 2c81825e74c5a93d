"""The outside world, one module a peer.

Each module speaks one protocol and tells failures apart by what the caller can do next. Never the
database, never Flask: what is to be said comes in as arguments, what was answered goes back.
"""
