"""Phones: register, change, remove, look at; their tokens."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Effective, Variables, changed, merge, resolve
from provisioning.services import pbx
from provisioning.services.addresses import Addresses
from provisioning.services.errors import AlreadyExists, NotFound
from provisioning.services.scopes import defaults_layer, scopes_of_phone, stored_model_layer
from provisioning.services.site import Site
from provisioning.store import history, links
from provisioning.store import phones as stored
from provisioning.store import scopes as stored_scopes
from provisioning.store.database import configuration_change
from provisioning.store.tables import Contact, Phone


@dataclass(frozen=True, slots=True)
class PhoneDetails:
    """A phone with its addresses and everything that applies to it."""

    mac: MacAddress
    model: str
    display_name: str
    variables: Variables
    """The phone's own settings."""
    effective: Variables
    """Defaults, model and phone merged."""
    addresses: Addresses
    tok1: str | None
    """First-access token; None after the phone has used its permanent one."""
    tok2: str | None
    contact: Contact | None

    @property
    def provisioning_url1(self) -> str | None:
        """The URL for the first access, for a redirect service or DHCP; None once consumed."""
        return self.addresses.url(self.tok1)

    @property
    def provisioning_url2(self) -> str | None:
        """The URL the phone keeps."""
        return self.addresses.url(self.tok2)


def new_token() -> str:
    """A fresh token: 128 random bits as lower-case digits; some phones mangle anything else."""
    return secrets.token_hex(16)


def create(
    site: Site,
    mac: MacAddress,
    *,
    model: str = "",
    display_name: str = "",
    variables: Mapping[str, str | None] | None = None,
    by: str,
) -> PhoneDetails:
    """Register a phone; it gets both tokens.

    Args:
        site: the site.
        mac: its address.
        model: a model id; it may be unknown (yet): the defaults apply meanwhile.
        display_name: free text.
        variables: its own settings; None as a value is left out.
        by: who asked, for the history.

    Raises:
        AlreadyExists: the phone is registered, or a model has this id.
    """
    settings = changed({}, variables or {})
    with configuration_change():
        if stored.find(str(mac)) or stored_scopes.find_model(str(mac)):
            raise AlreadyExists("phone", str(mac))
        tokens = {kind: new_token() for kind in (1, 2)}
        stored.insert(str(mac), model=model, display_name=display_name, variables=settings)
        for kind, text in tokens.items():
            stored.add_token(str(mac), text, kind=kind)
        after = {"model": model, "display_name": display_name, "variables": settings}
        history.record(by, "phone", str(mac), "create", after=after)
    return _details(site, mac, model, display_name, settings, tokens, None)


def get(site: Site, mac: MacAddress) -> PhoneDetails:
    """A phone with everything that applies to it.

    Raises:
        NotFound: it is not registered.
    """
    phone = _require(mac)
    return _details(
        site,
        mac,
        phone.model,
        phone.display_name,
        phone.variables,
        stored.tokens(str(mac)),
        stored.contact(str(mac)),
    )


def list_all() -> Iterator[Phone]:
    """All phones by MAC id, without their settings."""
    return stored.all_sorted()


def page(*, model: str | None, search: str, offset: int, limit: int) -> tuple[int, list[Phone]]:
    """Phones that match, and how many there are in all; see ``store.phones.page``."""
    return stored.page(model=model, search=search, offset=offset, limit=limit)


def change(
    site: Site,
    mac: MacAddress,
    *,
    model: str | None = None,
    display_name: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    by: str,
) -> PhoneDetails:
    """Change a phone; what is None stays.

    In ``variables`` a value sets, the empty string is explicitly none, None unsets: the value of
    the model or the defaults shows through again.

    Raises:
        NotFound: it is not registered.
    """
    with configuration_change():
        phone = _require(mac)
        before = {
            "model": phone.model,
            "display_name": phone.display_name,
            "variables": phone.variables,
        }
        after = {
            "model": phone.model if model is None else model,
            "display_name": phone.display_name if display_name is None else display_name,
            "variables": changed(phone.variables, variables or {}),
        }
        if after != before:
            stored.update(str(mac), **after)
            history.record(by, "phone", str(mac), "change", before=before, after=after)
    return get(site, mac)


def delete(mac: MacAddress, *, by: str) -> None:
    """Remove a phone and its tokens.

    Raises:
        NotFound: it is not registered.
    """
    with configuration_change():
        phone = _require(mac)
        before = {"model": phone.model, "display_name": phone.display_name}
        if links.of_phone(str(mac)):
            pbx.accounts_changed(by=by)
        stored.delete(str(mac))
        history.record(
            by, "phone", str(mac), "delete", before={**before, "variables": phone.variables}
        )


def rotate_tok1(mac: MacAddress, *, by: str) -> None:
    """Give a phone a new first-access token; any earlier one ends, the permanent one stays.

    Raises:
        NotFound: the phone is not registered.
    """
    with configuration_change():
        _require(mac)
        stored.delete_tokens(str(mac), kind=1)
        stored.add_token(str(mac), new_token(), kind=1)
        history.record(by, "token", str(mac), "rotate")


def effective(site: Site, mac: MacAddress) -> dict[str, Effective]:
    """Every setting that applies to a phone, with its origin and what it hides.

    Raises:
        NotFound: it is not registered.
    """
    phone = _require(mac)
    return resolve(scopes_of_phone(site, str(mac), phone.model, phone.variables))


def _require(mac: MacAddress) -> Phone:
    phone = stored.find(str(mac))
    if phone is None:
        raise NotFound("phone", str(mac))
    return phone


def _details(
    site: Site,
    mac: MacAddress,
    model: str,
    display_name: str,
    variables: Variables,
    tokens: Mapping[int, str],
    contact: Contact | None,
) -> PhoneDetails:
    merged = merge([defaults_layer(site), stored_model_layer(site, model), variables])
    return PhoneDetails(
        mac=mac,
        model=model,
        display_name=display_name,
        variables=variables,
        effective=merged,
        addresses=Addresses.of(mac, merged, site.public_url),
        tok1=tokens.get(1),
        tok2=tokens.get(2),
        contact=contact,
    )
