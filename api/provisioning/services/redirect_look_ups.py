"""Looking up what redirect services have of phones: somebody may have changed it there.

Nothing is changed by it; what is found is the remark or the failure of the operation's item.

Nothing else would tell of drift: who takes a phone away at the vendor is not told to us.
"""

from collections.abc import Iterable

from provisioning.connect.rps.service import LookUp, Presence, RedirectDevice
from provisioning.engine.mac import MacAddress
from provisioning.services import operations, phones, redirections
from provisioning.services.errors import NotFound
from provisioning.services.phones import PhoneDetails
from provisioning.services.redirections import NothingToTell
from provisioning.services.site import Site
from provisioning.store import devices
from provisioning.store import phones as stored_phones

KIND = "redirect_look_up"
"""Kind of the operation that asks redirect services what they have of phones."""


class LedAstray(Exception):
    """A service does not lead a phone here; the text says what it does, and what to do."""


def start(macs: Iterable[MacAddress], *, per_second: float | None = None, by: str) -> int:
    """Ask the services what they have of phones.

    Returns:
        The number of the operation.

    Raises:
        NotFound: one of the phones is not registered; nothing was started.
    """
    wanted = [str(mac) for mac in macs]
    registered = stored_phones.registered(wanted)
    for mac in wanted:
        if mac not in registered:
            raise NotFound("phone", mac)
    return operations.start(KIND, wanted, per_second=per_second or redirections.pace(), by=by)


def look_up(site: Site, mac: MacAddress) -> str:
    """Ask the service of a phone what it has of it.

    Returns:
        That it leads the phone here, as far as it tells, in words.

    Raises:
        NothingToTell: nobody can be asked, or is registered any more.
        LedAstray: it does not lead the phone here.
        RedirectProblem: the service could not be asked, or does not tell anybody.
    """
    device = devices.find(str(mac))
    if device is None:
        raise NothingToTell("The phone is no longer registered.")
    vendor = redirections.vendor_of(site, device)
    _, service = redirections.opened_for(vendor)
    try:
        phone = phones.get(site, mac)
    except NotFound as gone:
        raise NothingToTell("The phone is no longer registered.") from gone
    facts = phone.facts
    found = service.look_up(RedirectDevice(mac, vendor, facts.serial, facts.check_code))
    return f"{service.name} {_judged(found, phone)}"


def _judged(found: LookUp, phone: PhoneDetails) -> str:
    if found.presence is Presence.ELSEWHERE:
        raise LedAstray(
            "The phone is registered with another account, whose owner must release it."
        )
    if found.presence is Presence.ABSENT:
        raise LedAstray("The service does not know the phone; have it told anew.")
    if found.presence is Presence.UNKNOWN:
        return "does not say whether it knows the phone."
    if found.url is None:
        return "knows the phone; it does not tell where it leads it."
    # The address itself is not told: it opens the phone's configuration.
    url = found.url.rstrip("/")
    if phone.provisioning_url1 is not None and url == phone.provisioning_url1.rstrip("/"):
        return "leads the phone here."
    if not url.startswith(f"{phone.addresses.base}/"):
        raise LedAstray("The service leads the phone to another address; have it told anew.")
    if phone.provisioning_url1 is not None:
        raise LedAstray("The service leads the phone here with an old token; have it told anew.")
    return (
        "leads the phone here; its first access is used up, a phone that is reset needs a new one."
    )
