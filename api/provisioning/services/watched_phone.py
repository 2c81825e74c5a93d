"""A phone whose templates are watched: what they read of it, and what they write without it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from provisioning.engine.parameter import Parameter
from provisioning.engine.phone import Phone
from provisioning.engine.rendering import RenderingError
from provisioning.engine.scopes import Variables
from provisioning.engine.watching import Reads, influenced
from provisioning.services import configurations
from provisioning.services.configurations import CannotServe, Configuration
from provisioning.services.site import Site


@dataclass(frozen=True, slots=True)
class WatchedPhone:
    """A phone and everything its templates read of it."""

    site: Site
    configuration: Configuration
    phone: Phone
    reads: Reads = field(default_factory=Reads)

    def render(self, configuration: Configuration) -> None:
        """Let one more template read the phone.

        Raises:
            CannotServe: it fails.
        """
        variables = self.reads.variables(configuration.variables)
        watched = self.reads.phone(self.phone)
        try:
            self.site.renderer.render(configuration.template, watched, variables)
        except RenderingError as mistake:
            raise CannotServe(str(mistake)) from mistake

    def file(self, variables: Variables) -> bytes | None:
        """The phone's file with other settings; None if its template fails with them."""
        try:
            changed = replace(self.configuration, variables=variables)
            return configurations.render(self.site, changed)
        except CannotServe:
            return None

    def reads_setting(self, name: str, parameter: Parameter | None) -> bool:
        """Whether a template reads the setting, or anything of the phone that hangs on it."""
        if self.reads.has(name):
            return True
        for variables in _otherwise(self.configuration.variables, name, parameter):
            changed = replace(self.configuration, variables=variables)
            other = configurations.typed_phone(self.site, changed)
            if any(path in self.reads.attributes for path in influenced(self.phone, other)):
                return True
        return False


def _otherwise(variables: Variables, name: str, parameter: Parameter | None) -> Iterator[Variables]:
    """The settings without one of them, and with a few other values of it."""
    yield {other: value for other, value in variables.items() if other != name}
    value = variables.get(name, "")
    words = parameter.words[:3] if parameter else ()
    for candidate in ("", "1", *(words or (f"{value}1",))):
        if candidate != value:
            yield {**variables, name: candidate}
