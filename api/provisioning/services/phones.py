"""Phones: register, change, remove, look at; their tokens."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Effective, Variables, changed, resolve
from provisioning.engine.vendors import shipped_variables
from provisioning.services import pbx
from provisioning.services.addresses import FILE_NAME, Addresses
from provisioning.services.errors import AlreadyExists, BadName, NotFound
from provisioning.services.scopes import layers_of
from provisioning.services.site import Site
from provisioning.store import devices, history, layouts, links, proofs
from provisioning.store import phones as stored
from provisioning.store import redirections as stored_redirections
from provisioning.store import scopes as stored_scopes
from provisioning.store.database import configuration_change
from provisioning.store.devices import StoredDevice
from provisioning.store.tables import Contact, Phone

MAX_TAGS = 20
TAG_ALLOWED = "1 to 64 letters, digits, blanks and - _ . : /, at most 20 of them"
FACT_ALLOWED = "one line of at most 500 characters"
SERIAL_ALLOWED = "at most 64 letters, digits and - . /"

CHECK_CODE_ALLOWED = "four letters or digits, as they stand behind the MAC address on the label"

State = Mapping[str, Any]
"""What of a phone can be changed, by name: model, display_name, variables, and its facts."""

_TAG = re.compile(r"\w(?:[\w .:/-]{0,62}[\w.:/-])?")
_FACT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,500}")
_SERIAL = re.compile(r"[A-Za-z0-9./-]{0,64}")
_CHECK_CODE = re.compile(r"(?:[A-Z0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the site knows of a phone besides its settings."""

    location: str = ""
    tags: tuple[str, ...] = ()
    """In order, each once."""
    note: str = ""
    serial: str = ""
    """As on the label; some redirect services want it."""
    check_code: str = ""
    """The four characters behind the MAC address on the label of a Gigaset phone."""


FACTS = tuple(known.name for known in fields(Facts))


@dataclass(frozen=True, slots=True)
class PhoneDetails:
    """A phone with its addresses and everything that applies to it."""

    mac: MacAddress
    model: str
    display_name: str
    variables: Variables
    """The phone's own settings."""
    effective: Variables
    """Defaults, model, key layouts, phone and its linked accounts merged."""
    addresses: Addresses
    tok1: str | None
    """First-access token; None after the phone has used its permanent one."""
    tok2: str | None
    contact: Contact | None
    facts: Facts = field(default_factory=Facts)

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
    facts: Facts | None = None,
    by: str,
) -> PhoneDetails:
    """Register a phone; it gets both tokens.

    Args:
        site: the site.
        mac: its address.
        model: a model id; it may be unknown (yet): the defaults apply meanwhile.
        display_name: free text.
        variables: its own settings; None as a value is left out.
        facts: what else is known of it.
        by: who asked, for the history.

    Raises:
        AlreadyExists: the phone is registered, or a model has this id.
        BadName: a fact that cannot be one.
    """
    settings = changed({}, variables or {})
    known = checked(facts or Facts())
    with configuration_change():
        if stored.find(str(mac)) or stored_scopes.find_model(str(mac)):
            raise AlreadyExists("phone", str(mac))
        after = as_recorded(model, display_name, settings, known)
        _register(mac, after)
        history.record(by, "phone", str(mac), "create", after=after)
    return _details(site, mac, after, facts=known, contact=None)


def get(site: Site, mac: MacAddress) -> PhoneDetails:
    """A phone with everything that applies to it.

    Raises:
        NotFound: it is not registered.
    """
    phone = _require(mac)
    own = {name: getattr(phone, name) for name in ("model", "display_name", "variables")}
    return _details(site, mac, own, facts=_facts(phone), contact=stored.contact(str(mac)))


