"""What the admin set and the phone will not do: settings without effect, missing keys and files.

Whether a setting has an effect is not looked up but tried: the phone is rendered with other values
of it, and if no byte changes, its template does not read it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from provisioning.engine.concerns import Concern, concerns
from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.engine.parameter import Parameter
from provisioning.engine.scopes import Variables
from provisioning.services import configurations, models
from provisioning.services.configurations import Access, CannotServe, Configuration
from provisioning.services.errors import NotFound
from provisioning.services.samples import sample_device
from provisioning.services.scopes import parsed, shipped_model
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import phones as stored_phones
from provisioning.store.devices import StoredDevice

Code = Literal[
    "cannot_serve",
    "no_effect",
    "no_such_key",
    "key_type_unsupported",
    "not_usable",
    "other_vendor",
    "other_model",
    "firmware_too_old",
]

_KEYS = {
    "soft_key": ("softkey", "cap_softkey_type_blacklist"),
    "line_key": ("linekey", "cap_linekey_type_blacklist"),
    "expansion_key": ("expkey", "cap_expkey_type_blacklist"),
}
# Read by the server itself, not by a template.
_OURS = ("hostname", "provisioning_url_", "tmpl_", "cap_", "account_extension_", "ui_")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that will not work as set."""

    code: Code
    setting: str
    """The setting; empty where it is about the whole phone."""
    value: str
    """The value that has no effect; empty for a secret."""
    detail: str
    """What is possible, or what is used instead."""


def lint_phone(site: Site, mac: MacAddress) -> list[Finding]:
    """Look through the settings of a phone, and what the phone said of itself.

    Raises:
        NotFound: the phone is not registered.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    found = list(_lint(site, device))
    return found + [
        Finding(concern.code, "", concern.found, concern.expected)
        for concern in concerns_of(site, device)
    ]


def concerns_of(site: Site, device: StoredDevice) -> list[Concern]:
    """What a phone said of itself at its last contact, held against its model."""
    contact = stored_phones.contact(device.mac)
    if contact is None:
        return []
    asking = Identification(contact.vendor, contact.model, contact.firmware)
    shipped = shipped_model(site.library, device.model, device.model_base)
    try:
        names = models.get(site, device.model).user_agents
    except NotFound:
        names = shipped.user_agents if shipped else ()
    return list(concerns(asking, shipped, names, site.library))


def lint_model(site: Site, model_id: str) -> list[Finding]:
    """Look through what the site changes in a model, or its own model presets.

    Raises:
        NotFound: there is no such model.
    """
    return list(_lint(site, sample_device(site, model_id, {})))


def _lint(site: Site, device: StoredDevice) -> Iterator[Finding]:
    vendor = configurations.vendor_of(site, device)
    rule = next((rule for rule in vendor.files if rule.role == "phone"), None) if vendor else None
    if rule is None:
        yield Finding("cannot_serve", "", device.model, "no vendor serves this model")
        return
    try:
        configuration = configurations.find(
            site, device, Access("tok2", device.tok2), rule, Identification()
        )
        body = configurations.render(site, configuration)
    except CannotServe as mistake:
        yield Finding("cannot_serve", "", device.model, str(mistake))
        return
    phone = configurations.typed_phone(site, configuration)
    for replaced in phone.replaced:
        used = replaced.used or "nothing"
        yield Finding("not_usable", replaced.name, replaced.value, f"{used} is used instead")
    counts = {
        "soft_key": len(phone.soft_keys),
        "line_key": len(phone.line_keys),
        "expansion_key": sum(len(module.keys) for module in phone.expansion_modules),
    }
    unusable = {replaced.name for replaced in phone.replaced}
    for name, value in _own(device).items():
        parameter = site.catalogue.find(name)
        if name.startswith(_OURS) or name in unusable or not value:
            continue
        if parameter and parameter.index in _KEYS:
            yield from _lint_key(configuration.variables, counts, name, value, parameter)
        elif not _has_effect(site, configuration, body, name, parameter):
            shown = "" if site.catalogue.is_secret(name) else value
            yield Finding("no_effect", name, shown, "the template of this model does not read it")


def _own(device: StoredDevice) -> Variables:
    """What the admin set: the phone's own settings and what the site changes in its model."""
    differences = parsed(device.model_differences) if device.model_differences else {}
    own = {name: value for name, value in differences.items() if value is not None}
    return {**own, **parsed(device.variables)}


def _lint_key(
    variables: Mapping[str, str],
    counts: Mapping[str, int],
    name: str,
    value: str,
    parameter: Parameter,
) -> Iterator[Finding]:
    kind = str(parameter.index)
    prefix, blacklist = _KEYS[kind]
    number = int(name.rpartition("_")[2])
    if number > counts[kind]:
        yield Finding("no_such_key", name, value, f"the model has {counts[kind]} such keys")
    elif parameter.name == f"{prefix}_type":
        lacking = [entry.strip() for entry in variables.get(blacklist, "").split(",")]
        if value in lacking:
            yield Finding("key_type_unsupported", name, value, "the model lacks this key type")
        elif value not in parameter.words:
            yield Finding("key_type_unsupported", name, value, "there is no such key type")


def _has_effect(
    site: Site,
    configuration: Configuration,
    body: bytes,
    name: str,
    parameter: Parameter | None,
) -> bool:
    for variables in _otherwise(configuration.variables, name, parameter):
        try:
            if configurations.render(site, replace(configuration, variables=variables)) != body:
                return True
        except CannotServe:  # a template that fails without a value does read it
            return True
    return False


def _otherwise(variables: Variables, name: str, parameter: Parameter | None) -> Iterator[Variables]:
    """The settings with other values of one of them, and without it."""
    yield {other: value for other, value in variables.items() if other != name}
    value = variables.get(name, "")
    words = parameter.words if parameter else ()
    candidates = ["", "1", *words] if words else ["", "1", f"{value}1"]
    for candidate in candidates:
        if candidate != value:
            yield {**variables, name: candidate}
