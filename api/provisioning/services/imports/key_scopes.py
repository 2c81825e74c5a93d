"""Where keys of a table stand: phones, key layouts, models; what they set, and writing it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import changed
from provisioning.services import layouts, models, phone_batches
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import layouts as stored_layouts

Settings = Mapping[str, str | None]


@dataclass
class KeyScope:
    """A phone, key layout or model."""

    kind: str
    """The column that names it: ``mac``, ``layout``, ``model``."""
    name: str
    own: Settings
    """What it sets itself; of a model None takes a value of the base away."""
    applies: Mapping[str, str]
    """What applies in it: of a model also what it takes from its base."""
    patch: dict[str, str | None] = field(default_factory=dict)
    """What is to change; None: inherited again."""

    def __str__(self) -> str:
        return self.name if self.kind == "mac" else f"{self.kind} {self.name}"

    def says(self, setting: str, value: str | None) -> bool:
        """Whether a setting is so already."""
        if value is None:
            return self.own.get(setting) is None
        return self.applies.get(setting) == value


class KeyScopes:
    """The scopes that a table names, read once and written once."""

    def __init__(self, site: Site, macs: Iterable[MacAddress]):
        self._site = site
        self._phones = phone_batches.read({str(mac) for mac in macs})
        self._found: dict[tuple[str, str], KeyScope] = {}

    def phone(self, mac: str) -> KeyScope:
        """A registered phone.

        Raises:
            NotFound: it is not registered.
        """
        return self._once("mac", mac, self._phone)

    def layout(self, name: str) -> KeyScope:
        """A key layout.

        Raises:
            NotFound: there is none of this name.
        """
        return self._once("layout", name, self._layout)

    def model(self, model_id: str) -> KeyScope:
        """A model.

        Raises:
            NotFound: there is no such model.
        """
        return self._once("model", model_id, self._model)

    def names(self, kind: str) -> Mapping[str, str]:
        """What there is to choose from; phones are too many to be suggested."""
        if kind == "layout":
            return {str(row.name): str(row.name) for row in stored_layouts.list_all()}
        if kind == "model":
            return {found.id: found.id for found in models.list_all(self._site)}
        return {}

    def write(self, *, by: str) -> None:
        """Write what is to change, inside a transaction."""
        touched = [scope for scope in self._found.values() if scope.patch]
        of_phones = {}
        for scope in touched:
            if scope.kind == "mac":
                before = self._phones[scope.name]
                variables = changed(before.variables, scope.patch)
                of_phones[scope.name] = (before, replace(before, variables=variables))
            elif scope.kind == "layout":
                variables = changed(scope.applies, scope.patch)
                layouts.change(self._site, scope.name, variables=variables, by=by)
            else:
                models.change(self._site, scope.name, variables=scope.patch, by=by)
        phone_batches.change(of_phones, by=by)

    def _once(
        self, kind: str, name: str, read: Callable[[str], tuple[Settings, Mapping[str, str]]]
    ) -> KeyScope:
        if (kind, name) not in self._found:
            self._found[kind, name] = KeyScope(kind, name, *read(name))
        return self._found[kind, name]

    def _phone(self, mac: str) -> tuple[Settings, Mapping[str, str]]:
        if mac not in self._phones:
            raise NotFound("phone", mac)
        variables = self._phones[mac].variables
        return variables, variables

    def _layout(self, name: str) -> tuple[Settings, Mapping[str, str]]:
        variables = layouts.get(name).variables
        return variables, variables

    def _model(self, model_id: str) -> tuple[Settings, Mapping[str, str]]:
        found = models.get(self._site, model_id)
        return found.differences, found.variables
