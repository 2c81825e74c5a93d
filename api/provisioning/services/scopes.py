"""The layers of settings that apply to a phone, read from shipped data and the database."""

import json
from collections.abc import Mapping
from functools import lru_cache

from provisioning.engine.scopes import Scope, Variables, changed
from provisioning.engine.user_state import account_variables
from provisioning.engine.vendors import Library, Model
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import scopes as stored
from provisioning.store.tables import SiteModel


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


def stored_model_layer(site: Site, model_id: str) -> Variables:
    """The settings of a model by its id; empty for an id that nobody knows."""
    row: SiteModel | None = stored.find_model(model_id)
    if row is None:
        return model_layer(site.library, model_id, None, None)
    return model_layer(site.library, model_id, row.base, row.differences)


def shipped_model(library: Library, model_id: str, base: str | None) -> Model | None:
    """The shipped model that tells what the hardware is: accounts, facts, limits."""
    return library.models.get(base or model_id) or library.base_of(model_id)


def scopes_of_phone(
    site: Site, mac: str, model_id: str, variables: Mapping[str, str]
) -> list[Scope]:
    """All layers of a phone, farthest first."""
    device = devices.find(mac)
    links = parsed_links(device.links) if device else []
    return [
        Scope("defaults", "defaults", defaults_layer(site)),
        Scope("model", model_id, stored_model_layer(site, model_id)),
        Scope("phone", mac, variables),
        *(Scope("link", str(link["number"]), account_variables(link)) for link in links),
    ]


@lru_cache(maxsize=512)
def parsed_links(text: str) -> list[dict[str, object]]:
    """The accounts of a phone from stored JSON; the result is shared, so nobody may change it."""
    found: list[dict[str, object]] = json.loads(text)
    return found


@lru_cache(maxsize=512)
def parsed(text: str) -> dict[str, str]:
    """Settings from stored JSON; the result is shared, so nobody may change it."""
    found: dict[str, str] = json.loads(text)
    return found
