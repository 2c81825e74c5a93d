"""The kinds of operations there are."""

from collections.abc import Mapping

from provisioning.jobs.kinds import Handler

HANDLERS: Mapping[str, Handler] = {}
"""By the ``kind`` that :func:`services.operations.start` was given."""
