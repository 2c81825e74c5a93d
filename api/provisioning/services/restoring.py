"""Bringing things back to a state that the history keeps.

What comes back is a version of its own: nothing of the history is undone or lost, and a restoring
can itself be restored.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from provisioning.engine.gateways.checking import GatewayRefused
from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.engine.user_state import UserState
from provisioning.engine.values import VariablesRefused
from provisioning.services import (
    application_settings,
    history,
    layouts,
    models,
    own_accounts,
    pbx,
    phones,
    users,
)
from provisioning.services.application_settings import CATALOGUE
from provisioning.services.errors import (
    AlreadyExists,
    CannotRestore,
    NoState,
    NotFound,
    ServiceError,
)
from provisioning.services.gateways.returning import put_back
from provisioning.services.history import RESTORED_FROM, Side
from provisioning.services.layouts import Uses
from provisioning.services.phones import Facts
from provisioning.services.scopes import is_model
from provisioning.services.site import Site
from provisioning.services.users import NewUser
from provisioning.store import application_settings as stored_settings
from provisioning.store import history as stored
from provisioning.store import phones as stored_phones
from provisioning.store import proofs, scopes
from provisioning.store import users as stored_users
from provisioning.store.database import configuration_change
from provisioning.store.tables import Change

REMARKS = (
    "new_tokens", "links_not_restored", "layouts_not_restored", "model_unknown",
    "own_accounts", "load_again",
)  # fmt: skip
"""What whoever restores should know.

