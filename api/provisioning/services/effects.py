"""What a draft would do, before anybody applies it: how many phones, which, and why not the others.

Nothing is written. Before and after run through the code that serves phones, with what each phone
said of itself when it last fetched (``services.verdicts``).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.engine.layer_changes import SettingChange
from provisioning.engine.scopes import ScopeKind
from provisioning.services import drafts
from provisioning.services.drafts import Draft
from provisioning.services.phone_files import Diff
from provisioning.services.site import Site
from provisioning.services.verdict_reasons import Reason, SettingVerdict
from provisioning.services.verdicts import Judge, PhoneEffect, Verdict
from provisioning.store.database import snapshot


@dataclass(frozen=True, slots=True)
class Cause:
    """What becomes of a setting on some phones, and why."""

    reason: Reason
    kind: ScopeKind | None
    """Of a setting that does not arrive: the kind of layer whose value applies; else None."""
    id: str | None
    """The layer; None where each phone has its own."""


@dataclass(slots=True)
class SettingTally:
    """What becomes of a setting on all phones."""

    verdicts: Counter[SettingVerdict] = field(default_factory=Counter)
    causes: Counter[Cause] = field(default_factory=Counter)
    """On how many phones what; of the effective ones nothing is to be told."""


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """A phone of the page that was asked for."""

    effect: PhoneEffect
    diff: Diff | None
    """Of a phone whose files become other ones."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a draft would do."""

    verdicts: Mapping[Verdict, int]
    """How many phones; those that the draft has nothing to do with are not counted."""
    reboots: int
    """How many phones restart to apply it."""
    settings: Mapping[str, SettingTally]
    """By setting, the ones that differ for any phone."""
    total: int
    """How many phones match what was asked for."""
    phones: tuple[ShownEffect, ...]
    """The page, by MAC id."""


def effects(
    site: Site,
    draft: Draft,
    *,
    verdict: Verdict | None = None,
    reboot: bool | None = None,
    offset: int = 0,
    limit: int = 20,
) -> Effects:
    """Judge all phones that a draft can concern, and show a page of them.

    Args:
        site: the site.
        draft: what would change.
        verdict: show only phones with this one.
        reboot: show only phones that restart, or that do not.
        offset: how many of them to leave out first.
        limit: how many to show; only of these the difference is made.
    """
    judge = Judge(site)
    verdicts: Counter[Verdict] = Counter()
    settings: dict[str, SettingTally] = {}
    reboots = total = 0
    page: list[ShownEffect] = []
    with snapshot():
        for phone in drafts.candidates(draft):
            after = draft.applied(phone)
            effect = judge.effect(phone, after)
            if effect is None:
                continue
            verdicts[effect.verdict] += 1
            reboots += effect.reboot
            _count(settings, effect)
            if verdict not in (None, effect.verdict) or reboot not in (None, effect.reboot):
                continue
            if offset <= total < offset + limit:
                changes = effect.verdict == "changes"
                shown = judge.diff(phone, after, effect) if changes else None
                page.append(ShownEffect(effect, shown))
            total += 1
    return Effects(dict(verdicts), reboots, settings, total, tuple(page))


def _count(settings: dict[str, SettingTally], effect: PhoneEffect) -> None:
    for change, reason in effect.settings:
        tally = settings.setdefault(change.name, SettingTally())
        tally.verdicts[reason.verdict] += 1
        if reason.verdict != "changes" or reason.code:
            tally.causes[_cause(change, reason)] += 1


def _cause(change: SettingChange, reason: Reason) -> Cause:
    if reason.verdict not in ("hidden", "same") or change.after is None:
        return Cause(reason, None, None)
    origin = change.after
    shared = origin.kind in ("defaults", "model", "layout")
    return Cause(reason, origin.kind, origin.id if shared else None)
