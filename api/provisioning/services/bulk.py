"""One change for many phones: each is changed or refused for itself, and stops no other.

Phones are written together, with a savepoint each: 5,000 commits would each wait for the disk. They
are not written all together either: whoever else writes waits for the end of a transaction, and
gives up after some seconds.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import changed
from provisioning.services import layouts, links, models, phones
from provisioning.services.errors import NotFound, OtherVendor, ServiceError
from provisioning.services.phones import State
from provisioning.services.site import Site
from provisioning.store import history, proofs
from provisioning.store import layouts as stored_layouts
from provisioning.store.database import configuration_change, transaction

_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is to change on every phone; what is None or empty stays."""

    model: str | None = None
    """Empty: none."""
    variables: Mapping[str, str | None] = field(default_factory=dict)
    """A value sets, the empty string is explicitly none, None inherits again."""
    location: str | None = None
    tags_add: tuple[str, ...] = ()
    tags_remove: tuple[str, ...] = ()
    layout_add: str | None = None
    """A key layout to apply to the phone itself."""
    layout_remove: str | None = None
    unlink: bool = False
    """All its accounts are taken from their users."""
    delete: bool = False
    """Remove the phone; nothing else is done."""
    any_vendor: bool = False
    """A model of another vendor than the phone's is meant."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one phone."""

    mac: MacAddress
    outcome: Literal["changed", "unchanged", "refused"]
    refusal: ServiceError | None = None


def change(
    site: Site,
    macs: Iterable[MacAddress],
    wanted: BulkChange,
    *,
    review: Callable[[MacAddress], None],
    by: str,
) -> list[Outcome]:
    """Change phones, each for itself.

    Args:
        site: the site.
        macs: the phones; doubles count once.
        wanted: what is to change.
        review: is called with each phone where nobody else writes; raises a ServiceError to have
            that phone refused.
        by: who asked, for the history.

    Raises:
        NotFound: there is no such model, or no such layout; nothing was changed.
    """
    if wanted.model:
        models.get(site, wanted.model)
    named = [name for name in (wanted.layout_add, wanted.layout_remove) if name]
    for name in named:
        layouts.get(name)
    item, phones_once = _Item(site, wanted, by), list(dict.fromkeys(macs))
    outcomes = []
    for start in range(0, len(phones_once), _AT_ONCE):
        with configuration_change():
            before = _states(named)
            some = phones_once[start : start + _AT_ONCE]
            outcomes += [item.outcome(mac, review) for mac in some]
            for name, after in _states(named).items():
                if after != before[name]:
                    history.record(by, "layout", name, "change", before=before[name], after=after)
    return outcomes


def _states(names: Collection[str]) -> dict[str, dict[str, object]]:
    """Layouts as their history keeps them; one that somebody removed since is left out."""
    return {name: layouts.state_of(name) for name in names if stored_layouts.find(name)}


class _Item:
    """The change of one phone after the other."""

    def __init__(self, site: Site, wanted: BulkChange, by: str):
        self._site, self._wanted, self._by = site, wanted, by
        self._vendors: dict[str, str] = {}

    def outcome(self, mac: MacAddress, review: Callable[[MacAddress], None]) -> Outcome:
        try:
            with transaction():
                review(mac)
                is_new = self._change(mac)
        except ServiceError as refusal:
            return Outcome(mac, "refused", refusal)
        return Outcome(mac, "changed" if is_new else "unchanged")

    def _change(self, mac: MacAddress) -> bool:
        """Whether anything of the phone is another than before."""
        wanted, by = self._wanted, self._by
        if wanted.delete:
            phones.delete(mac, by=by)
            return True
        # First: what is set along with it is meant for the phone that is nobody's.
        linked = links.of_phone(mac) if wanted.unlink else ()
        changes = [bool(links.unlink(self._site, mac, line=one.line, by=by)) for one in linked]
        changes.append(phones.rewrite(mac, lambda state: self._state(mac, state), by=by))
        for name, use in (
            (wanted.layout_add, stored_layouts.add_use),
            (wanted.layout_remove, stored_layouts.remove_use),
        ):
            if name:
                changes.append(use(_layout(name), "phone", str(mac)))
        if any(changes):
            proofs.touch([str(mac)])
        return any(changes)

    def _state(self, mac: MacAddress, state: State) -> State:
        wanted = self._wanted
        self._refuse_other_vendor(mac, state["model"])
        given = {"model": wanted.model, "location": wanted.location}
        kept = [tag for tag in state["tags"] if tag not in wanted.tags_remove]
        return {
            **state,
            **{name: value for name, value in given.items() if value is not None},
            "tags": [*kept, *wanted.tags_add],
            "variables": changed(state["variables"], wanted.variables),
        }

    def _refuse_other_vendor(self, mac: MacAddress, present: str) -> None:
        """A phone keeps to the vendor of its model or of its address, whichever is right."""
        model = self._wanted.model
        if not model or self._wanted.any_vendor:
            return
        by_address = self._site.library.vendor_of(mac)
        vendors = [self._vendor(present), by_address.id if by_address else ""]
        known = [vendor for vendor in vendors if vendor]
        if known and self._vendor(model) not in known:
            raise OtherVendor(str(mac), known[0], model)

    def _vendor(self, model: str) -> str:
        """Whose model it is; empty if nothing tells."""
        if model not in self._vendors:
            try:
                self._vendors[model] = models.get(self._site, model).vendor
            except NotFound:  # a model that nobody made: its id may tell
                named = self._site.library.vendor_of_model(model)
                self._vendors[model] = named.id if named else ""
        return self._vendors[model]


def _layout(name: str) -> int:
    found = stored_layouts.find(name)
    if found is None:
        raise NotFound("key layout", name)
    return int(found.id)
