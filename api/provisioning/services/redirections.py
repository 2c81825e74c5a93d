"""Redirections: a vendor's service tells a new phone where it is provisioned.

A phone is registered when it is, when its first-access token changes and when the address changes
under which phones find us; a phone that is removed is taken back. What is to be done is written
down with the change; an operation does it, and the outcome of each phone is kept.

In NethVoice the reason of a failure is forgotten when the page is closed, and the PIN is thrown
away (NethServer/dev 7765).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provisioning.connect.rps.problems import NotSupported, RedirectProblem
from provisioning.connect.rps.service import RedirectDevice, RedirectService
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    configurations,
    operations,
    phones,
    redirect_accounts,
)
from provisioning.services.addresses import Addresses
from provisioning.services.errors import NotFound
from provisioning.services.phones import PhoneDetails
from provisioning.services.scopes import layers_of
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import phones as stored_phones
from provisioning.store import redirections as stored
from provisioning.store.database import configuration_change, transaction
from provisioning.store.devices import StoredDevice
from provisioning.store.tables import Redirection

KIND = "redirect"
"""Kind of the operation that tells redirect services about phones."""

STATES = ("not_supported", "not_configured", *stored.STATES)

_AT_ONCE = 10_000


class NothingToTell(Exception):
    """No service is to be told anything about this phone; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class State:
    """How a phone stands with its vendor's redirect service."""

    state: str
    """One of :data:`STATES`."""
    vendor: str
    service: str | None
    """Kind of the service."""
    code: str | None
    reason: str | None
    has_pin: bool
    """Whether the phone asks for a PIN, which its secrets tell."""
    changed_at: float | None


def state_of(site: Site, mac: MacAddress) -> State:
    """How a phone stands with its vendor's redirect service.

    Raises:
        NotFound: it is not registered.
    """
    row = stored.find(str(mac))
    if row is not None:
        return _state(row)
    device = _device(mac)
    vendor = vendor_of(site, device)
    if service := redirect_accounts.service_of(vendor):
        return State("waiting", vendor, service, None, None, False, None)
    supported = bool(vendor) and redirect_accounts.takes(vendor)
    word = "not_configured" if supported else "not_supported"
    return State(word, vendor, None, None, None, False, None)


def page(*, state: str | None, offset: int, limit: int) -> tuple[int, list[tuple[str, State]]]:
    """What services were told: MAC id and state, the last changed first, with how many in all."""
    total, rows = stored.page(state=state, offset=offset, limit=limit)
    return total, [(str(row.mac), _state(row)) for row in rows]


def dismiss(mac: MacAddress) -> None:
    """Forget a removed phone that its service still leads here.

    Raises:
        NotFound: there is no such reminder.
    """
    with transaction():
        row = stored.find(str(mac))
        if row is None or stored_phones.find(str(mac)) is not None:
            raise NotFound("reminder of a redirection of", str(mac))
        stored.delete([str(mac)])


@dataclass(frozen=True, slots=True)
class Wanted:
    """A phone whose service is to be told something."""

    mac: str
    vendor: str
    service: str


def review(site: Site, phones: Sequence[StoredDevice]) -> list[Wanted]:
    """Of which phones their services must be told something, among those a change concerns."""
    services = redirect_accounts.by_vendor()
    if not services:
        return []
    rows = stored.of_phones([device.mac for device in phones])
    found = []
    for device in phones:
        vendor = vendor_of(site, device)
        service = services.get(vendor)
        if service and not _is_told(site, device, service, rows.get(device.mac)):
            found.append(Wanted(device.mac, vendor, service))
    return found


def _is_told(site: Site, device: StoredDevice, service: str, row: Redirection | None) -> bool:
    if row is None or row.service != service:
        return False
    settings = layers_of(site, device).merged()
    addresses = Addresses.of(MacAddress.parse(device.mac), settings, site.public_url)
    # One whose first access is used up needs no other: its next change of place brings a new one.
    token_told = device.tok1 is None or row.token_digest == _digest(device.tok1)
    return token_told and row.place == _place(addresses)


def want(some: Iterable[Wanted]) -> None:
    """Note whose service is to be told something, inside a transaction."""
    stored.want([(one.mac, one.vendor, one.service) for one in some])


def start_wanted() -> int | None:
    """Start an operation for all phones whose service is to be told something."""
    with transaction():
        macs = stored.take_wanted(_AT_ONCE)
        return operations.start(KIND, macs, per_second=pace(), by="a change") if macs else None


