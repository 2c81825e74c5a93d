"""Changes of the application's settings, with what follows from them."""

from collections.abc import Mapping

from provisioning.services import application_settings, pbx
from provisioning.services.application_settings import ApplicationSettings
from provisioning.store.database import configuration_change


def change(values: Mapping[str, object], *, by: str) -> ApplicationSettings:
    """Change settings, all or nothing; the accounts of linked phones reach the PBX they name.

    Args:
        values: as :func:`application_settings.change` takes them.
        by: who asked, for the history.

    Raises:
        VariablesRefused: a name that is no setting, or a value that it may not have.
    """
    with configuration_change():
        before = application_settings.get()
        after = application_settings.change(values, by=by)
        pbx.settings_changed(before, by=by)
    return after
