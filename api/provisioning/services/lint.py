"""What the admin set and the phone will not do: settings without effect, missing keys and files.

Whether a setting has an effect is not looked up but watched: a template that reads nothing of what
a setting changes in the phone writes the same file without it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from provisioning.engine.concerns import Concern, concerns
from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.engine.parameter import Parameter
from provisioning.engine.phone import Phone
from provisioning.engine.rendering import RenderingError
from provisioning.engine.scopes import Variables
from provisioning.engine.vendors import FileRule, Vendor
from provisioning.engine.watching import Reads, influenced
from provisioning.services import configurations, models, secrets
from provisioning.services.configurations import Access, CannotServe, Configuration
from provisioning.services.errors import NotFound
from provisioning.services.samples import sample_device
from provisioning.services.scopes import parsed
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import phones as stored_phones
from provisioning.store import scopes as stored_scopes
from provisioning.store.devices import StoredDevice
from provisioning.store.tables import Contact

Code = Literal[
    "cannot_serve",
    "firmware_too_old",
    "key_type_unsupported",
    "no_effect",
    "no_such_file",
    "no_such_key",
    "not_usable",
    "other_model",
    "other_vendor",
]

# Prefix of the settings of a kind of key, and the capability that lists the types it lacks.
_KEYS = {
    "soft_key": ("softkey", "cap_softkey_type_blacklist"),
    "line_key": ("linekey", "cap_linekey_type_blacklist"),
    "expansion_key": ("expkey", "cap_expkey_type_blacklist"),
}
# Read by the server itself or the user interface, not by a template.
_OURS = ("hostname", "provisioning_url_", "tmpl_", "cap_", "account_extension_", "ui_")
_NO_TYPE = "no-such-type"
_FREE = "disabled"  # Yealink's and Akuvox's word for a key that is to do nothing
_SAID: Mapping[str, str] = {
    "other_vendor": "the device says so; its model is of {}",
    "other_model": "the device says so; devices of its model say {}",
    "firmware_too_old": "the device runs it; the template is written for {} or newer",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that will not work as set."""

    code: Code
    setting: str
    """The setting; empty where it is about the whole phone."""
    value: str
    """The value that has no effect, masked if it is secret; else what the device says."""
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
    contact = stored_phones.contact(device.mac)
    asking = _said(contact) if contact else Identification()
    own = {**_differences(device), **parsed(device.variables)}
    return [
        *_lint(site, device, own, asking),
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
    return list(_lint(site, device, _differences(device), Identification()))


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


@dataclass(frozen=True, slots=True)
class _Watched:
    """A phone and everything its templates read of it."""

    site: Site
    configuration: Configuration
    phone: Phone
    reads: Reads = field(default_factory=Reads)

    def render(self, configuration: Configuration) -> None:
        """Let one more template read the phone.

        Raises:
            CannotServe: it fails.
        """
        variables = self.reads.variables(configuration.variables)
        watched = self.reads.phone(self.phone)
        try:
            self.site.renderer.render(configuration.template, watched, variables)
        except RenderingError as mistake:
            raise CannotServe(str(mistake)) from mistake

    def reads_setting(self, name: str, parameter: Parameter | None) -> bool:
        """Whether a template reads the setting, or anything of the phone that hangs on it."""
        if self.reads.has(name):
            return True
        for variables in _otherwise(self.configuration.variables, name, parameter):
            changed = replace(self.configuration, variables=variables)
            other = configurations.typed_phone(self.site, changed)
            if any(path in self.reads.attributes for path in influenced(self.phone, other)):
                return True
        return False


def _lint(
    site: Site, device: StoredDevice, own: Variables, said: Identification
) -> Iterator[Finding]:
    vendor = configurations.vendor_of(site, device)
    if vendor is None:
        yield Finding("cannot_serve", "", device.model, "nothing tells the vendor of this phone")
        return
    asking = said if said.vendor else _as_expected(site, device, vendor)
    rules = _rules_by_template(vendor)
    watched: _Watched | None = None
    for setting, rule in rules.items():
        access = Access("tok2", device.tok2)
        try:
            found = configurations.find(site, device, access, rule, asking)
            found = _complete(site, found)
            watched = watched or _Watched(site, found, configurations.typed_phone(site, found))
            watched.render(found)
        except CannotServe as mistake:
            if rule.role == "phone" or own.get(setting):
                yield Finding("cannot_serve", setting, own.get(setting, ""), str(mistake))
            if rule.role == "phone":
                return
    if watched is None:
        yield Finding("cannot_serve", "", device.model, f"{vendor.name} has no file for phones")
        return
    yield from _lint_settings(watched, own)


def _as_expected(site: Site, device: StoredDevice, vendor: Vendor) -> Identification:
    """What a device that the admin chose the right model for says of itself."""
    try:
        names: Sequence[str] = models.get(site, device.model).user_agents
    except NotFound:
        names = ()
    return Identification(vendor.id, names[0] if names else "")


def _rules_by_template(vendor: Vendor) -> dict[str, FileRule]:
    """One file for each template that a phone has, its configuration first."""
    ordered = sorted(vendor.files, key=lambda rule: rule.role != "phone")
    rules: dict[str, FileRule] = {}
    for rule in ordered:
        rules.setdefault(rule.template_variable, rule)
    return rules


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


def _lint_settings(watched: _Watched, own: Variables) -> Iterator[Finding]:
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
        if parameter and parameter.index in _KEYS:
            keys[name] = parameter
        elif parameter and parameter.index == "account" and parameter.writer != "admin":
            yield from _lint_account(phone, name, value, parameter)
        elif not watched.reads_setting(name, parameter):
            shown = secrets.hide(site.catalogue, name, value) or ""
            yield Finding("no_effect", name, shown, _why(phone, name, parameter))
    yield from _lint_keys(watched, own, keys)


def _lint_account(phone: Phone, name: str, value: str, parameter: Parameter) -> Iterator[Finding]:
    """An account that the model lacks; what the PBX writes to each account concerns no admin."""
    if parameter.name == "account_username" and _number(name) > len(phone.accounts):
        yield Finding("no_effect", name, value, _why(phone, name, parameter))


def _why(phone: Phone, name: str, parameter: Parameter | None) -> str:
    accounts = len(phone.accounts)
    if parameter and parameter.index == "account" and _number(name) > accounts:
        return f"the model has {accounts} accounts"
    return "the template of this model does not read it, with the other settings as they are"


def _lint_keys(
    watched: _Watched, own: Variables, keys: Mapping[str, Parameter]
) -> Iterator[Finding]:
    phone = watched.phone
    modules = phone.expansion_modules
    on_module = len(modules[0].keys) if modules else 0
    counts = {
        "soft_key": len(phone.soft_keys),
        "line_key": len(phone.line_keys),
        "expansion_key": on_module * len(modules),
    }
    lacking = _types_without_effect(watched, own, keys, counts)
    told: set[tuple[str, int]] = set()
    # The type first: what hangs on a type that is wrong need not be told too.
    for name, parameter in sorted(keys.items(), key=lambda key: not _is_type(key[1])):
        kind, number = str(parameter.index), _number(name)
        if (kind, number) in told:
            continue
        code, detail = _of_key(watched, name, own[name], parameter, counts, lacking)
        if code:
            yield Finding(code, name, own[name], detail)
        if code and code != "no_effect":
            told.add((kind, number))


def _of_key(
    watched: _Watched,
    name: str,
    value: str,
    parameter: Parameter,
    counts: Mapping[str, int],
    lacking: Collection[tuple[str, str]],
) -> tuple[Code | None, str]:
    """What is wrong with one setting of a key, if anything."""
    kind, number = str(parameter.index), _number(name)
    if number > counts[kind]:
        return "no_such_key", f"the model has {counts[kind]} such keys"
    if _is_type(parameter):
        if value not in parameter.words:
            return "key_type_unsupported", "there is no such key type"
        if (kind, value) in lacking:
            return "key_type_unsupported", "the model lacks this key type"
        return None, ""
    member = parameter.name.rpartition("_")[2]
    if f"{_place(watched.phone, kind, number)}.{member}" in watched.reads.attributes:
        return None, ""
    prefix, _ = _KEYS[kind]
    key_type = watched.configuration.variables.get(f"{prefix}_type_{number}", "")
    if member == "value" and not _takes_value(watched.site, f"{prefix}_type", key_type):
        return None, ""
    return "no_effect", "the template does not read it for a key of this type and place"


def _is_type(parameter: Parameter) -> bool:
    return parameter.name.endswith("_type")


def _takes_value(site: Site, setting: str, key_type: str) -> bool:
    """Whether a key of a type has a value at all: one that is left over there means nothing."""
    choices = site.catalogue.parameters[setting].values
    return any(choice.value == key_type and choice.key_value != "none" for choice in choices)


def _place(phone: Phone, kind: str, number: int) -> str:
    """Where the phone holds a key, as :class:`Reads` writes it."""
    if kind == "expansion_key":
        module, key = divmod(number - 1, len(phone.expansion_modules[0].keys))
        return f"expansion_modules[{module}].keys[{key}]"
    return f"{kind}s[{number - 1}]"


def _types_without_effect(
    watched: _Watched, own: Variables, keys: Mapping[str, Parameter], counts: Mapping[str, int]
) -> set[tuple[str, str]]:
    """The types among some keys that the model lacks, or writes like a type nobody knows."""
    examples: dict[tuple[str, str], str] = {}
    for name, parameter in keys.items():
        kind = str(parameter.index)
        if _is_type(parameter) and _number(name) <= counts[kind] and own[name] != _FREE:
            examples.setdefault((kind, own[name]), name)
    variables = watched.configuration.variables
    lacking = set()
    filled = dict(variables)
    for name in examples.values():  # some vendors write a key without a value as a free one
        for member in ("value", "label"):
            other = name.replace("_type_", f"_{member}_")
            filled[other] = variables.get(other) or "1"
    body = _render(watched, filled)
    for (kind, value), name in examples.items():
        listed = [word.strip() for word in variables.get(_KEYS[kind][1], "").split(",")]
        if value in listed or _render(watched, {**filled, name: _NO_TYPE}) == body:
            lacking.add((kind, value))
    return lacking


def _render(watched: _Watched, variables: Variables) -> bytes | None:
    """The phone's file with other settings; None if its template fails with them."""
    try:
        return configurations.render(
            watched.site, replace(watched.configuration, variables=variables)
        )
    except CannotServe:
        return None


def _number(name: str) -> int:
    return int(name.rpartition("_")[2])


def _otherwise(variables: Variables, name: str, parameter: Parameter | None) -> Iterator[Variables]:
    """The settings without one of them, and with a few other values of it."""
    yield {other: value for other, value in variables.items() if other != name}
    value = variables.get(name, "")
    words = parameter.words[:3] if parameter else ()
    for candidate in ("", "1", *(words or (f"{value}1",))):
        if candidate != value:
            yield {**variables, name: candidate}
