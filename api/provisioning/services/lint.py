"""What the admin set and the phone will not do: settings without effect, missing keys and files.

Whether a setting has an effect is not looked up but watched: a template that reads nothing of what
a setting changes in the phone writes the same file without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from provisioning.engine.concerns import Concern, concerns
from provisioning.engine.identification import Identification
from provisioning.engine.layered_keys import person_of
from provisioning.engine.mac import MacAddress
from provisioning.engine.parameter import Parameter
from provisioning.engine.people import key_setting, referenced
from provisioning.engine.phone import Phone
from provisioning.engine.scopes import Variables
from provisioning.engine.vendors import Vendor
from provisioning.services import configurations, models, secrets
from provisioning.services.configurations import Access, CannotServe, Configuration
from provisioning.services.errors import NotFound
from provisioning.services.findings import Finding
from provisioning.services.lint_keys import KEYS, lint_keys, number_of, words_of
from provisioning.services.samples import sample_device
from provisioning.services.scopes import layers_of, parsed
from provisioning.services.site import Site
from provisioning.services.watched_phone import WatchedPhone
from provisioning.store import devices
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored_scopes
from provisioning.store.devices import StoredDevice
from provisioning.store.tables import Contact

# Read by the server itself or the user interface, not by a template.
_OURS = ("hostname", "provisioning_url_", "tmpl_", "cap_", "account_extension_", "ui_")
_SAID: Mapping[str, str] = {
    "other_vendor": "the device says so; its model is of {}",
    "other_model": "the device says so; devices of its model say {}",
    "firmware_too_old": "the device runs it; the template is written for {} or newer",
}


def lint_phone(site: Site, mac: MacAddress) -> list[Finding]:
    """Look through the settings of a phone, and what the phone said of itself.

    Raises:
        NotFound: the phone is not registered.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    contact = stored_phones.contact(device.mac)
    asking = _said(contact) if contact else Identification()
    own = {**_differences(device), **parsed(device.variables)}
    return [
        *lint_settings(site, device, own, asking),
        *(
            Finding(concern.code, "", concern.found, _SAID[concern.code].format(concern.expected))
            for concern in concerns_of(site, device.model, contact)
        ),
    ]


def lint_model(site: Site, model_id: str) -> list[Finding]:
    """Look through what the site changes in a model, or its own model presets.

    Raises:
        NotFound: there is no such model.
    """
    device = sample_device(site, model_id, {})
    return list(lint_settings(site, device, _differences(device), Identification()))


def lint_all(site: Site) -> Iterator[tuple[str, list[Finding]]]:
    """Look through all models that the site made or changed, then all phones; by their ids."""
    for row in list(stored_scopes.models()):
        yield str(row.id), lint_model(site, str(row.id))
    for phone in list(stored_phones.all_sorted()):
        yield str(phone.mac), lint_phone(site, MacAddress.parse(str(phone.mac)))


def concerns_of(site: Site, model_id: str, contact: Contact | None) -> list[Concern]:
    """What a phone said of itself at its last contact, held against the model it has."""
    if contact is None:
        return []
    asking = _said(contact)
    try:
        found = models.get(site, model_id)
    except NotFound:  # a model that nobody made: its id may tell
        base = site.library.base_of(model_id)
        vendor = site.library.vendor_of_model(model_id)
        names = base.user_agents if base else ()
        return list(concerns(asking, vendor.id if vendor else "", base, names, site.library))
    return list(concerns(asking, found.vendor, found.base, found.user_agents, site.library))


def _said(contact: Contact) -> Identification:
    return Identification(contact.vendor, contact.model, contact.firmware)


def _differences(device: StoredDevice) -> Variables:
    """What the site changes in the phone's model."""
    found: Mapping[str, str | None] = parsed(device.model_differences or "{}")
    return {name: value for name, value in found.items() if value is not None}


