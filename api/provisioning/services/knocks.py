"""Devices that nobody registered and that knock; the admin takes one in by one step."""

from dataclasses import dataclass

from provisioning.engine.mac import MacAddress
from provisioning.services import links, new_models, phones
from provisioning.services.errors import NotFound
from provisioning.services.new_models import Suggestion
from provisioning.services.phones import Facts, PhoneDetails
from provisioning.services.site import Site
from provisioning.store import strangers as stored
from provisioning.store.database import configuration_change, transaction
from provisioning.store.tables import Knock, Stranger


@dataclass(frozen=True, slots=True)
class KnockDetails:
    """A device that knocked, and what it probably is."""

    knock: Knock
    suggestion: Suggestion


def page(site: Site, *, offset: int, limit: int) -> tuple[int, list[KnockDetails]]:
    """Devices that knocked, the last first, with how many there are in all."""
    total, rows = stored.knocks(offset=offset, limit=limit)
    return total, [_details(site, row) for row in rows]


def get(site: Site, mac: MacAddress) -> KnockDetails:
    """A device that knocked.

    Raises:
        NotFound: it did not, or it is registered by now.
    """
    row = stored.knock(str(mac))
    if row is None:
        raise NotFound("knock of", str(mac))
    return _details(site, row)


def adopt(
    site: Site,
    mac: MacAddress,
    *,
    model: str | None = None,
    display_name: str = "",
    facts: Facts | None = None,
    user: str | None = None,
    by: str,
) -> PhoneDetails:
    """Register a device that knocked, and give it to a user, all or nothing.

    Args:
        site: the site.
        mac: the device.
        model: its model; None: the one it probably is.
        display_name: free text.
        facts: what else is known of it.
        user: to whom it goes; None: to nobody yet.
        by: who asked, for the history.

    Raises:
        NotFound: it did not knock, or there is no such user.
        AlreadyExists: it is registered.
        InUse: all numbers of the user are taken.
        BadName: a fact that cannot be one.
    """
    with configuration_change():
        found = get(site, mac)
        chosen = found.suggestion.model if model is None else model
        phones.create(site, mac, model=chosen, display_name=display_name, facts=facts, by=by)
        if user is not None:
            links.link(mac, user, by=by)
    return phones.get(site, mac)


def dismiss(mac: MacAddress) -> None:
    """Forget that a device knocked; it stands in the list again when it knocks again.

    Raises:
        NotFound: it did not.
    """
    with transaction():
        if not stored.forget_knock(str(mac)):
            raise NotFound("knock of", str(mac))


def strangers(*, offset: int, limit: int) -> tuple[int, list[Stranger]]:
    """Addresses from which tokens were tried that open nothing, the last first."""
    total, rows = stored.list_strangers(offset=offset, limit=limit)
    return total, list(rows)


def _details(site: Site, row: Knock) -> KnockDetails:
    mac = MacAddress.parse(str(row.mac))
    return KnockDetails(row, new_models.suggest(site, mac, str(row.user_agent)))
