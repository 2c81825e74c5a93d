"""The layers of settings that apply to a phone, read from shipped data and the database."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from provisioning.engine.layouts import Fill, layer
from provisioning.engine.people import Person, referenced, with_people
from provisioning.engine.scopes import Scope, Variables, changed, merge
from provisioning.engine.user_state import account_variables
from provisioning.engine.vendors import Library, Model
from provisioning.services.site import Site
from provisioning.store import people as stored_people
from provisioning.store import scopes as stored
from provisioning.store.devices import StoredDevice

FindPeople = Callable[[frozenset[str], frozenset[str]], Sequence[Person]]


def is_model(site: Site, model_id: str) -> bool:
    """Whether there is such a model, shipped or of the site."""
    return model_id in site.library.models or stored.find_model(model_id) is not None


@dataclass(frozen=True, slots=True)
class Layers:
    """Everything that applies to a phone."""

    scopes: tuple[Scope, ...]
    """Farthest first: defaults, model, key layouts, the phone's own, its accounts."""
    people: tuple[Person, ...]
    """Whom its keys refer to."""

    def merged(self) -> Variables:
        """The settings that apply."""
        return merge(scope.variables for scope in self.scopes)


def layers_of(
    site: Site, device: StoredDevice, find_people: FindPeople = stored_people.find
) -> Layers:
    """The layers of a phone.

    Args:
        site: the site.
        device: the phone.
        find_people: looks up whom its keys refer to, by names and groups.
    """
    layouts, links = parsed_list(device.layouts), parsed_list(device.links)
    refers, people = _people(device, layouts, find_people)
    users = {str(link["user"]) for link in links}
    scopes = [
        Scope("defaults", "defaults", _defaults(site, device)),
        Scope("model", device.model, _model(site, device)),
        *(Scope("layout", str(layout["name"]), _keys(layout, people, users)) for layout in layouts),
        Scope("phone", device.mac, _own(device.variables)),
    ]
    if refers:
        by_name = {person.name: person for person in people}
        scopes = [Scope(s.kind, s.id, with_people(s.variables, by_name)) for s in scopes]
    scopes += [Scope("link", str(link["number"]), account_variables(link)) for link in links]
    return Layers(tuple(scopes), people)


def setting_of(site: Site, device: StoredDevice, name: str) -> str:
    """One setting that neither keys nor accounts can set; empty if nobody sets it."""
    for settings in (_own(device.variables), _model(site, device), _defaults(site, device)):
        if name in settings:
            return settings[name]
    return ""


def defaults_layer(site: Site) -> Variables:
    """The defaults of all phones: as shipped, with the site's changes."""
    return changed(site.catalogue.defaults, stored.defaults_differences())


def model_layer(
    library: Library, model_id: str, base: str | None, differences: Mapping[str, str | None] | None
) -> Variables:
    """The settings of a model; empty for an id that nobody knows.

    Args:
        library: the shipped models.
        model_id: the model.
        base: the shipped model that the site's model descends from, if it has one.
        differences: what the site changes; None: the site has no row for this id.
    """
    shipped = library.models.get(model_id if differences is None else base or "")
    variables = shipped.variables if shipped else {}
    return changed(variables, differences or {})


def shipped_model(library: Library, model_id: str, base: str | None) -> Model | None:
    """The shipped model that tells what the hardware is: accounts, facts, limits."""
    return library.models.get(base or model_id) or library.base_of(model_id)


def _defaults(site: Site, device: StoredDevice) -> Variables:
    return changed(site.catalogue.defaults, parsed(device.defaults_differences))


def _model(site: Site, device: StoredDevice) -> Variables:
    differences = device.model_differences
    parsed_differences = None if differences is None else parsed(differences)
    return model_layer(site.library, device.model, device.model_base, parsed_differences)


def _keys(
    layout: Mapping[str, Any], people: Sequence[Person], users: Collection[str]
) -> Mapping[str, str]:
    fills = [Fill(**fill) for fill in layout["fills"]]
    return layer(layout["variables"], fills, people, besides=users)


def _people(
    device: StoredDevice, layouts: Sequence[Mapping[str, Any]], find_people: FindPeople
) -> tuple[bool, tuple[Person, ...]]:
    """Whether keys of a phone refer to somebody, and whom of them there is; one query at most."""
    texts = (device.defaults_differences, device.model_differences or "")
    settings = [parsed(text) for text in texts if "_person_" in text]
    if "_person_" in device.variables:
        settings.append(_own(device.variables))
    settings += [layout["variables"] for layout in layouts]
    names = frozenset(name for some in settings for name in referenced(some))
    groups = frozenset(fill["group"] for layout in layouts for fill in layout["fills"])
    if not names and not groups:
        return False, ()
    return bool(names), tuple(find_people(names, groups))


@lru_cache(maxsize=512)
def parsed(text: str) -> dict[str, str]:
    """Settings from stored JSON; the result is shared, so nobody may change it."""
    found: dict[str, str] = json.loads(text)
    return found


@lru_cache(maxsize=512)
def parsed_list(text: str) -> list[dict[str, Any]]:
    """Accounts or layouts from stored JSON; the result is shared, so nobody may change it."""
    found: list[dict[str, Any]] = json.loads(text)
    return found


@lru_cache(maxsize=16)
def _own(text: str) -> Variables:
    """A phone's own settings from stored JSON, for the steps of one request; nobody may change it.

    Few are kept: no two phones share them, and those of a phone with all keys take 120 kB.
    """
    found: Variables = json.loads(text)
    return found
