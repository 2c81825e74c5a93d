"""A phone of a model that nobody registered: to try a model before a phone has it."""

import json
from collections.abc import Mapping

from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import MacRange
from provisioning.services import models
from provisioning.services.models import ModelDetails
from provisioning.services.site import Site
from provisioning.store import scopes as stored
from provisioning.store.devices import StoredDevice

SAMPLE_SETTINGS: Mapping[str, str] = {
    "account_extension_1": "201",
    "account_username_1": "201",
    "account_password_1": "sample-password",
    "account_display_name_1": "Sample 201",
}
"""What a phone gets when it is linked to a user."""

_UNKNOWN_VENDOR = MacRange.of_prefix("02:00:00")  # locally administered: nobody's
_TOKEN = "0" * 32  # opens nothing


def sample_device(site: Site, model_id: str, variables: Mapping[str, str]) -> StoredDevice:
    """A phone of a model, with an address by which the model or its vendor is recognised.

    Args:
        site: the site.
        model_id: the model.
        variables: the phone's own settings, over an account's.

    Raises:
        NotFound: there is no such model.
    """
    found = models.get(site, model_id)
    row = stored.find_model(model_id)
    return StoredDevice(
        mac=str(_address(site, found)),
        model=model_id,
        display_name=found.display_name,
        variables=json.dumps({**SAMPLE_SETTINGS, **variables}),
        model_base=row.base if row else None,
        model_differences=json.dumps(row.differences) if row else None,
        defaults_differences=json.dumps(stored.defaults_differences()),
        layouts="[]",
        links="[]",
        tok1=None,
        tok2=_TOKEN,
    )


def _address(site: Site, found: ModelDetails) -> MacAddress:
    """The second address of the first range there is: many ranges begin with a special one."""
    vendor = site.library.vendors.get(found.vendor)
    ranges = [
        *(MacRange.of_prefix(prefix) for prefix in found.mac_prefixes),
        *(found.base.mac_ranges if found.base else ()),
        *(vendor.ranges if vendor else ()),
        _UNKNOWN_VENDOR,
    ]
    return MacAddress(f"{min(ranges[0].first + 1, ranges[0].last):012x}")
