"""Why settings of a draft do nothing on a phone that gets them: what the linter says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from provisioning.engine.layer_changes import SettingChange
from provisioning.engine.people import key_setting
from provisioning.services.findings import Finding

SettingVerdict = Literal["changes", "hidden", "ignored", "same"]
SETTING_VERDICTS = get_args(SettingVerdict)

_NO_DIFFERENCE = "the files of this phone stay the same, with the other settings as they are"
_TYPED = "value and label of the key were typed by hand"
WITHOUT_EFFECT = ("no_effect", "no_such_key", "orphan_key")
"""Findings that tell that a setting does nothing."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What becomes of a setting, and why."""

    verdict: SettingVerdict
    code: str = ""
    """As a linter's finding (``services.findings``), where there is one."""
    text: str = ""
    """In words for the admin."""


def reasons(
    findings: Mapping[str, Finding], arriving: Sequence[SettingChange], *, changes: bool
) -> dict[str, Reason]:
    """Which of some settings the files of a phone tell, and why not the others.

    Args:
        findings: what the linter says.
        arriving: the settings.
        changes: whether the files become other ones.
    """
    found = {
        change.name: _reason(findings.get(change.name), changes=changes)
        for change in arriving
        if not is_person(change.name)
    }
    if changes and all(reason.verdict == "ignored" for reason in found.values()):
        found = {name: Reason("changes") for name in found}
    people = {c.name: _of_person(c.name, found) for c in arriving if is_person(c.name)}
    return found | people


def key_of(name: str) -> tuple[str, int] | None:
    """The kind and number of the key that a setting is of; None if it is not of a key."""
    key = key_setting(name)
    return (key.kind, key.number) if key else None


def is_person(name: str) -> bool:
    """Whether a setting makes a key refer to a user: no template reads it."""
    key = key_setting(name)
    return key is not None and key.member == "person"


def _reason(finding: Finding | None, *, changes: bool) -> Reason:
    code, text = (finding.code, finding.detail) if finding else ("", "")
    if not changes:
        return Reason("ignored", code, text or _NO_DIFFERENCE)
    return Reason("ignored" if code in WITHOUT_EFFECT else "changes", code, text)


def _of_person(name: str, found: Mapping[str, Reason]) -> Reason:
    """A reference acts through what it fills in."""
    whole = key_of(name)
    filled = [reason for other, reason in found.items() if key_of(other) == whole]
    changing = next((reason for reason in filled if reason.verdict == "changes"), None)
    return changing or next(iter(filled), Reason("ignored", "", _TYPED))
