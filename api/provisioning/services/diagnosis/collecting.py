"""Reading what a diagnosis rests on: once, without any effect, and without secrets."""

import re
from collections.abc import Callable, Mapping, Sequence

from provisioning.engine.concerns import Concern
from provisioning.engine.identification import Identification, identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Variables
from provisioning.engine.vendors import Series, Vendor
from provisioning.services import (
    application_settings,
    comparisons,
    configurations,
    files,
    lint,
    new_models,
    pbx,
    redirections,
    reprovisioning,
)
from provisioning.services.addresses import Addresses
from provisioning.services.application_settings import ApplicationSettings
from provisioning.services.configurations import Access, CannotServe
from provisioning.services.diagnosis.facts import (
    Account,
    Facts,
    Firmware,
    Heard,
    PbxWork,
    PhoneFacts,
    RedirectState,
)
from provisioning.services.errors import NotFound
from provisioning.services.scopes import is_model, layers_of, shipped_model
from provisioning.services.secrets import MASK
from provisioning.services.site import Site
from provisioning.store import device_requests, devices, links, operations, proofs
from provisioning.store import phones as stored_phones
from provisioning.store.devices import StoredDevice
from provisioning.store.phone_lists import SILENT_SECONDS
from provisioning.store.tables import DeviceRequest, Link

_REQUESTS = 100
_NEARBY_SECONDS = 3600.0
_SHORTEST_SECRET = 4
_KNOCKED = ("refused", "unknown_phone")
# Told elsewhere in the diagnosis.
_TOLD = ("cannot_serve", "firmware_too_old", "other_model", "other_vendor")

Clean = Callable[[str], str]


def collect(site: Site, mac: MacAddress, *, now: float) -> Facts:
    """Read everything that is known of a phone, or of a device that is none here."""
    device = devices.find(str(mac))
    variables = layers_of(site, device).merged() if device else {}
    clean = _cleaner(site, device, variables)
    rows = _requests(mac)
    last = rows[0] if rows else None
    unknown = _unknown_tokens(site, mac, now, clean)
    strays = (agent for agent, heard in unknown if heard.marked)
    agent = str(last.user_agent) if last else next(strays, "")
    asking = identify(agent, site.library.user_agents)
    has_model = device is not None and is_model(site, device.model)
    return Facts(
        mac=mac,
        now=now,
        vendor=_vendor_by_address(site, mac),
        said_vendor=_vendor_name(site, asking.vendor),
        suggested_model="" if has_model else new_models.suggest(site, mac, agent).model,
        requests=[_heard(site, row, mac, clean) for row in rows],
        unknown_tokens=[heard for _, heard in unknown],
        redirect=_redirect(site, mac) if device else None,
        phone=_phone(site, mac, device, variables, agent, clean) if device else None,
    )


def _redirect(site: Site, mac: MacAddress) -> RedirectState:
    told = redirections.state_of(site, mac)
    return RedirectState(told.state, told.changed_at, told.reason or "")


def _requests(mac: MacAddress) -> list[DeviceRequest]:
    """The last requests, newest first.

    Of a phone that was removed and registered anew the old ones tell nothing of how it is now.
    """
    since = _registered_at(mac)
    rows = device_requests.newest(str(mac), limit=_REQUESTS)
    return [row for row in rows if row.at >= since or row.outcome in _KNOCKED]


def _registered_at(mac: MacAddress) -> float:
    """Since when a phone is registered here; 0: it is not."""
    phone = stored_phones.find(str(mac))
    return float(phone.created_at) if phone else 0.0


def _phone(
    site: Site,
    mac: MacAddress,
    device: StoredDevice,
    variables: Variables,
    agent: str,
    clean: Clean,
) -> PhoneFacts:
    settings = application_settings.get()
    vendor = configurations.vendor_of(site, device)
    series = _series(site, device, vendor)
    contact, proof = stored_phones.contact(device.mac), proofs.find(device.mac)
    error = _rendering_error(site, device, identify(agent, site.library.user_agents))
    linked = links.of_phone(device.mac)
    asking = operations.newest_item(reprovisioning.KIND, device.mac)
    return PhoneFacts(
        model=device.model,
        model_known=is_model(site, device.model),
        model_vendor=vendor.name if vendor else "",
        concerns=[_named(site, one) for one in lint.concerns_of(site, device.model, contact)],
        series=series.name if series else "",
        redirect=series is not None and series.redirect,
        dhcp_options=_options(vendor),
        nightly=_is_nightly(variables, series),
        vlan="" if variables.get("vlan_id_phone") == "0" else variables.get("vlan_id_phone", ""),
        address_to_reach=Addresses.of(mac, variables, site.public_url).base,
        first_access=device.tok1 is not None,
        first_served_at=device_requests.first_served_at(device.mac, since=_registered_at(mac)),
        heard_at=contact.at if contact else None,
        heard_from=contact.address if contact else "",
        permanent_at=contact.permanent_at if contact else None,
        rendering_error=clean(error),
        findings=[] if error else _findings(site, mac),
        accounts=[_account(link, settings, clean) for link in linked],
        account_of_settings="" if linked else variables.get("account_username_1", ""),
        fetched_at=contact.served_at if contact else None,
        wants_another=not error and comparisons.compare(site, mac).wants is not None,
        saved_at=proof.saved_at if proof else None,
        asked_at=proof.asked_at if proof else None,
        asking_ended=clean((asking and asking.reason) or ""),
        tells_registrations=bool(settings.text("ami_host")),
        registered=proof.registered if proof else None,
        registered_at=proof.registered_at if proof else None,
        registered_from=(proof and proof.registered_address) or "",
        behind_proxy=bool(settings.text("pjsip_outbound_proxy")) or pbx.makes_accounts(),
        firmware=_firmware(site, device, variables, contact.firmware if contact else ""),
    )


