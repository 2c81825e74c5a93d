"""From a file name to the bytes a device gets: the one path of delivery and preview.

A configuration is named before it is rendered: its ETag is a digest of everything the rendering
depends on (settings, templates, addresses, files, what the device says of itself). Rendering is
deterministic, so an equal ETag means equal bytes, and "unchanged" is answered without rendering.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.engine.concerns import model_of
from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone import Phone
from provisioning.engine.phone_building import Request, Subject, build_phone
from provisioning.engine.rendering import RenderingError
from provisioning.engine.scopes import Variables
from provisioning.engine.vendors import FileRule, TemplateRef, Vendor
from provisioning.services import files
from provisioning.services.addresses import Addresses
from provisioning.services.errors import NotFound
from provisioning.services.scopes import FindPeople, layers_of, setting_of, shipped_model
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import people as stored_people
from provisioning.store.devices import StoredDevice

_FILE_SETTINGS = (
    ("backgrounds", "background_file"),
    ("firmware", "firmware_file"),
    ("ringtones", "ringtone_file"),
    ("screensavers", "screensaver_file"),
)

FALLBACK_TEMPLATE = "fallback.tmpl"
"""Tancredi's name for: choose the template by the device itself, no model is known."""


class CannotServe(Exception):
    """A configuration that cannot be made; the text tells the admin why."""


@dataclass(frozen=True, slots=True)
class Access:
    """By what right a device asks."""

    kind: str
    """``tok1``, ``tok2`` or ``tokenless``: without a token, everything secret is left out."""
    token: str | None
    """What goes into the addresses written for the device: the permanent token, except for a
    device without a token, which is sent to its first-access token; None if that is consumed."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file for a device, named and ready to be rendered."""

    mac: MacAddress
    etag: str
    content_type: str
    template: TemplateRef
    phone_inputs: tuple[Subject, Request]
    variables: Variables


def find(
    site: Site,
    device: StoredDevice,
    access: Access,
    rule: FileRule,
    asking: Identification,
    find_people: FindPeople = stored_people.find,
) -> Configuration:
    """Name the configuration that answers a rule for a phone.

    Args:
        site: the site.
        device: the phone as stored.
        access: by what right it asks.
        rule: the file rule that its file name matched.
        asking: what the device says of itself.
        find_people: looks up whom its keys refer to.

    Raises:
        CannotServe: there is no template for it.
    """
    mac = MacAddress.parse(device.mac)
    layers = layers_of(site, device, find_people)
    variables = layers.merged()
    model = shipped_model(site.library, device.model, device.model_base)
    template = _template(site, device, variables, rule, asking)
    addresses = Addresses.of(mac, variables, site.public_url)
    if access.kind == "tokenless":
        variables = _without_secrets(site, variables)
    present = _present_files(site, variables) if access.token else frozenset()
    inputs = (device, layers.people, access, template, addresses, sorted(present), asking)
    vendor = site.library.vendors[template.vendor]
    return Configuration(
        mac=mac,
        etag=_etag(site, inputs),
        content_type=rule.content_type,
        template=template,
        phone_inputs=(
            Subject(
                mac=mac,
                model=model,
                display_name=device.display_name,
                hostname=addresses.hostname,
                accounts=model.accounts if model else vendor.accounts,
            ),
            Request(
                url=addresses.url(access.token) or "",
                base_url=addresses.folder(access.token) if access.token else "",
                complete=access.kind == "tok2",
                device=asking,
                file_exists=lambda collection, name: (collection, name) in present,
            ),
        ),
        variables=variables,
    )


def render(site: Site, configuration: Configuration) -> bytes:
    """Make the bytes of a configuration.

    Raises:
        CannotServe: its template fails.
    """
    try:
        return site.renderer.render(
            configuration.template, typed_phone(site, configuration), configuration.variables
        )
    except RenderingError as mistake:
        raise CannotServe(str(mistake)) from mistake


def digest(body: bytes) -> str:
    """Names the bytes of a configuration, to tell later whether a phone has them."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def typed_phone(site: Site, configuration: Configuration) -> Phone:
    """The phone as its template sees it."""
    subject, request = configuration.phone_inputs
    return build_phone(subject, configuration.variables, request, site.zones)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a phone would get, without any effect on it."""

    file_name: str
    content_type: str
    body: bytes
    replaced: tuple[tuple[str, str, str], ...]
    """Settings that could not be used: name, value, what was used instead."""


