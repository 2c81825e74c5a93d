"""What a phone would get, for people to read: without its secrets unless they ask for them."""

import dataclasses

from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.services import configurations, secrets
from provisioning.services.configurations import Access, Preview
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import devices, history
from provisioning.store.database import transaction
from provisioning.store.devices import StoredDevice


def with_secrets(site: Site, mac: MacAddress, file_name: str | None, *, by: str) -> Preview:
    """The file exactly as the phone would get it; the history keeps who asked.

    Raises:
        NotFound: no such phone, or no such file for it.
        CannotServe: there is no template for it, or it fails.
    """
    preview = configurations.preview(site, mac, file_name)
    with transaction():
        history.record(by, "phone", str(mac), "show")
    return preview


def masked(site: Site, mac: MacAddress, file_name: str | None) -> Preview:
    """The file rendered with masks in the place of secrets, the token in its URLs included.

    A search for the secrets in the finished file would miss escaped ones, and would hit words
    that only look like them.

    Raises:
        NotFound: no such phone, or no such file for it.
        CannotServe: there is no template for it, or it fails.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return masked_of(site, device, file_name)


def masked_of(site: Site, device: StoredDevice, file_name: str | None) -> Preview:
    """Like :func:`masked`, for a phone that need not be registered."""
    real = configurations.preview_of(site, device, file_name)
    _, rule = configurations.file_of(site, device, real.file_name)
    found = configurations.find(site, device, Access("tok2", secrets.MASK), rule, Identification())
    hidden = dataclasses.replace(found, variables=secrets.hide_all(site.catalogue, found.variables))
    return dataclasses.replace(
        real,
        body=configurations.render(site, hidden),
        replaced=tuple(
            (name, secrets.hide(site.catalogue, name, value) or "", used)
            for name, value, used in real.replaced
        ),
    )
