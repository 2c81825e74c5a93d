"""What a draft does to a phone, with the reason where it does nothing.

Thousands of phones are judged by rendering a few: those that are alike for a template
(``engine.phone_likeness``) share a verdict, found out on the first of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from provisioning.engine.identification import UNKNOWN, Identification, identify
from provisioning.engine.layer_changes import SettingChange, setting_changes
from provisioning.engine.mac import MacAddress
from provisioning.engine.people import Person
from provisioning.engine.phone_likeness import likeness
from provisioning.engine.scopes import Variables
from provisioning.services import phone_files, verdict_reasons
from provisioning.services.draft_linter import Case, DraftLinter
from provisioning.services.drafts import Candidate
from provisioning.services.kind_memory import KindMemory
from provisioning.services.phone_files import Diff, Files
from provisioning.services.scopes import Layers, layers_of, shipped_model
from provisioning.services.site import Site
from provisioning.services.verdict_reasons import Reason, is_person
from provisioning.store import people as stored_people
from provisioning.store.devices import StoredDevice

Verdict = Literal["changes", "fails", "hidden", "ignored", "same"]
VERDICTS = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class PhoneEffect:
    """What a draft does to a phone."""

    mac: str
    model: str
    """As it would be."""
    display_name: str
    verdict: Verdict
    """``changes``: it would fetch another file. ``fails``: its file could no longer be made.
    ``hidden``: nearer layers set the same settings. ``ignored``: its files do not tell them.
    ``same``: it has the same values already, from other layers."""
    detail: str
    """Why a file cannot be made."""
    reboot: bool
    """Whether the phone restarts to apply it."""
    settings: tuple[tuple[SettingChange, Reason], ...]
    """Every setting that a layer of the phone would hold otherwise, by name."""


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What a draft does to all phones of a kind."""

    verdict: Verdict
    detail: str = ""
    reboot: bool = False
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """Of the settings that get another value."""


class Judge:
    """Judges phones one after the other, and remembers the kinds it has seen."""

    def __init__(self, site: Site):
        self._site = site
        self._judgements = KindMemory[_Judgement]()
        self._linter = DraftLinter(site)
        self._people = KindMemory[tuple[Person, ...]]()

    def effect(self, phone: Candidate, after: StoredDevice) -> PhoneEffect | None:
        """What becomes of a phone; None if the draft has nothing to do with it.

        Args:
            phone: as it is.
            after: as it would be stored.
        """
        device = phone.device
        old, new = self._layers(device), self._layers(after)
        changes = setting_changes(old.scopes, new.scopes)
        arriving = [change for change in changes if change.arrives]
        if arriving or self._is_other_model(device, after):
            asking = self._said(phone)
            hardware = self._hardware(device, after, asking)
            case = Case(device, after, asking, arriving, hardware, new.merged())
            judgement = self._judged(case, old.merged())
        elif changes:
            hidden = any(change.hidden for change in changes)
            judgement = _Judgement("hidden" if hidden else "same")
        else:
            return None
        return PhoneEffect(
            mac=device.mac,
            model=after.model,
            display_name=device.display_name,
            verdict=judgement.verdict,
            detail=judgement.detail,
            reboot=judgement.reboot,
            settings=tuple((change, _reason(change, judgement)) for change in changes),
        )

    def diff(self, phone: Candidate, after: StoredDevice, effect: PhoneEffect) -> Diff:
        """What would change in the files of a phone, secrets and tokens masked."""
        changed = [change.name for change, _ in effect.settings if change.arrives]
        return phone_files.diff(self._site, phone.device, after, self._said(phone), changed)

    def _layers(self, device: StoredDevice) -> Layers:
        return layers_of(self._site, device, self._find_people)

    def _find_people(self, names: Collection[str], groups: Collection[str]) -> tuple[Person, ...]:
        return self._people.get(
            (sorted(names), sorted(groups)), lambda: tuple(stored_people.find(names, groups))
        )

    def _is_other_model(self, device: StoredDevice, after: StoredDevice) -> bool:
        library = self._site.library
        return device.model != after.model or (
            shipped_model(library, device.model, device.model_base)
            != shipped_model(library, after.model, after.model_base)
        )

    def _said(self, phone: Candidate) -> Identification:
        if not phone.user_agent:
            return UNKNOWN
        return identify(phone.user_agent, self._site.library.user_agents)

    def _hardware(
        self, device: StoredDevice, after: StoredDevice, asking: Identification
    ) -> tuple[str | None, ...]:
        vendor = self._site.library.vendor_of(MacAddress.parse(device.mac))
        return (
            vendor.id if vendor else None,
            *(device.model, device.model_base, after.model, after.model_base),
            *(asking.vendor, asking.model),
        )

    def _judged(self, case: Case, before: Variables) -> _Judgement:
        values = {change.name: change.values for change in case.arriving}
        texts = {value for pair in values.values() for value in pair if value is not None}
        kind = (
            case.hardware,
            case.asking.version,
            case.device.tok2 is not None,
            case.device.display_name != "",
            values,
            likeness(before, values, texts),
        )
        return self._judgements.get(kind, lambda: self._judge(case))

    def _judge(self, case: Case) -> _Judgement:
        old, new = (
            phone_files.files_of(self._site, stored, case.asking, self._find_people)
            for stored in (case.device, case.after)
        )
        if new.failure and not old.failure:
            return _Judgement("fails", new.failure)
        changes = new.bodies != old.bodies
        acting = [change for change in case.arriving if not is_person(change.name)]
        # What changes the files is the only setting there is, else the linter tells.
        is_plain = changes and len(acting) == 1
        findings = {} if is_plain else self._linter.findings(case, changes=changes)
        reasons = verdict_reasons.reasons(findings, case.arriving, changes=changes)
        if not changes:
            return _Judgement("ignored", new.failure, reasons=reasons)
        reboot = any(self._reboots(change, new) for change in case.arriving)
        return _Judgement("changes", reboot=reboot, reasons=reasons)

    def _reboots(self, change: SettingChange, files: Files) -> bool:
        """Whether a phone restarts for a setting, which its files really tell it otherwise."""
        parameter = self._site.catalogue.find(change.name)
        before, after = change.values
        if parameter is None or not parameter.reboot or (parameter.collection and not after):
            return False  # without a file nothing is left to load
        return phone_files.reads(self._site, files, change.name, before)


def _reason(change: SettingChange, judgement: _Judgement) -> Reason:
    if not change.arrives:
        return Reason("hidden" if change.hidden else "same")
    return judgement.reasons.get(change.name, Reason("changes"))
