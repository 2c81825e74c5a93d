"""Redirect services: where a new phone asks its maker for the address of its provisioning server.

``catalogue`` tells which services there are and opens one; ``service`` is what all of them do;
``problems`` is how they fail. Each service is a module of its own, which names its sources.
"""
