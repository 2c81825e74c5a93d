"""Phones by the thousand: read, registered and changed in few statements.

What is written is what :mod:`provisioning.services.phones` writes for one phone, history included;
the caller has checked it and holds the transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from provisioning.engine.scopes import Variables
from provisioning.services.phones import Facts, as_recorded, facts_of, new_token
from provisioning.store import history
from provisioning.store import phones as stored
from provisioning.store.history import NewChange


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What of a phone can be changed."""

    model: str = ""
    display_name: str = ""
    variables: Variables = field(default_factory=dict)
    """The phone's own settings."""
    facts: Facts = field(default_factory=Facts)

    def recorded(self) -> dict[str, object]:
        """As the history keeps it."""
        return as_recorded(self.model, self.display_name, self.variables, self.facts)

    def columns(self) -> dict[str, object]:
        """As the table of phones has it; tags are a table of their own."""
        return {name: value for name, value in self.recorded().items() if name != "tags"}


def read(macs: Collection[str]) -> dict[str, PhoneState]:
    """Those of some phones that are registered, by MAC id."""
    rows = stored.of_macs(macs)
    tags = stored.tags(list(rows))
    return {
        mac: PhoneState(
            str(row.model),
            str(row.display_name),
            row.variables,
            facts_of(row, tags[mac]),
        )
        for mac, row in rows.items()
    }


def create(phones: Mapping[str, PhoneState], *, by: str) -> None:
    """Register phones, by MAC id; each gets both tokens."""
    stored.insert_many([{"mac": mac, **state.columns()} for mac, state in phones.items()])
    _write_tags({mac: state for mac, state in phones.items() if state.facts.tags})
    stored.add_tokens((new_token(), mac, kind) for mac in phones for kind in (1, 2))
    history.record_many(
        by,
        (
            NewChange("phone", mac, "create", after=state.recorded())
            for mac, state in phones.items()
        ),
    )


def change(phones: Mapping[str, tuple[PhoneState, PhoneState]], *, by: str) -> None:
    """Change phones: before and after by MAC id."""
    stored.update_many({mac: _changed(*states) for mac, states in phones.items()})
    _write_tags(
        {mac: new for mac, (old, new) in phones.items() if old.facts.tags != new.facts.tags}
    )
    history.record_many(
        by,
        (
            NewChange("phone", mac, "change", before=old.recorded(), after=new.recorded())
            for mac, (old, new) in phones.items()
        ),
    )


def _changed(old: PhoneState, new: PhoneState) -> dict[str, object]:
    before = old.columns()
    return {name: value for name, value in new.columns().items() if value != before[name]}


def _write_tags(phones: Mapping[str, PhoneState]) -> None:
    stored.replace_tags_of({mac: state.facts.tags for mac, state in phones.items()})
