"""Settings of the application that an admin changes while it runs (``templates/settings.yaml``)."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.values import FieldError, VariablesRefused
from provisioning.services.site import shipped_data
from provisioning.store import application_settings as stored
from provisioning.store import history
from provisioning.store.database import configuration_change

CATALOGUE = Catalogue.load(shipped_data() / "settings.yaml")
"""What each setting means and may hold."""


@dataclass(frozen=True, slots=True)
class ApplicationSettings:
    """The settings that apply, typed by whoever asks."""

    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """A setting as it is stored; empty: not set."""
        return self.values.get(name, "")

    def number(self, name: str) -> int:
        """A whole number; one that somebody emptied is as shipped."""
        return int(self.text(name) or CATALOGUE.defaults[name])

    def choice(self, name: str) -> str:
        """One of the setting's values; one that somebody emptied is as shipped."""
        return self.text(name) or CATALOGUE.defaults[name]

    def flag(self, name: str) -> bool:
        """A switch."""
        return self.text(name) == "1"


def get() -> ApplicationSettings:
    """The settings that apply, shipped defaults included."""
    return ApplicationSettings({**CATALOGUE.defaults, **stored.all_values()})


def change(values: Mapping[str, object], *, by: str) -> ApplicationSettings:
    """Change settings, all or nothing.

    Args:
        values: by name; empty: explicitly none; None: as shipped again.
        by: who asked, for the history.

    Raises:
        VariablesRefused: a name that is no setting, or a value that it may not have.
    """
    unknown = [name for name in values if name not in CATALOGUE.parameters]
    if unknown:
        allowed = ", ".join(CATALOGUE.parameters)
        raise VariablesRefused(
            tuple(FieldError(name[:80], "There is no such setting.", allowed) for name in unknown)
        )
    checked = CATALOGUE.check(values)
    with configuration_change():
        before = {name: get().text(name) for name in checked}
        for name, value in checked.items():
            stored.put(name, value)
        after = {name: get().text(name) for name in checked}
        if after != before:
            history.record(by, "settings", "settings", "change", before=before, after=after)
    return get()
