"""The first contact by hand: what is typed into a phone, with a picture of the address to scan."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import segno

from provisioning.engine.first_contact import (
    Instructions,
    Step,
    TypedValue,
    load_general,
    load_instructions,
    typed_values,
)
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import Vendor
from provisioning.services import configurations, phones
from provisioning.services.errors import NotFound, WrongState
from provisioning.services.scopes import shipped_model
from provisioning.services.site import Site, shipped_data
from provisioning.store import devices, history
from provisioning.store.database import transaction
from provisioning.store.devices import StoredDevice

_GENERAL = "manual.yaml"
_QR_SCALE = 4


@dataclass(frozen=True, slots=True)
class FirstContact:
    """What is to be done at a phone so that it finds its configuration."""

    url: str
    """With the first-access token, which ends when the phone uses its permanent one."""
    qr: str
    """The same as a QR code, an SVG image."""
    fields: tuple[TypedValue, ...]
    """What to type, in the order of the phone's page."""
    enter: Step
    reset: Step
    switch_off: Step


def of_phone(site: Site, mac: MacAddress, *, by: str) -> FirstContact:
    """What is to be done at a phone; the history keeps who asked, for the address opens it.

    Raises:
        NotFound: it is not registered.
        WrongState: its first-access token is used up; it gets a new one first.
    """
    with transaction():
        phone = phones.get(site, mac)
        device = devices.find(str(mac))
        if device is None:
            raise NotFound("phone", str(mac))
        url = phones.first_address(site, phone)
        if url is None:
            used_up = "in use: its first-access token is used up"
            raise WrongState("phone", str(mac), used_up, "brought here by hand before it has a new")
        history.record(by, "phone", str(mac), "show")
    found = _instructions(site, device)
    return FirstContact(
        url,
        _picture(url),
        typed_values(found, url),
        found.enter,
        found.reset,
        found.switch_off,
    )


def _instructions(site: Site, device: StoredDevice) -> Instructions:
    general = load_general(shipped_data() / _GENERAL)
    vendor = configurations.vendor_of(site, device)
    if vendor is None:
        return general
    by_series = load_instructions(vendor, general)
    model = shipped_model(site.library, device.model, device.model_base)
    return by_series.get(model.series if model else "") or _only(vendor, by_series) or general


def _only(vendor: Vendor, by_series: Mapping[str, Instructions]) -> Instructions | None:
    """The instructions of a vendor whose phones are all alike."""
    return by_series.get(vendor.name) if len(by_series) == 1 else None


def _picture(url: str) -> str:
    image = io.BytesIO()
    segno.make_qr(url).save(image, kind="svg", scale=_QR_SCALE, xmldecl=False)
    return image.getvalue().decode("utf-8")
