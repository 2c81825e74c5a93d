"""The documents of Tancredi's API: members in the order its clients know."""

from collections.abc import Mapping

from provisioning.engine.scopes import Differences, Variables, changed, differences, merge
from provisioning.engine.vendors import Model, shipped_variables
from provisioning.services import defaults, models
from provisioning.services.addresses import PATH
from provisioning.services.errors import NotFound
from provisioning.services.models import ModelDetails
from provisioning.services.phones import PhoneDetails
from provisioning.services.site import Site
from provisioning.store.tables import Phone

BASE = "/tancredi/api/v1"


def phone(site: Site, found: PhoneDetails, *, inherit: bool) -> dict[str, object]:
    """The document of a phone; with ``inherit`` all that applies to it."""
    return {
        "mac": str(found.mac),
        "short_mac": found.mac.bare,
        "model": found.model,
        "display_name": found.display_name,
        "tok1": found.tok1,
        "tok2": found.tok2,
        "variables": _inherited(site, found) if inherit else found.variables,
        "model_url": f"{BASE}/models/{found.model}",
        "provisioning_url1": found.provisioning_url1,
        "provisioning_url2": found.provisioning_url2,
    }


def phone_in_list(row: Phone) -> dict[str, object]:
    """A phone among others."""
    return {
        "mac": row.mac,
        "model": row.model,
        "display_name": row.display_name,
        "model_url": f"{BASE}/models/{row.model}",
        "phone_url": f"{BASE}/phones/{row.mac}",
    }


def model(site: Site, found: ModelDetails, *, inherit: bool) -> dict[str, object]:
    """The document of a model; with ``inherit`` the defaults below it too."""
    return _model(site, found.id, display_name(found), own_variables(found), inherit=inherit)


def shipped_model(site: Site, found: Model, *, inherit: bool) -> dict[str, object]:
    """The document of a model as it is shipped."""
    name = found.tancredi_name or found.name
    return _model(site, found.id, name, shipped_variables(found), inherit=inherit)


def model_in_list(found: ModelDetails) -> dict[str, object]:
    """A model among others."""
    return {
        "name": found.id,
        "display_name": display_name(found),
        "model_url": f"{BASE}/models/{found.id}",
    }


def own_variables(found: ModelDetails) -> Variables:
    """All that a model presets: Tancredi has no base, its models are whole copies."""
    return changed(_base_variables(found), found.differences)


def differences_of(found: ModelDetails, own: Mapping[str, str]) -> Differences:
    """What must be stored so that a model presets just this."""
    return differences(own, _base_variables(found))


def display_name(found: ModelDetails) -> str:
    """The name Tancredi shows, where ours corrects it and nobody changed it."""
    shipped = found.shipped
    if shipped and shipped.tancredi_name and found.display_name == shipped.name:
        return shipped.tancredi_name
    return found.display_name


def _base_variables(found: ModelDetails) -> Variables:
    return shipped_variables(found.base) if found.base else {}


def _model(
    site: Site, name: str, title: str, variables: Variables, *, inherit: bool
) -> dict[str, object]:
    return {
        "name": name,
        "display_name": title,
        "variables": merge([defaults.get(site), variables]) if inherit else variables,
        "model_url": f"{BASE}/models/{name}",
    }


def _inherited(site: Site, found: PhoneDetails) -> Variables:
    try:
        presets = own_variables(models.get(site, found.model))
    except NotFound:  # a phone may have a model that nobody knows
        presets = {}
    computed = {
        "hostname": found.addresses.hostname,
        "provisioning_url_path": f"{PATH}/",
        "provisioning_url_scheme": found.addresses.scheme,
    }
    return merge([defaults.get(site), presets, found.variables, computed])