def preview(site: Site, mac: MacAddress, file_name: str | None) -> Preview:
    """Render what a phone would get with its permanent token; nothing is consumed or logged.

    Args:
        site: the site.
        mac: the phone.
        file_name: the file it would ask for; None: its configuration.

    Raises:
        NotFound: no such phone, or no such file for it.
        CannotServe: there is no template for it, or it fails.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return preview_of(site, device, file_name)


def preview_of(site: Site, device: StoredDevice, file_name: str | None) -> Preview:
    """Like :func:`preview`, for a phone that need not be registered."""
    name, rule = file_of(site, device, file_name)
    found = find(site, device, Access("tok2", device.tok2), rule, Identification())
    phone = typed_phone(site, found)
    return Preview(
        file_name=name,
        content_type=found.content_type,
        body=render(site, found),
        replaced=tuple((r.name, r.value, r.used) for r in phone.replaced),
    )


def file_of(site: Site, device: StoredDevice, file_name: str | None) -> tuple[str, FileRule]:
    """A file of a phone and the rule that answers it.

    Args:
        site: the site.
        device: the phone.
        file_name: the file; None: its configuration.

    Raises:
        NotFound: no such file for it.
    """
    vendor = vendor_of(site, device)
    names = [file_name] if file_name else _file_names(MacAddress.parse(device.mac), vendor)
    for name in names:
        match = site.library.route(name, vendor=vendor.id if vendor else None)
        if match:
            return name, match.rule
    raise NotFound("file", file_name or device.mac)


def vendor_of(site: Site, device: StoredDevice) -> Vendor | None:
    """Whose device it is: by the template it has, else by its model's name, else by its address."""
    template = site.library.template(setting_of(site, device, "tmpl_phone"))
    if template:
        return site.library.vendors[template.vendor]
    named = site.library.vendor_of_model(device.model)
    return named or site.library.vendor_of(MacAddress.parse(device.mac))


def rules_by_template(vendor: Vendor) -> dict[str, FileRule]:
    """One file for each template that a phone has, its configuration first."""
    ordered = sorted(vendor.files, key=lambda rule: rule.role != "phone")
    rules: dict[str, FileRule] = {}
    for rule in ordered:
        rules.setdefault(rule.template_variable, rule)
    return rules


def _file_names(mac: MacAddress, vendor: Vendor | None) -> list[str]:
    """What a device of a vendor asks for, for the forms that vendors use."""
    names = [f"{mac.bare}.cfg", f"{mac.bare}.xml", f"cfg{mac.bare}.xml"]
    if vendor is None:
        return names
    own = [n for n in names if any(r.role == "phone" and r.match(n) for r in vendor.files)]
    return own or names


def _template(
    site: Site,
    device: StoredDevice,
    variables: Mapping[str, str],
    rule: FileRule,
    asking: Identification,
) -> TemplateRef:
    name = variables.get(rule.template_variable, "")
    if not name:
        raise CannotServe(f"{rule.template_variable} is not set for this phone")
    if name != FALLBACK_TEMPLATE:
        found = site.library.template(name)
        if found is None:
            raise CannotServe(
                f"{rule.template_variable} names the template {name!r}, which does not exist here; "
                "templates of Tancredi must be written anew"
            )
        return found
    # Without a model the device itself says what it is; its address is the second witness.
    likely = model_of(asking, site.library)
    named = likely.variables.get(rule.template_variable, "") if likely else ""
    if by_model := site.library.template(named):
        return by_model
    vendor = site.library.vendors.get(asking.vendor)
    vendor = vendor or site.library.vendor_of(MacAddress.parse(device.mac))
    if vendor is None or not vendor.templates:
        raise CannotServe(
            "the phone has no model, and neither user agent nor address tell a vendor"
        )
    return TemplateRef(vendor.id, next(iter(vendor.templates.values())))


def _without_secrets(site: Site, variables: Variables) -> Variables:
    """What may be told to whoever knows a MAC address: no account, no password."""
    return {name: "" if _is_private(site, name) else value for name, value in variables.items()}


def _is_private(site: Site, name: str) -> bool:
    return "account_" in name or name == "ldap_user" or site.catalogue.is_secret(name)


def _present_files(site: Site, variables: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    wanted = ((collection, variables.get(name, "")) for collection, name in _FILE_SETTINGS)
    return frozenset(
        (collection, name) for collection, name in wanted if files.path(site, collection, name)
    )


def _etag(site: Site, inputs: tuple[object, ...]) -> str:
    digest = hashlib.blake2b(site.digest, digest_size=16)
    digest.update(repr(inputs).encode("utf-8", "surrogatepass"))
    return f'"{digest.hexdigest()}"'