def lint_settings(
    site: Site, device: StoredDevice, own: Variables, said: Identification
) -> Iterator[Finding]:
    """Look through some of the settings of a phone.

    Args:
        site: the site.
        device: the phone, which need not be registered.
        own: the settings to look at, as somebody set them.
        said: what the phone said of itself; without a vendor: what its model lets expect.
    """
    vendor = configurations.vendor_of(site, device)
    if vendor is None:
        yield Finding("cannot_serve", "", device.model, "nothing tells the vendor of this phone")
        return
    asking = said if said.vendor else _as_expected(site, device, vendor)
    rules = configurations.rules_by_template(vendor)
    watched: WatchedPhone | None = None
    for setting, rule in rules.items():
        access = Access("tok2", device.tok2)
        try:
            found = configurations.find(site, device, access, rule, asking)
            found = _complete(site, found)
            watched = watched or WatchedPhone(site, found, configurations.typed_phone(site, found))
            watched.render(found)
        except CannotServe as mistake:
            if rule.role == "phone" or own.get(setting):
                yield Finding("cannot_serve", setting, own.get(setting, ""), str(mistake))
            if rule.role == "phone":
                return
    if watched is None:
        yield Finding("cannot_serve", "", device.model, f"{vendor.name} has no file for phones")
        return
    yield from _lint_watched(watched, own, _orphans(site, device, own))


def _as_expected(site: Site, device: StoredDevice, vendor: Vendor) -> Identification:
    """What a device that the admin chose the right model for says of itself."""
    try:
        names: Sequence[str] = models.get(site, device.model).user_agents
    except NotFound:
        names = ()
    return Identification(vendor.id, names[0] if names else "")


def _complete(site: Site, configuration: Configuration) -> Configuration:
    """The phone with what the PBX gives it later: accounts, and codes for what its keys do.

    An account without a user hides its settings from the template; the admin sets a proxy before.
    """
    subject, _ = configuration.phone_inputs
    given = {f"account_username_{n}": "201" for n in range(1, subject.accounts + 1)}
    for parameter in site.catalogue.parameters.values():
        if parameter.category == "feature_codes" and parameter.type == "text":
            given[parameter.name] = "*1"
    present = {name: value for name, value in configuration.variables.items() if value}
    return replace(configuration, variables={**configuration.variables, **given, **present})


def _orphans(site: Site, device: StoredDevice, own: Variables) -> frozenset[str]:
    """The settings by which keys refer to a user who is gone, where nothing nearer hides them."""
    if not referenced(own):
        return frozenset()
    layers = layers_of(site, device)
    known = {person.name for person in layers.people}
    found = set()
    for name, value in own.items():
        key = key_setting(name)
        if not key or key.member != "person" or value in known:
            continue
        if value and value == person_of(key.kind, key.number, layers.scopes):
            found.add(name)
    return frozenset(found)


def _lint_watched(
    watched: WatchedPhone, own: Variables, orphans: frozenset[str]
) -> Iterator[Finding]:
    site, phone = watched.site, watched.phone
    unusable = set()
    for replaced in phone.replaced:
        unusable.add(replaced.name)
        parameter = site.catalogue.find(replaced.name)
        if parameter and parameter.collection:
            detail = f"no such file was uploaded to {parameter.collection}"
            yield Finding("no_such_file", replaced.name, replaced.value, detail)
        else:
            used = repr(replaced.used) if replaced.used else "nothing"
            yield Finding(
                "not_usable", replaced.name, replaced.value, f"{used} is used in its place"
            )
    keys: dict[str, Parameter] = {}
    for name, value in own.items():
        parameter = site.catalogue.find(name)
        if not value or name in unusable or name.startswith(_OURS):
            continue
        if parameter and parameter.index in KEYS:
            keys[name] = parameter
        elif parameter and parameter.index == "account" and parameter.writer != "admin":
            yield from _lint_account(phone, name, value, parameter)
        elif value in _not_offered(watched, name):
            yield Finding("not_usable", name, value, "the model does not have this value")
        elif not watched.reads_setting(name, parameter):
            shown = secrets.hide(site.catalogue, name, value) or ""
            yield Finding("no_effect", name, shown, _why(phone, name, parameter))
    yield from lint_keys(watched, own, keys, orphans)


def _not_offered(watched: WatchedPhone, name: str) -> list[str]:
    """The values of a setting that the model lacks, by its capabilities."""
    return words_of(watched.configuration.variables.get(f"cap_{name}_blacklist", ""))


def _lint_account(phone: Phone, name: str, value: str, parameter: Parameter) -> Iterator[Finding]:
    """An account that the model lacks; what the PBX writes to each account concerns no admin."""
    if parameter.name == "account_username" and number_of(name) > len(phone.accounts):
        yield Finding("no_effect", name, value, _why(phone, name, parameter))


def _why(phone: Phone, name: str, parameter: Parameter | None) -> str:
    accounts = len(phone.accounts)
    if parameter and parameter.index == "account" and number_of(name) > accounts:
        return f"the model has {accounts} accounts"
    return "the template of this model does not read it, with the other settings as they are"