def first_address(site: Site, phone: PhoneDetails) -> str | None:
    """The first-access URL as it is typed or handed out by DHCP.

    Some phones take it as it stands, so it names their file even while no model is known, if all
    models of the vendor have a file of the same name.
    """
    vendor = site.library.vendor_of(phone.mac)
    if phone.model or phone.addresses.file_name or vendor is None:
        return phone.provisioning_url1
    models = [model for model in site.library.models.values() if model.vendor == vendor.id]
    names = {shipped_variables(model).get(FILE_NAME, "") for model in models}
    if len(names) != 1:
        return phone.provisioning_url1
    named = {**phone.effective, FILE_NAME: names.pop()}
    return Addresses.of(phone.mac, named, site.public_url).url(phone.tok1)


def list_all() -> Iterator[Phone]:
    """All phones by MAC id, without their settings."""
    return stored.all_sorted()


def change(
    site: Site,
    mac: MacAddress,
    *,
    model: str | None = None,
    display_name: str | None = None,
    variables: Mapping[str, str | None] | None = None,
    facts: Mapping[str, object] | None = None,
    by: str,
) -> PhoneDetails:
    """Change a phone; what is None or left out stays.

    In ``variables`` a value sets, the empty string is explicitly none, None unsets: the value of
    the model or the defaults shows through again.

    Args:
        site: the site.
        mac: the phone.
        model: another model.
        display_name: another name.
        variables: what to change in its own settings.
        facts: what to change in its :class:`Facts`, by the names of its members.
        by: who asked, for the history.

    Raises:
        NotFound: it is not registered.
        BadName: a fact that cannot be one.
    """

    def patched(state: State) -> State:
        named = {"model": model, "display_name": display_name}
        given = {name: value for name, value in named.items() if value is not None}
        own = changed(state["variables"], variables or {})
        return {**state, **given, **(facts or {}), "variables": own}

    rewrite(mac, patched, by=by)
    return get(site, mac)


def rewrite(mac: MacAddress, make_state: Callable[[State], State], *, by: str) -> bool:
    """Change a phone, reading and writing in one transaction.

    Args:
        mac: the phone.
        make_state: gets the phone as :func:`state_of` tells it, returns how it is to be.
        by: who asked, for the history.

    Returns:
        Whether that is another state.

    Raises:
        NotFound: it is not registered.
        BadName: a fact that cannot be one.
    """
    with configuration_change():
        before = state_of(mac)
        wanted = dict(make_state(before))
        facts = {name: wanted.pop(name) for name in FACTS}
        after = as_recorded(**wanted, facts=checked(Facts(**facts)))
        if after != before:
            write(mac, after)
            history.record(by, "phone", str(mac), "change", before=before, after=after)
    return after != before


def write(mac: MacAddress, state: State) -> None:
    """Store a phone as :func:`state_of` tells it, inside a transaction that records why.

    One that is not registered, or no longer, gets new tokens.
    """
    columns = {name: value for name, value in state.items() if name != "tags"}
    if not stored.update(str(mac), **columns):
        _register(mac, state)
    elif stored.tags([str(mac)])[str(mac)] != state["tags"]:
        stored.replace_tags(str(mac), state["tags"])


def version(mac: MacAddress) -> tuple[State, str | None]:
    """What of a phone can be changed, and its permanent token, to salt an ETag with.

    Raises:
        NotFound: it is not registered.
    """
    return state_of(mac), stored.tokens(str(mac)).get(2)


def state_of(mac: MacAddress) -> dict[str, Any]:
    """What of a phone can be changed, as its history keeps it.

    Raises:
        NotFound: it is not registered.
    """
    phone = _require(mac)
    return as_recorded(str(phone.model), str(phone.display_name), phone.variables, _facts(phone))


def delete(mac: MacAddress, *, by: str) -> None:
    """Remove a phone, its tokens, its links and what was applied to it alone.

    Raises:
        NotFound: it is not registered.
    """
    with configuration_change():
        before = state_of(mac)
        linked = links.of_phone(str(mac))
        stored.delete(str(mac))
        stored_redirections.phone_is_gone(str(mac))
        layouts.forget_target("phone", str(mac))
        for link in linked:
            pbx.account_changed(str(mac), link.line, released=str(link.number), by=by)
        history.record(by, "phone", str(mac), "delete", before=before)


