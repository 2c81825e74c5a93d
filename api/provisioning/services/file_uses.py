"""Who names an uploaded file: a phone that is told to fetch a file that is gone goes without."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioning.services import files
from provisioning.services.errors import InUse
from provisioning.services.scopes import defaults_layer
from provisioning.services.site import Site
from provisioning.store import settings_search
from provisioning.store.database import configuration_change

_TOLD = 50
"""So many models or phones a refusal names."""


@dataclass(slots=True)
class FileUses:
    """What names a file."""

    defaults: bool = False
    models: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    """MAC ids."""

    @property
    def count(self) -> int:
        """How many name it; the defaults are one."""
        return self.defaults + len(self.models) + len(self.phones)

    def __str__(self) -> str:
        parts = ["the defaults"] if self.defaults else []
        for noun, names in (("models", self.models), ("phones", self.phones)):
            if names:
                parts.append(f"the {noun} {_some(names)}")
        return ", ".join(parts)


def of_collection(site: Site, collection: str) -> dict[str, FileUses]:
    """What names each file of a collection, also one that is not there; by its name."""
    found: dict[str, FileUses] = {}
    for parameter in site.catalogue.parameters.values():
        if parameter.collection == collection:
            _add(found, site, parameter.name)
    return found


def of_file(site: Site, collection: str, name: str) -> FileUses:
    """What names a file."""
    return of_collection(site, collection).get(name, FileUses())


def delete(site: Site, collection: str, name: str, *, force: bool, by: str) -> None:
    """Remove a file that nothing names.

    Args:
        site: the site.
        collection: one of ``files.COLLECTIONS``.
        name: the file.
        force: remove it whatever names it.
        by: who asked, for the history.

    Raises:
        NotFound: there is no such file directly in the collection.
        InUse: something names it.
    """
    with configuration_change():
        uses = of_file(site, collection, name)
        if uses.count and not force and files.find(site, collection, name):
            raise InUse("file", f"{collection}/{name}", str(uses))
        files.delete(site, collection, name, by=by)


def _add(found: dict[str, FileUses], site: Site, setting: str) -> None:
    """Add what names files by one setting."""
    if value := defaults_layer(site).get(setting):
        found.setdefault(value, FileUses()).defaults = True
    # A model of the site's own templates may name a file, unless the site changed that.
    models: dict[str, str] = {
        model.id: model.variables[setting]
        for model in site.library.models.values()
        if setting in model.variables
    }
    for kind, scope, value in settings_search.values_of(setting):
        if kind == "model":
            models[scope] = value
        elif value:
            found.setdefault(value, FileUses()).phones.append(scope)
    for model, value in sorted(models.items()):
        if value:
            found.setdefault(value, FileUses()).models.append(model)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _TOLD
    return ", ".join(names[:_TOLD]) + (f" and {more} more" if more > 0 else "")
