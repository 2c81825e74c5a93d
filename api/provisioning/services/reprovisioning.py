"""Asking phones to fetch their configuration, and seeing whether they did.

A request that a PBX or phone took is not yet a success: only the phone's next fetch proves it
("success" for a request that nobody heard is a complaint: nemerald-voip/fspbx 324).
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from provisioning.connect.ami import AmiError, AmiProblem
from provisioning.connect.nethvoice import NethVoiceProblem
from provisioning.connect.sip_notify import PhoneUnreachable, send_notify
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    account_numbers,
    application_settings,
    comparisons,
    configurations,
    nethvoice,
    operations,
    redirections,
    registrations,
)
from provisioning.services.application_settings import ApplicationSettings
from provisioning.services.errors import NotFound
from provisioning.services.site import Site
from provisioning.store import contacts, devices, proofs
from provisioning.store import phones as stored_phones
from provisioning.store.database import transaction
from provisioning.store.devices import StoredDevice

KIND = "reprovision"
"""Kind of the operation that asks phones to fetch."""

_SIP_PORT = 5060
_PATIENCE_SECONDS = 10.0


class CannotAsk(Exception):
    """There is no way to this phone now, and none will come by itself; the text is a sentence."""


class NotAsked(Exception):
    """The way to the phone failed for a passing reason; the text is a sentence."""


def start(
    macs: Iterable[MacAddress],
    *,
    reboot: bool = False,
    not_before: float = 0.0,
    per_second: float | None = None,
    by: str,
) -> int:
    """Have phones asked to fetch their configuration.

    Args:
        macs: the phones.
        reboot: they restart, which also brings them to fetch; a phone in use is interrupted.
        not_before: Unix time; 0: now.
        per_second: at most so many in a second; None: as the settings say.
        by: who asks.

    Returns:
        The number of the operation.

    Raises:
        NotFound: one of the phones is not registered; nothing was started.
    """
    wanted = [str(mac) for mac in macs]
    for mac in wanted:
        if stored_phones.find(mac) is None:
            raise NotFound("phone", mac)
    pace = per_second or application_settings.get().number("push_pace")
    return operations.start(
        KIND,
        wanted,
        parameters={"reboot": reboot},
        per_second=pace,
        not_before=not_before,
        by=by,
    )


def after_changes(site: Site) -> int | None:
    """Compare the phones that changes may concern, and have those asked that lack something.

    Redirect services are told what is new for them, too.

    Returns:
        The number of the operation; None: no phone is concerned, or phones are not to be asked.
    """
    concerned = comparisons.compare_touched(site)
    redirections.start_wanted()
    settings = application_settings.get()
    if not concerned or not settings.flag("push_after_change") or not _has_way(settings):
        return None
    return operations.start(
        KIND,
        concerned,
        parameters={"reboot": False},
        per_second=settings.number("push_pace"),
        by="a change",
    )


def has_asked(mac: MacAddress, operation: int) -> bool:
    """Whether an operation has already asked a phone."""
    proof = proofs.find(str(mac))
    return proof is not None and proof.asked_operation == operation


def fetched_since_asked(mac: MacAddress) -> bool:
    """Whether a phone has fetched its configuration since it was asked last."""
    proof = proofs.find(str(mac))
    contact = contacts.of_phones([str(mac)]).get(str(mac))
    if proof is None or proof.asked_at is None or contact is None or contact.served_at is None:
        return False
    return contact.served_at >= proof.asked_at


def ask(site: Site, mac: MacAddress, *, operation: int, reboot: bool) -> None:
    """Ask a phone to fetch its configuration, by the first way that leads to it.

    Args:
        site: the site.
        mac: the phone.
        operation: the operation that asks, to be noted.
        reboot: ask it to restart.

    Raises:
        CannotAsk: no way leads to it.
        NotAsked: a way exists and does not work now.
    """
    device = devices.find(str(mac))
    if device is None:
        raise CannotAsk("The phone is no longer registered here.")
    event = _event(site, device, reboot)
    numbers = account_numbers.of_phone(site, device)
    asked_at = time.time()
    _notify(mac, event, numbers, reboot)
    with transaction():
        proofs.asked(str(mac), at=asked_at, operation=operation)


def _event(site: Site, device: StoredDevice, reboot: bool) -> str:
    vendor = configurations.vendor_of(site, device)
    event = vendor.notify.get("reboot" if reboot else "reload") if vendor else None
    if vendor is None:
        raise CannotAsk("Nothing tells the vendor of this phone, so nor how it is asked.")
    if event is None:
        what = "restart" if reboot else "fetch without a restart"
        raise CannotAsk(f"Phones of {vendor.name} cannot be asked to {what}.")
    return event


def _has_way(settings: ApplicationSettings) -> bool:
    by_nethvoice = settings.choice("pbx_connector") == "nethvoice"
    return bool(settings.text("ami_host")) or by_nethvoice or settings.flag("direct_notify")


def _notify(mac: MacAddress, event: str, numbers: Sequence[str], reboot: bool) -> None:
    settings = application_settings.get()
    reasons = []
    if settings.text("ami_host"):
        if _notify_by_asterisk(event, numbers):
            return
        reasons.append("The phone is not registered with the PBX.")
    elif settings.choice("pbx_connector") == "nethvoice" and not reboot:
        if _notify_by_nethvoice(numbers):
            return
        reasons.append("The phone has no account yet by which NethVoice could reach it.")
    if settings.flag("direct_notify"):
        refusal = _notify_directly(mac, event, numbers)
        if refusal is None:
            return
        reasons.append(refusal)
    if not reasons:
        reasons.append("No PBX is set by which phones are asked.")
    raise CannotAsk(f"{' '.join(reasons)} It fetches at its next start, or at night.")


def _notify_by_asterisk(event: str, numbers: Sequence[str]) -> bool:
    try:
        there = registrations.contacts()
        endpoint = next((number for number in numbers if number in there), None)
        session = registrations.manager() if endpoint else None
        if endpoint is None or session is None:
            return False
        with session as asterisk:
            asterisk.notify(endpoint, event)
    except AmiError as refused:
        raise NotAsked(f"{refused}.") from refused
    except AmiProblem as problem:
        raise NotAsked(f"{problem}.") from problem
    return True


def _notify_by_nethvoice(numbers: Sequence[str]) -> bool:
    if not numbers:
        return False
    try:
        with nethvoice.client() as client:
            client.reconfigure(numbers[0])
    except NethVoiceProblem as problem:
        raise NotAsked(str(problem)) from problem
    return True


def _notify_directly(mac: MacAddress, event: str, numbers: Sequence[str]) -> str | None:
    """Send a NOTIFY to where the phone last fetched from; returns why it was not taken."""
    contact = contacts.of_phones([str(mac)]).get(str(mac))
    if contact is None:
        return "It never fetched anything, so its address is not known."
    user = numbers[0] if numbers else mac.bare
    with suppress(ValueError):  # an address that is none: a socket of the file system
        try:
            answer = send_notify(
                str(contact.address), _SIP_PORT, user, event, patience=_PATIENCE_SECONDS
            )
        except PhoneUnreachable as unreachable:
            return f"At {contact.address} nobody is reached: {unreachable.reason}."
        return None if answer.taken else answer.sentence
    return "Its address is not known."
