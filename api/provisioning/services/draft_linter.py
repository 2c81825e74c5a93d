"""What the linter says of the settings of a draft, phone after phone.

The linter takes longer than a phone's files. What it says of a setting hangs on little of the
phone, and what it says of a key on that key: it is asked only about what is new.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from provisioning.engine.identification import Identification
from provisioning.engine.layer_changes import SettingChange
from provisioning.engine.people import key_setting
from provisioning.engine.phone_likeness import outline, outline_of_key
from provisioning.engine.scopes import Variables
from provisioning.services import lint
from provisioning.services.findings import Finding
from provisioning.services.kind_memory import KindMemory
from provisioning.services.site import Site
from provisioning.services.verdict_reasons import WITHOUT_EFFECT, key_of
from provisioning.store.devices import StoredDevice

_OF_WHOLE_KEYS = ("key_type_unsupported", "no_such_key", "orphan_key")

_Place = tuple[str, int] | None
"""A key, or all that is not of keys."""


@dataclass(frozen=True, slots=True)
class Case:
    """A phone that would get something otherwise."""

    device: StoredDevice
    after: StoredDevice
    asking: Identification
    arriving: Sequence[SettingChange]
    """The settings that would get another value."""
    hardware: tuple[str | None, ...]
    """What it is by its address, its model (before and after) and its own words."""
    then: Variables
    """Its merged settings as they would be."""


class DraftLinter:
    """Asks the linter about drafts."""

    def __init__(self, site: Site):
        self._site = site
        self._findings = KindMemory[dict[str, Finding]]()

    def findings(self, case: Case, *, changes: bool) -> dict[str, Finding]:
        """What the linter says, by setting.

        Args:
            case: the phone.
            changes: whether its files become other ones. Of two phones whose outline is the same,
                the one with a difference has something that makes its template read a setting.
        """
        places: dict[_Place, list[SettingChange]] = {}
        for change in case.arriving:
            places.setdefault(key_of(change.name), []).append(change)
        kinds = {
            place: (_kind(case, place, changes), [_reduced(change) for change in arriving])
            for place, arriving in places.items()
        }
        found = self._findings.get_all(kinds, lambda new: self._ask(case, places, new))
        return {name: finding for told in found.values() for name, finding in told.items()}

    def _ask(
        self,
        case: Case,
        places: Mapping[_Place, Sequence[SettingChange]],
        new: Collection[_Place],
    ) -> dict[_Place, dict[str, Finding]]:
        arriving = [change for place in new for change in places[place]]
        found = _findings(self._site, case, arriving)
        return {
            place: {c.name: found[c.name] for c in places[place] if c.name in found}
            for place in new
        }


def _kind(case: Case, place: _Place, changes: bool) -> tuple[object, ...]:
    if place is None:
        return case.hardware, changes, outline(case.then)
    return case.hardware, outline_of_key(case.then, *place)


def _reduced(change: SettingChange) -> tuple[object, ...]:
    """A change for the linter: of a key's value and label only whether there are some."""
    before, after = change.values
    key = key_setting(change.name)
    if key and key.member in ("value", "label"):
        return change.name, bool(before), bool(after)
    return change.name, before, after


def _findings(site: Site, case: Case, arriving: Sequence[SettingChange]) -> dict[str, Finding]:
    set_then = {c.name: c.after.value for c in arriving if c.after and c.after.value}
    # The linter has nothing to say of what is empty: of that it is asked what the value now does.
    emptied = {
        c.name: c.before.value
        for c in arriving
        if c.name not in set_then and c.before and c.before.value
    }
    found: dict[str, Finding] = {}
    if set_then:
        told = list(lint.lint_settings(site, case.after, set_then, case.asking))
        found |= _by_setting(told, set_then)
    if emptied:
        told = list(lint.lint_settings(site, case.device, emptied, case.asking))
        found |= _by_setting([f for f in told if f.code in WITHOUT_EFFECT], emptied)
    return found


def _by_setting(findings: Sequence[Finding], own: Collection[str]) -> dict[str, Finding]:
    """What is told once of a key is told of all its settings."""
    whole = {key_of(f.setting): f for f in findings if f.code in _OF_WHOLE_KEYS}
    return {
        **{finding.setting: finding for finding in findings},
        **{name: whole[key_of(name)] for name in own if key_of(name) in whole},
    }
