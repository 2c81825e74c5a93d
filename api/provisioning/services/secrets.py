"""Secret settings: hidden wherever settings are shown, told only where that is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Variables
from provisioning.engine.values import FieldError, VariablesRefused
from provisioning.services import defaults, phones
from provisioning.services.phones import PhoneDetails
from provisioning.services.site import Site
from provisioning.store import history
from provisioning.store import redirections as stored_redirections
from provisioning.store.database import transaction

MASK = "********"
"""Stands for a secret that is set. Sent back by a client it means: unchanged."""


def hide(catalogue: Catalogue, name: str, value: str | None) -> str | None:
    """The value as it may be shown; that a secret is unset or explicitly none is no secret."""
    return MASK if value and catalogue.is_secret(name) else value


def hide_all(catalogue: Catalogue, variables: Mapping[str, str]) -> Variables:
    """Settings as they may be shown."""
    return {
        name: MASK if value and catalogue.is_secret(name) else value
        for name, value in variables.items()
    }


def without_masks(
    catalogue: Catalogue, sent: Mapping[str, object], present: Mapping[str, str]
) -> dict[str, object]:
    """Take out the masks that a client sends back.

    Args:
        catalogue: tells which settings are secret.
        sent: settings as a client sent them.
        present: the settings that the client saw.

    Raises:
        VariablesRefused: a mask stands where no secret was set, e.g. in a copy of another phone:
            it would hide that the secret was not copied.
    """
    masks = {n for n, value in sent.items() if value == MASK and catalogue.is_secret(n)}
    errors = [
        FieldError(name, "The mask stands for no secret here.", "the secret itself, or null")
        for name in sorted(masks)
        if not present.get(name)
    ]
    if errors:
        raise VariablesRefused(tuple(errors))
    return {name: value for name, value in sent.items() if name not in masks}


@dataclass(frozen=True, slots=True)
class PhoneSecrets:
    """What a phone's other answers hide."""

    variables: Variables
    """Every secret setting that applies, wherever it stands."""
    phone: PhoneDetails
    """For the tokens and the URLs with them."""
    redirect_pin: str | None
    """What the phone asks for at its first start, if its redirect service told one."""


def of_phone(site: Site, mac: MacAddress, *, by: str) -> PhoneSecrets:
    """Tell a phone's secrets; the history keeps who asked.

    Raises:
        NotFound: it is not registered.
    """
    with transaction():
        phone = phones.get(site, mac)
        history.record(by, "phone", str(mac), "show")
    told = stored_redirections.find(str(mac))
    pin = told.pin if told else None
    return PhoneSecrets(_secret_ones(site.catalogue, phone.effective), phone, pin)


def of_defaults(site: Site, *, by: str) -> Variables:
    """Tell the secrets among the defaults; the history keeps who asked."""
    with transaction():
        found = defaults.get(site)
        history.record(by, "defaults", "defaults", "show")
    return _secret_ones(site.catalogue, found)


def _secret_ones(catalogue: Catalogue, variables: Mapping[str, str]) -> Variables:
    return {name: value for name, value in variables.items() if catalogue.is_secret(name)}
