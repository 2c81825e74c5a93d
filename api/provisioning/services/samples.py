"""A phone of a model that nobody registered: to try a model before a phone has it."""

import json
from collections.abc import Mapping

from provisioning.engine.mac import MacAddress
from provisioning.services import models
from provisioning.services.site import Site
from provisioning.store import scopes as stored
from provisioning.store.devices import StoredDevice

_UNKNOWN_VENDOR = 0x020000000000  # locally administered: nobody's
_SERIAL = 1
_TOKEN = "0" * 32  # opens nothing


def sample_device(site: Site, model_id: str, variables: Mapping[str, str]) -> StoredDevice:
    """A phone of a model, with an address of its vendor.

    Args:
        site: the site.
        model_id: the model.
        variables: the phone's own settings.

    Raises:
        NotFound: there is no such model.
    """
    found = models.get(site, model_id)
    vendor = site.library.vendor_of_model(model_id)
    first = vendor.ranges[0].first if vendor and vendor.ranges else _UNKNOWN_VENDOR
    row = stored.find_model(model_id)
    return StoredDevice(
        mac=str(MacAddress(f"{first + _SERIAL:012x}")),
        model=model_id,
        display_name=found.display_name,
        variables=json.dumps(dict(variables)),
        model_base=row.base if row else None,
        model_differences=json.dumps(row.differences) if row else None,
        defaults_differences=json.dumps(stored.defaults_differences()),
        tok1=None,
        tok2=_TOKEN,
    )
