"""Accounts with redirect services: which phones are led here by which of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from provisioning.connect.rps.catalogue import (
    ServiceKind,
    SettingsRefused,
    open_service,
    service_kinds,
)
from provisioning.connect.rps.service import RedirectService
from provisioning.engine.values import VariablesRefused
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.secrets import MASK
from provisioning.store import history, proofs
from provisioning.store import redirections as stored
from provisioning.store.database import configuration_change

_SECONDS = 20.0
_KIND = "redirect"


@dataclass(frozen=True, slots=True)
class Account:
    """A kind of service, and the account with it if there is one."""

    kind: ServiceKind
    settings: Mapping[str, str] | None
    """As stored, secrets masked; None: there is no account."""
    vendors: tuple[str, ...]
    """Whose phones it is for."""
    change: int
    """Number of its latest change, since masks do not tell one secret from another; 0: none."""


def list_all() -> list[Account]:
    """All kinds of services, those to offer first in front."""
    return [get(kind) for kind in service_kinds()]


def get(kind: str) -> Account:
    """A kind of service.

    Raises:
        NotFound: there is none of this id.
    """
    found = service_kinds().get(kind)
    if found is None:
        raise NotFound("redirect service", kind)
    row = stored.account(kind)
    change = next((made.id for made in history.of_subject(_KIND, kind)), 0)
    if row is None:
        return Account(found, None, (), change)
    return Account(found, _masked(found, row.settings), tuple(row.vendors), change)


def save(kind: str, settings: Mapping[str, str], vendors: Sequence[str], *, by: str) -> Account:
    """Store an account; the phones of its vendors are registered with it.

    Args:
        kind: id of the service.
        settings: its fields; a mask stands for the secret that is stored.
        vendors: whose phones it is for, among those the service takes.
        by: who asked, for the history.

    Raises:
        NotFound: there is no such service.
        VariablesRefused: a field that is not allowed; nothing was changed.
        BadName: no vendor, or one whose phones the service does not take.
        InUse: another account is for the same vendor's phones.
    """
    found = get(kind).kind
    with configuration_change():
        row = stored.account(kind)
        kept = dict(row.settings) if row else {}
        given = {
            name: kept.get(name, "") if value == MASK else value for name, value in settings.items()
        }
        try:
            complete = found.complete(given)
        except SettingsRefused as refused:
            raise VariablesRefused(refused.errors) from refused
        _check_vendors(found, vendors)
        stored.save_account(kind, complete, vendors)
        history.record(by, _KIND, kind, "change", after={"vendors": list(vendors)})
        proofs.touch_everyone()  # who is concerned shows when the phones are looked at
    return get(kind)


def delete(kind: str, *, by: str) -> None:
    """Forget an account; what the service was told stays there.

    Raises:
        NotFound: there is no such service, or no account with it.
    """
    with configuration_change():
        if get(kind).settings is None:
            raise NotFound("account of redirect service", kind)
        stored.delete_account(kind)
        history.record(by, _KIND, kind, "delete")


def by_vendor() -> dict[str, str]:
    """The kind of service that phones of each vendor are registered with."""
    return {vendor: str(row.kind) for row in stored.accounts() for vendor in row.vendors}


def service_of(vendor: str) -> str | None:
    """The kind of service that phones of a vendor are registered with."""
    return by_vendor().get(vendor)


def takes(vendor: str) -> bool:
    """Whether any redirect service takes phones of a vendor."""
    return any(vendor in kind.vendors for kind in service_kinds().values())


def opened(kind: str) -> RedirectService | None:
    """The service of an account, kept open for the next phone; None: there is no account."""
    row = stored.account(kind)
    return None if row is None else _opened(kind, tuple(sorted(row.settings.items())))


@lru_cache(maxsize=16)
def _opened(kind: str, settings: tuple[tuple[str, str], ...]) -> RedirectService:
    return open_service(kind, dict(settings), _SECONDS)


def _check_vendors(kind: ServiceKind, vendors: Sequence[str]) -> None:
    wrong = [vendor for vendor in vendors if vendor not in kind.vendors]
    if wrong or not vendors:
        allowed = ", ".join(kind.vendors)
        raise BadName(f"vendor for {kind.name}", wrong[0] if wrong else "", allowed)
    for row in stored.accounts():
        shared = sorted(set(vendors) & set(row.vendors))
        if row.kind != kind.id and shared:
            raise InUse("vendor", shared[0], f"the account with {service_kinds()[row.kind].name}")


def _masked(kind: ServiceKind, settings: Mapping[str, str]) -> dict[str, str]:
    secret = {field.name for field in kind.fields if field.secret}
    return {n: MASK if n in secret and value else value for n, value in settings.items()}