def rotate_tok1(mac: MacAddress, *, by: str) -> None:
    """Give a phone a new first-access token; any earlier one ends, the permanent one stays.

    Raises:
        NotFound: the phone is not registered.
    """
    with configuration_change():
        _require(mac)
        stored.delete_tokens(str(mac), kind=1)
        stored.add_token(str(mac), new_token(), kind=1)
        proofs.touch([str(mac)])
        history.record(by, "token", str(mac), "rotate")


def effective(site: Site, mac: MacAddress) -> dict[str, Effective]:
    """Every setting that applies to a phone, with its origin and what it hides.

    Raises:
        NotFound: it is not registered.
    """
    return resolve(layers_of(site, _device(mac)).scopes)


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in the form in which they are stored: in order, each once.

    Raises:
        BadName: what cannot be a tag, or too many of them.
    """
    cleaned = sorted({tag.strip() for tag in tags if tag.strip()})
    wrong = next((tag for tag in cleaned if not _TAG.fullmatch(tag)), None)
    if wrong is not None or len(cleaned) > MAX_TAGS:
        raise BadName("tag", wrong or f"{len(cleaned)} tags", TAG_ALLOWED)
    return tuple(cleaned)


def _register(mac: MacAddress, state: State) -> None:
    stored.insert(str(mac), **{name: value for name, value in state.items() if name != "tags"})
    stored.add_tokens((new_token(), str(mac), kind) for kind in (1, 2))
    if state["tags"]:
        stored.replace_tags(str(mac), state["tags"])


def _details(
    site: Site, mac: MacAddress, own: State, *, facts: Facts, contact: Contact | None
) -> PhoneDetails:
    device = _device(mac)
    effective = layers_of(site, device).merged()
    return PhoneDetails(
        mac=mac,
        model=str(own["model"]),
        display_name=str(own["display_name"]),
        variables=own["variables"],
        effective=effective,
        addresses=Addresses.of(mac, effective, site.public_url),
        tok1=device.tok1,
        tok2=device.tok2,
        contact=contact,
        facts=facts,
    )


def _require(mac: MacAddress) -> Phone:
    phone = stored.find(str(mac))
    if phone is None:
        raise NotFound("phone", str(mac))
    return phone


def _device(mac: MacAddress) -> StoredDevice:
    device = devices.find(str(mac))
    if device is None:
        raise NotFound("phone", str(mac))
    return device


def facts_of(phone: Phone, tags: Sequence[str]) -> Facts:
    """What the site knows of a phone, of its row and its tags."""
    return Facts(
        location=str(phone.location),
        tags=tuple(tags),
        note=str(phone.note),
        serial=str(phone.serial),
        check_code=str(phone.check_code),
    )


def _facts(phone: Phone) -> Facts:
    return facts_of(phone, stored.tags([str(phone.mac)])[str(phone.mac)])


def as_recorded(
    model: str, display_name: str, variables: Mapping[str, str], facts: Facts
) -> dict[str, Any]:
    """What of a phone can be changed, as its history keeps it."""
    known = {**asdict(facts), "tags": list(facts.tags)}
    return {"model": model, "display_name": display_name, "variables": dict(variables), **known}


def checked(facts: Facts) -> Facts:
    """Facts in the form in which they are stored.

    Raises:
        BadName: a fact that cannot be one; its ``field`` tells which, a ``tag`` one of the tags.
    """
    for name in ("location", "note"):
        if not _FACT.fullmatch(getattr(facts, name)):
            raise BadName(name, getattr(facts, name), FACT_ALLOWED)
    if not _SERIAL.fullmatch(facts.serial):
        raise BadName("serial", facts.serial, SERIAL_ALLOWED)
    code = facts.check_code.strip().upper()
    if not _CHECK_CODE.fullmatch(code):
        raise BadName("check code", facts.check_code, CHECK_CODE_ALLOWED)
    return replace(facts, check_code=code, tags=clean_tags(facts.tags))