def _cleaner(site: Site, device: StoredDevice | None, variables: Mapping[str, str]) -> Clean:
    """Takes a phone's secrets out of texts that others wrote: a template's error may hold any."""
    if device is None:
        return lambda text: text
    known = {value for name, value in variables.items() if site.catalogue.is_secret(name)}
    known |= {device.tok1 or "", device.tok2 or ""}
    known |= {str(link.secret) for link in links.of_phone(device.mac)}
    secrets = sorted((s for s in known if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, secrets)) or r"(?!)")
    return lambda text: pattern.sub(MASK, text)


def _heard(site: Site, row: DeviceRequest, mac: MacAddress, clean: Clean) -> Heard:
    found = identify(str(row.user_agent), site.library.user_agents)
    in_file = site.library.address_in(str(row.file))
    said = found.mac or in_file
    return Heard(
        at=row.at,
        access=str(row.access),
        address=str(row.address) or "?",
        file=clean(str(row.file)) or "/",
        status=row.status,
        outcome=str(row.outcome),
        reason=clean(row.reason or ""),
        says=" ".join(filter(None, (_vendor_name(site, found.vendor), found.model))),
        # Some vendors' phones first ask for 000000000000.cfg.
        other=str(said) if said is not None and said != mac and said.value else "",
        marked=row.phone is not None or mac in (found.mac, in_file),
    )


def _unknown_tokens(
    site: Site, mac: MacAddress, now: float, clean: Clean
) -> list[tuple[str, Heard]]:
    """Requests with tokens that open nothing, of this device or from where it was last.

    Those of other devices that share its address are left out. Each comes with its user agent.
    """
    contact = stored_phones.contact(str(mac))
    rows = device_requests.unknown_tokens(
        since=now - SILENT_SECONDS,
        marks=(mac.bare, mac.colons, str(mac)),
        near=(str(contact.address), contact.at, _NEARBY_SECONDS) if contact else None,
        limit=_REQUESTS,
    )
    found = [(str(row.user_agent), _heard(site, row, mac, clean)) for row in rows]
    return [(agent, heard) for agent, heard in found if heard.marked or not heard.other]


def _rendering_error(site: Site, device: StoredDevice, asking: Identification) -> str:
    """Why the phone's configuration cannot be made now; empty: it can."""
    try:
        _, rule = configurations.file_of(site, device, None)
        access = Access("tok2", device.tok2)
        configurations.render(site, configurations.find(site, device, access, rule, asking))
    except CannotServe as mistake:
        return str(mistake)
    except NotFound:
        return "nothing tells which file the phone asks for: neither its model nor its address"
    return ""


def _findings(site: Site, mac: MacAddress) -> list[str]:
    """The settings that will not work as they are set, each once."""
    found = (finding for finding in lint.lint_phone(site, mac) if finding.code not in _TOLD)
    return list(dict.fromkeys(finding.setting for finding in found))


def _account(link: Link, settings: ApplicationSettings, clean: Clean) -> Account:
    kinds = {
        "asterisk": (pbx.ACCOUNTS, pbx.ALL_ACCOUNTS),
        "nethvoice": (pbx.NETHVOICE_ACCOUNT, f"{link.phone_id}/{link.line}"),
    }
    kind = kinds.get(settings.choice("pbx_connector"))
    item = operations.newest_item(*kind) if kind else None
    return Account(
        number=str(link.number),
        user=link.user.name,
        locked=bool(link.user.locked),
        gone_at=link.user.removed_at,
        confirmed=bool(link.confirmed),
        work=PbxWork(item.operation.id, str(item.state), clean(item.reason or ""))
        if item
        else None,
    )


def _firmware(
    site: Site, device: StoredDevice, variables: Mapping[str, str], running: str
) -> Firmware:
    base = shipped_model(site.library, device.model, device.model_base)
    file = variables.get("firmware_file", "")
    return Firmware(
        running=running,
        minimum=base.minimum_firmware if base else "",
        file=file,
        file_exists=files.path(site, "firmware", file) is not None,
    )


def _series(site: Site, device: StoredDevice, vendor: Vendor | None) -> Series | None:
    """Which phones of its vendor it belongs to; without a model the vendor's as one."""
    if vendor is None:
        return None
    base = shipped_model(site.library, device.model, device.model_base)
    name = base.series if base else ""
    return next((s for s in vendor.series if s.name == name), next(iter(vendor.series), None))


def _named(site: Site, concern: Concern) -> Concern:
    """A concern with the names of vendors in place of their ids."""
    if concern.code != "other_vendor":
        return concern
    named = (_vendor_name(site, vendor) for vendor in (concern.found, concern.expected))
    return Concern(concern.code, *named)


def _options(vendor: Vendor | None) -> Sequence[int]:
    return vendor.dhcp.options if vendor else ()


def _is_nightly(variables: Mapping[str, str], series: Series | None) -> bool:
    """Whether it is to fetch every night, and whether its series does as far as is known."""
    unsure = (*series.not_offered, *series.not_established) if series else ()
    return variables.get("provisioning_freq", "everyday") != "never" and "nightly" not in unsure


def _vendor_by_address(site: Site, mac: MacAddress) -> str:
    """Whose address it is; where no vendor has it, the site may have given it to its own model."""
    found = site.library.vendor_of(mac)
    return found.name if found else _vendor_name(site, new_models.suggest(site, mac, "").vendor)


def _vendor_name(site: Site, vendor_id: str) -> str:
    vendor = site.library.vendors.get(vendor_id)
    return vendor.name if vendor else vendor_id
