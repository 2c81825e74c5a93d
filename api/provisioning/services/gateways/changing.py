"""Register, change and remove gateways; their ports one by one.

The PBX hears of each change: its trunks and accounts follow, none is left behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from provisioning.engine.gateways.checking import GatewayRefused, check
from provisioning.engine.gateways.fields import Fields
from provisioning.engine.mac import MacAddress
from provisioning.engine.values import FieldError
from provisioning.services import application_settings, pbx
from provisioning.services.errors import AlreadyExists, NotFound
from provisioning.services.gateways import states, uploads
from provisioning.services.gateways.numbering import Numbering, new_password, new_secret
from provisioning.services.gateways.states import KIND, FoundGateway, GatewayState, PortState
from provisioning.services.phones import new_token
from provisioning.services.site import Site
from provisioning.store import gateways as stored
from provisioning.store import history, strangers
from provisioning.store.database import transaction

CAN_CHANGE = tuple(found.name for found in fields(GatewayState) if found.name != "ports")
"""What :func:`change` takes, besides the ports."""

_DEFAULTS: Mapping[str, Any] = {"timezone": "Europe/Rome", "country": "it", "transport": "tls"}


def create(
    site: Site, given: Mapping[str, Any], ports: Sequence[PortState], *, by: str
) -> FoundGateway:
    """Register a gateway.

    Args:
        site: the site.
        given: members of :class:`~.states.GatewayState` by name; without an ``admin_password`` it
            gets one, an empty one leaves the unit's as it is.
        ports: what is known of its ports; numbers, trunks and secrets are given out.
        by: who asked, for the history.

    Raises:
        AlreadyExists: a gateway with this address on its label is registered.
        NotFound: there is no such model.
        GatewayRefused: with all that is wrong; nothing was changed.
    """
    shell = given.get("shell") or application_settings.get().choice("gateway_shell")
    values = {**_DEFAULTS, "admin_password": new_password(), **given, "shell": shell}
    values.setdefault("login_shell", shell)
    with transaction():
        wanted = _checked_mac(GatewayState(**values, ports=tuple(ports)))
        if stored.find(wanted.mac):
            raise AlreadyExists(KIND, wanted.mac)
        brand = states.model_of(site, wanted)[1]
        if "fetches" not in given:
            wanted = replace(wanted, fetches=brand.fetches)
        token = new_token()
        state = completed(site, None, wanted, token)
        states.insert(state, token=token)
        strangers.forget_knocks([state.mac, state.wan_mac])
        history.record(by, KIND, state.mac, "create", after=state.recorded())
        pbx.accounts_changed(by=by)
    return states.get(MacAddress.parse(state.mac))


def change(
    site: Site,
    mac: MacAddress,
    given: Mapping[str, Any],
    *,
    ports: Sequence[PortState] | None = None,
    by: str,
) -> FoundGateway:
    """Change a gateway; what is left out stays.

    Another address on the label is another unit in its place: ports, numbers and trunks stay, what
    was known of the old unit (its key, its log-in) is forgotten.

    Args:
        site: the site.
        mac: the gateway.
        given: members of :class:`~.states.GatewayState` by name.
        ports: all of its ports; None: as they are.
        by: who asked, for the history.

    Raises:
        NotFound: no such gateway, or model.
        AlreadyExists: the new address on the label is another gateway's.
        InUse: another unit is to take its place while an upload to it waits or runs.
        GatewayRefused: with all that is wrong; nothing was changed.
    """
    with transaction():
        before = states.get(mac)
        changes = dict(given) if ports is None else {**given, "ports": tuple(ports)}
        wanted = _checked_mac(replace(before.state, **changes))
        if wanted.mac != before.state.mac:
            if stored.find(wanted.mac):
                raise AlreadyExists(KIND, wanted.mac)
            uploads.refuse_under_way([before.state.mac])
            login = {name: given.get(name) for name in ("login_user", "login_password")}
            wanted = replace(wanted, **login)  # type: ignore[arg-type]
            states.replace_unit(before.id)
        _write(site, before, wanted, by=by)
    return states.get(MacAddress.parse(wanted.mac))


def delete(mac: MacAddress, *, by: str) -> None:
    """Remove a gateway; its trunks and accounts are taken from the PBX.

    Raises:
        NotFound: it is not registered.
        InUse: an upload to it waits or runs: how it ends would be told nowhere.
    """
    with transaction():
        found = states.get(mac)
        uploads.refuse_under_way([found.state.mac])
        stored.delete(found.id)
        history.record(by, KIND, found.state.mac, "delete", before=found.state.recorded())
        pbx.accounts_changed(by=by)


def set_port(site: Site, mac: MacAddress, port: PortState, *, by: str) -> FoundGateway:
    """Change one port; its trunk, or its number with the same user, stays.

    Raises:
        NotFound: no such gateway.
        GatewayRefused: with all that is wrong, the port's members by their own names.
    """
    with transaction():
        before = states.get(mac)
        wanted = before.state.with_port(port)
        place = wanted.ports.index(port)
        try:
            _write(site, before, wanted, by=by)
        except GatewayRefused as refused:
            prefix = f"ports/{place}/"
            errors = (replace(e, name=e.name.removeprefix(prefix)) for e in refused.errors)
            raise GatewayRefused(tuple(errors)) from refused
    return states.get(mac)


def free_port(site: Site, mac: MacAddress, number: int, *, by: str) -> FoundGateway:
    """Free a port: its number or trunk is gone, and its secret revoked.

    Raises:
        NotFound: no such gateway, or the port is free.
    """
    with transaction():
        before, _ = _with_port(mac, number)
        _write(site, before, before.state.without_port(number), by=by)
    return states.get(mac)


def renew_secret(site: Site, mac: MacAddress, number: int, *, by: str) -> FoundGateway:
    """Give a port another SIP secret; the gateway needs its file anew.

    Raises:
        NotFound: no such gateway, or the port is free.
    """
    with transaction():
        before, port = _with_port(mac, number)
        wanted = before.state.with_port(replace(port, secret=new_secret()))
        _write(site, before, wanted, by=by)
    return states.get(mac)


def forget_host_key(mac: MacAddress, *, by: str) -> None:
    """Forget the ssh key of a unit, e.g. after it was set back to what it was in the factory.

    Raises:
        NotFound: it is not registered.
    """
    with transaction():
        found = states.get(mac)
        stored.update(found.id, host_key=None)
        history.record(by, KIND, found.state.mac, "forget_host_key")


def _with_port(mac: MacAddress, number: int) -> tuple[FoundGateway, PortState]:
    found = states.get(mac)
    port = found.state.port(number)
    if port is None:
        raise NotFound("port", f"{number} of gateway {mac}")
    return found, port


def _write(site: Site, before: FoundGateway, wanted: GatewayState, *, by: str) -> None:
    state = completed(site, before, wanted, before.token)
    if state == before.state:
        return
    states.write(before.id, state)
    old, new = before.state.recorded(), state.recorded()
    history.record(by, KIND, state.mac, "change", before=old, after=new)
    pbx.accounts_changed(by=by)


def completed(
    site: Site, before: FoundGateway | None, wanted: GatewayState, token: str
) -> GatewayState:
    """The state with numbers, trunks and secrets, if nothing is wrong with it.

    Raises:
        GatewayRefused: with all that is wrong.
    """
    model, brand = states.model_of(site, wanted)
    numbering = Numbering(model, brand, before.state if before else None)
    state = numbering.complete(wanted)
    noted = list(numbering.errors)
    told = {error.name.rpartition("/")[0] for error in noted}
    found = check(states.entry_of(site, state, token), site.gateways, site.zones)
    # A port without a number lacks what follows from the number too; that is not told again.
    noted += [error for error in found if error.name.rpartition("/")[0] not in told - {""}]
    noted += _not_unique(state, before.id if before else None)
    noted += _logins(state, brand.dialogue.shells)
    if noted:
        raise GatewayRefused(tuple(_as_given(error) for error in noted))
    return replace(state, ports=tuple(sorted(state.ports, key=lambda port: port.number)))


def _as_given(error: FieldError) -> FieldError:
    """The error at the member that a person gives: the URL is made of ours."""
    return replace(error, name="fetches") if error.name == "provisioning_url" else error


def _checked_mac(state: GatewayState) -> GatewayState:
    """The state with its addresses in the form of ids."""
    noted = Fields()
    mac = noted.mac("mac", state.mac)
    wan = noted.mac("wan_mac", state.wan_mac) if state.wan_mac else ""
    if noted.errors:
        raise GatewayRefused(tuple(noted.errors))
    return replace(state, mac=str(mac), wan_mac=str(wan))


def _not_unique(state: GatewayState, own: int | None) -> list[FieldError]:
    """What another gateway has too."""
    errors = []
    for theirs in stored.everyone():
        if theirs.id == own:
            continue
        if theirs.name.casefold() == state.name.casefold():
            detail = f"The gateway {theirs.mac} has the name {theirs.name}."
            errors.append(FieldError("name", detail, "a name that no other gateway has"))
        if theirs.address == state.address:
            detail = f"The gateway {theirs.name} has the address {theirs.address}."
            errors.append(FieldError("address", detail, "an address that no other gateway has"))
        macs = {theirs.mac, theirs.settings["wan_mac"]} - {""}
        for member in ("mac", "wan_mac"):
            if getattr(state, member) in macs:
                detail = f"The gateway {theirs.name} has this address."
                errors.append(FieldError(member, detail, "the address on this gateway's label"))
    return errors


def _logins(state: GatewayState, shells: Mapping[str, object]) -> list[FieldError]:
    """What cannot be typed to log in."""
    errors = []
    for member in ("login_user", "login_password"):
        text = getattr(state, member) or ""
        if not (text.isascii() and text.isprintable()) or len(text) > 64:
            detail, allowed = "It cannot be typed.", "at most 64 printable characters of ASCII"
            errors.append(FieldError(member, detail, allowed))
    if state.login_shell not in shells:
        detail = f'"{state.login_shell[:20]}" is no command line of this gateway.'
        errors.append(FieldError("login_shell", detail, ", ".join(shells)))
    return errors
