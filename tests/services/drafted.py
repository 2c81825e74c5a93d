"""What tests of drafts need: phones to register, and an effect told shortly.

Tests say ``from drafted import effect_on``: this folder is no package, so pytest puts it on the
path.
"""

from collections.abc import Mapping

from provisioning.engine.mac import MacAddress
from provisioning.services import effects, phones
from provisioning.services.drafts import Draft
from provisioning.services.effects import Effects, ShownEffect
from provisioning.services.phones import Facts
from provisioning.services.site import Site
from provisioning.store import device_requests

YEALINK = MacAddress.parse("00-15-65-AA-BB-01")
SNOM = MacAddress.parse("00-04-13-AA-BB-01")
FANVIL = MacAddress.parse("0C-38-3E-AA-BB-01")


def register(
    site: Site,
    mac: MacAddress = YEALINK,
    model: str = "yealink-T46",
    variables: Mapping[str, str] | None = None,
    tags: tuple[str, ...] = (),
) -> None:
    """Register a phone."""
    facts = Facts(tags=tags)
    phones.create(site, mac, model=model, variables=variables, facts=facts, by="tests")


def fetched(mac: MacAddress, user_agent: str) -> None:
    """The phone has fetched its configuration with its permanent token."""
    event = {
        "at": 1.0, "phone": str(mac), "access": "tok2", "address": "192.0.2.1",
        "user_agent": user_agent, "vendor": "", "model": "", "firmware": "", "method": "GET",
        "file": "f", "status": 200, "outcome": "served", "reason": None, "served_etag": "e",
        "served_digest": "d",
    }  # fmt: skip
    device_requests.write([event])


def effects_of(site: Site, draft: Draft, **wanted: object) -> Effects:
    """What a draft would do."""
    return effects.effects(site, draft, **{"limit": 500, **wanted})  # type: ignore[arg-type]


def effect_on(site: Site, draft: Draft, mac: MacAddress = YEALINK) -> ShownEffect:
    """What a draft would do to one phone."""
    [found] = [s for s in effects_of(site, draft).phones if s.effect.mac == str(mac)]
    return found


def verdicts(shown: ShownEffect) -> dict[str, str]:
    """The verdict of each setting on a phone."""
    return {change.name: reason.verdict for change, reason in shown.effect.settings}


def changed_lines(shown: ShownEffect) -> set[str]:
    """The lines of a phone's files that would go or come."""
    assert shown.diff is not None
    lines = shown.diff.text.splitlines()
    return {line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")}