def start(
    site: Site, macs: Iterable[MacAddress], *, per_second: float | None = None, by: str
) -> int:
    """Tell the services about phones anew, whatever they were told.

    Returns:
        The number of the operation.

    Raises:
        NotFound: one of the phones is not registered; nothing was started.
    """
    wanted = list(macs)
    with transaction():
        services = redirect_accounts.by_vendor()
        for mac in wanted:
            vendor = vendor_of(site, _device(mac))
            if service := services.get(vendor):
                stored.want([(str(mac), vendor, service)])
                stored.note(str(mac), "waiting", wanted=False, place=None)
        return operations.start(
            KIND, [str(mac) for mac in wanted], per_second=per_second or pace(), by=by
        )


def settle(site: Site, mac: MacAddress) -> str:
    """Bring a phone's service to what stands here; twice is as good as once.

    Returns:
        What was done, in words.

    Raises:
        NothingToTell: no service is to be told anything.
        RedirectProblem: the service did not do it; :func:`note_problem` writes that down.
    """
    device = devices.find(str(mac))
    if device is None:
        return _remove(mac)
    vendor = vendor_of(site, device)
    kind, service = opened_for(vendor)
    phone = _with_first_access(site, mac)
    url = phone.provisioning_url1
    if url is None:
        raise NothingToTell("The phone has no first-access token.")
    serial, check_code = phone.facts.serial, phone.facts.check_code
    told = RedirectDevice(mac, vendor, serial, check_code)
    registered = service.register(told, url)
    with transaction():
        stored.note(
            str(mac),
            "done",
            service=kind,
            code=None,
            reason=None,
            pin=registered.pin,
            place=_place(phone.addresses),
            token_digest=_digest(phone.tok1 or ""),
            serial=serial,
            check_code=check_code,
        )
    return f"{service.name} leads the phone here."


def opened_for(vendor: str) -> tuple[str, RedirectService]:
    """The service that phones of a vendor are registered with: its kind, and itself.

    Raises:
        NothingToTell: there is no account with any.
    """
    kind = redirect_accounts.service_of(vendor)
    service = redirect_accounts.opened(kind) if kind else None
    if kind is None or service is None:
        raise NothingToTell("There is no account with a redirect service for this phone's vendor.")
    return kind, service


def note_problem(mac: MacAddress, problem: RedirectProblem, *, final: bool) -> None:
    """Write down why a service did not do it.

    Args:
        mac: the phone.
        problem: what went wrong.
        final: nobody tries again by himself.
    """
    row = stored.find(str(mac))
    if row is None:
        return
    removing = row.state in ("removing", "left")
    state = ("left" if final else "removing") if removing else ("failed" if final else "waiting")
    with transaction():
        stored.note(str(mac), state, code=str(problem.code), reason=str(problem))


def pace() -> float:
    """So many phones in a second services are asked about, as the settings say."""
    return application_settings.get().number("redirect_pace")


def _with_first_access(site: Site, mac: MacAddress) -> PhoneDetails:
    """The phone with a first-access token; the one it had may be used up."""
    found = phones.get(site, mac)
    if found.tok1 is not None:
        return found  # nothing of a configuration changes, so no process need look at it anew
    with configuration_change():
        if 1 not in stored_phones.tokens(str(mac)):
            stored_phones.add_token(str(mac), phones.new_token(), kind=1)
        return phones.get(site, mac)


def _remove(mac: MacAddress) -> str:
    row = stored.find(str(mac))
    if row is None:
        raise NothingToTell("The phone is no longer registered, and no service knows it.")
    if row.place is None:  # it was never told
        with transaction():
            stored.delete([str(mac)])
        return "No service had been told of the phone."
    service = redirect_accounts.opened(str(row.service))
    if service is None:
        with transaction():
            stored.note(str(mac), "left", reason="The account with the service is gone.")
        raise NothingToTell("The account with the service is gone: it still leads the phone here.")
    try:
        told = RedirectDevice(mac, str(row.vendor), str(row.serial), str(row.check_code))
        service.remove(told)
    except NotSupported as cannot:
        note_problem(mac, cannot, final=True)
        raise
    with transaction():
        stored.delete([str(mac)])
    return f"{service.name} no longer leads the phone here."


def _device(mac: MacAddress) -> StoredDevice:
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return device


def vendor_of(site: Site, device: StoredDevice) -> str:
    """Whose service is asked: by the address, since that is by what services know phones."""
    by_address = site.library.vendor_of(MacAddress.parse(device.mac))
    found = by_address or configurations.vendor_of(site, device)
    return found.id if found else ""


def _place(addresses: Addresses) -> str:
    """The URL of the first access without its token."""
    return f"{addresses.base}/{addresses.file_name}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _state(row: Redirection) -> State:
    return State(
        state=str(row.state),
        vendor=str(row.vendor),
        service=str(row.service),
        code=row.code,
        reason=row.reason,
        has_pin=row.pin is not None,
        changed_at=row.changed_at,
    )