- ``new_tokens``: the device was gone; it needs its new address, or a redirect service.
- ``links_not_restored``: it belongs to nobody.
- ``layouts_not_restored``: key layouts that were given to this very phone are not.
- ``model_unknown``: its model is gone; only the defaults apply.
- ``own_accounts``: its own settings hold an account again, which no link gives it.
- ``load_again``: the gateway goes on with the file it has until it gets this one.
"""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    kind: str
    subject: str
    change: int | None
    """The number of the new entry; None: it was as it had been already."""
    phones_touched: int
    """How many phones it may concern; each is compared with what it has."""
    remarks: tuple[str, ...]
    """Of :data:`REMARKS`."""


@dataclass(frozen=True, slots=True)
class _Versions:
    """A thing before and after it was brought back."""

    before: Mapping[str, object] | None
    after: Mapping[str, object]
    remarks: tuple[str, ...] = ()


def restore(site: Site, number: int, *, to: Side, by: str) -> Restored:
    """Bring the subject of a change back to the state before or after it.

    Args:
        site: the site.
        number: of the change.
        to: which of its sides.
        by: who asked, for the history.

    Raises:
        NotFound: there is no such change.
        NoState: it keeps no such state.
        CannotRestore: something stands in its way.
    """
    with configuration_change():
        row = history.require(number)
        restorer = _RESTORERS.get(row.kind)
        if restorer is None:
            raise CannotRestore(number, f"A {row.kind} does not come back by its history.")
        wanted, began = history.state(row, to), time.time()
        try:
            done = restorer(site, row, wanted, by)
        except NoState:
            raise
        except (ServiceError, VariablesRefused, GatewayRefused) as reason:
            raise CannotRestore(number, str(reason)) from reason
        change = None
        if done.after != done.before:
            named = {RESTORED_FROM: {"change": number, "to": to}}
            change = stored.record(
                by,
                str(row.kind),
                str(row.subject),
                "restore",
                before=done.before,
                after={**done.after, **named},
            )
        touched = len(proofs.touched_since(began)) if change else 0
    return Restored(str(row.kind), str(row.subject), change, touched, done.remarks)


def _phone(site: Site, row: Change, state: Mapping[str, Any], _: str) -> _Versions:
    mac = MacAddress.parse(str(row.subject))
    is_there = stored_phones.find(str(mac)) is not None
    if not is_there and scopes.find_model(str(mac)):
        raise AlreadyExists("model", str(mac))
    before = phones.state_of(mac) if is_there else None
    # What an earlier release or an import wrote down knows fewer facts.
    after = {**asdict(Facts()), "tags": [], **(before or {}), **state}
    if after != before:
        phones.write(mac, after)
    remarks = [] if is_there else ["new_tokens", "links_not_restored", "layouts_not_restored"]
    if after["model"] and not is_model(site, str(after["model"])):
        remarks.append("model_unknown")
    if _own_accounts(site, after) - _own_accounts(site, before or {}):
        remarks.append("own_accounts")
    return _Versions(before, after, tuple(remarks))


def _own_accounts(site: Site, state: Mapping[str, Any]) -> set[int]:
    return set(own_accounts.lines_of(site.catalogue, state.get("variables", {})))


def _model(site: Site, row: Change, state: Mapping[str, Any], _: str) -> _Versions:
    model = str(row.subject)
    before = models.state_now(site, model)
    recognises = {"mac_prefixes", "user_agents"} <= state.keys()
    if "differences" in state and "display_name" in state:
        scopes.save_model(
            model,
            base=_base(model, before, state),
            display_name=state["display_name"],
            differences=state["differences"],
        )
    elif not recognises:
        raise NoState(row.id, f"{row.action!r} of a model keeps that of another one.")
    elif before is None:
        raise NotFound("model", model)
    if recognises:
        scopes.save_recognition(
            model, mac_prefixes=state["mac_prefixes"], user_agents=state["user_agents"]
        )
    return _Versions(before, models.state_now(site, model) or {})


def _base(model: str, before: Mapping[str, Any] | None, state: Mapping[str, Any]) -> str | None:
    """The base of a model; most changes do not touch it, and so do not keep it."""
    kept = (side for row in stored.of_subject("model", model) for side in (row.after, row.before))
    sides = (state, before, *kept)
    base: str | None = next((side["base"] for side in sides if side and "base" in side), None)
    return base


def _defaults(_: Site, __: Change, state: Mapping[str, Any], ___: str) -> _Versions:
    before = scopes.defaults_differences()
    if before != state:
        scopes.save_defaults(state)
    return _Versions(before, state)


def _layout(site: Site, row: Change, state: Mapping[str, Any], _: str) -> _Versions:
    name = str(row.subject)
    try:
        before = layouts.state_of(name)
    except NotFound:
        before = None
    if before != state:
        fills = [Fill(**fill) for fill in state["fills"]]
        uses = Uses(**{kind: tuple(targets) for kind, targets in state["uses"].items()})
        layouts.check(state["variables"], fills)
        proofs.touch_layouts([name])
        layouts.write(site, name, variables=state["variables"], fills=fills, uses=uses)
    return _Versions(before, layouts.state_of(name))


def _user(_: Site, row: Change, state: Mapping[str, Any], by: str) -> _Versions:
    name = str(row.subject)
    if "extension" in state:
        after = NewUser(**{**state, "name": name})
        known = users.write(after, by=by)
        return _Versions(None if known is None else asdict(known), asdict(after))
    before, switched = users.state(name), UserState(**state)
    if before != switched:
        stored_users.update(name, {"state": asdict(switched)})
        proofs.touch_users([name])
    return _Versions(asdict(before), asdict(switched))


def _settings(_: Site, __: Change, state: Mapping[str, Any], by: str) -> _Versions:
    known = {name: value for name, value in state.items() if name in CATALOGUE.parameters}
    present = application_settings.get()
    before = {name: present.text(name) for name in known}
    for name, value in CATALOGUE.check(known).items():
        stored_settings.put(name, value)
    pbx.settings_changed(present, by=by)
    return _Versions(before, {name: application_settings.get().text(name) for name in known})


def _gateway(site: Site, row: Change, state: Mapping[str, Any], by: str) -> _Versions:
    before, after = put_back(site, MacAddress.parse(str(row.subject)), state, by=by)
    remarks = ["new_tokens"] if before is None else []
    if after != before:
        remarks.append("load_again")
    return _Versions(before.recorded() if before else None, after.recorded(), tuple(remarks))


_RESTORERS: Mapping[str, Callable[[Site, Change, Mapping[str, Any], str], _Versions]] = {
    "phone": _phone,
    "model": _model,
    "defaults": _defaults,
    "layout": _layout,
    "user": _user,
    "settings": _settings,
    "gateway": _gateway,
}
