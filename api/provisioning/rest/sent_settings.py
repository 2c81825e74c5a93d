"""Settings as a client sends them, made what a scope may hold."""

from collections.abc import Mapping

from provisioning.rest import current
from provisioning.services.secrets import without_masks


def checked(sent: Mapping[str, object], present: Mapping[str, str]) -> dict[str, str | None]:
    """Settings by name, in the form in which they are stored; None takes one away.

    Args:
        sent: as the client sent them.
        present: the settings that the client saw: a mask leaves a secret among them as it is.

    Raises:
        VariablesRefused: a value that is not allowed, or a mask that stands for no secret.
    """
    catalogue = current.site().catalogue
    return catalogue.check(without_masks(catalogue, sent, present))
