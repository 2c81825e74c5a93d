"""Phones before and after a move, and what differs: effects that nobody has to foresee."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from provisioning.engine.keys import Key
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone_building import keys_of
from provisioning.services import configurations, links, phones
from provisioning.services.errors import NotFound
from provisioning.services.links import LinkDetails
from provisioning.services.move_effects import Effect
from provisioning.services.scopes import shipped_model
from provisioning.services.site import Site
from provisioning.store import devices, layouts
from provisioning.store import links as stored_links

_FACTS = ("model", "display_name", "location", "tags", "layouts")
_TOKENS = {"tok1": "first access", "tok2": "permanent"}


@dataclass(frozen=True, slots=True)
class Look:
    """A registered phone."""

    state: Mapping[str, object]
    """What of it can be changed; with the names of its own layouts."""
    tokens: Mapping[str, str]
    links: Mapping[int, LinkDetails]
    secrets: Mapping[int, str]
    """SIP secrets by account."""
    keys: Mapping[str, Sequence[Key]]
    """All keys that it has, by kind."""
    accounts: int | None
    """How many it can have; None: nothing tells."""


def look(site: Site, mac: MacAddress) -> Look | None:
    """A phone as it is now; None if it is not registered."""
    device = devices.find(str(mac))
    try:
        found = phones.get(site, mac)
    except NotFound:
        return None
    if device is None:
        return None
    model = shipped_model(site.library, device.model, device.model_base)
    vendor = configurations.vendor_of(site, device)
    variables = found.effective
    keys = keys_of(variables)
    tokens = {"tok1": found.tok1, "tok2": found.tok2}
    return Look(
        state={**phones.state_of(mac), "layouts": layouts.of_phone(str(mac))},
        tokens={kind: text for kind, text in tokens.items() if text},
        links={link.line: link for link in links.of_phone(mac)},
        secrets={link.line: str(link.secret) for link in stored_links.of_phone(str(mac))},
        keys={
            "softkey": keys.soft_keys,
            "linekey": keys.line_keys,
            "expkey": [key for module in keys.expansion_modules for key in module.keys],
        },
        accounts=model.accounts if model else vendor.accounts if vendor else None,
    )


def differences(
    before: Mapping[str, Look | None],
    after: Mapping[str, Look | None],
    takes_over: Mapping[str, str],
) -> list[Effect]:
    """What is not as it was.

    Args:
        before: the phones that take part, by MAC id.
        after: the same phones.
        takes_over: which phone is what another was.
    """
    told = list(_phones(before, after))
    told += _numbers(before, after)
    for mac, now in after.items():
        then = before.get(takes_over.get(mac, mac))
        if now is not None:
            told += _accounts(mac, before.get(mac), now)
        if now is not None and then is not None and mac not in takes_over.values():
            told += _keys(mac, then, now)
    return told


def _phones(
    before: Mapping[str, Look | None], after: Mapping[str, Look | None]
) -> Iterator[Effect]:
    for mac, now in after.items():
        then = before[mac]
        if then is None and now is not None:
            yield Effect("phone_registered", "phone", mac)
        if then is not None and now is None:
            yield Effect("phone_deleted", "phone", mac)
            for kind in then.tokens:
                yield Effect("token_ends", "phone", mac, _TOKENS[kind])
        if now is not None:
            yield from _facts(mac, then.state if then else {}, now.state)


def _facts(mac: str, then: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Effect]:
    for name in _FACTS:
        old, new = _text(then.get(name, "")), _text(now[name])
        if old != new:
            yield Effect("phone_changes", "phone", mac, name, old, new)
    old_settings, new_settings = _settings(then), _settings(now)
    names = old_settings.keys() | new_settings.keys()
    changed = sum(old_settings.get(name) != new_settings.get(name) for name in names)
    if changed:
        # Values may be secret, and are many: the phone's own page shows them.
        yield Effect("phone_changes", "phone", mac, "settings", None, str(changed))


def _settings(state: Mapping[str, object]) -> Mapping[str, object]:
    found = state.get("variables", {})
    return found if isinstance(found, Mapping) else {}


def _numbers(
    before: Mapping[str, Look | None], after: Mapping[str, Look | None]
) -> Iterator[Effect]:
    places = [_places(before), _places(after)]
    for number in dict.fromkeys([*places[0], *places[1]]):
        old, new = (found.get(number) for found in places)
        if old != new:
            code = "number_freed" if new is None else "number_follows" if old else "number_given"
            yield Effect(code, "number", number, "", old, new)
    kept = {secret for found in after.values() if found for secret in found.secrets.values()}
    for mac, then in before.items():
        for line, secret in then.secrets.items() if then else ():
            if secret not in kept and then is not None:
                number = then.links[line].number
                yield Effect("secret_revoked", "phone", mac, f"line {line}", number)


def _places(looks: Mapping[str, Look | None]) -> dict[str, str]:
    """Where each number is."""
    return {
        link.number: f"{mac} line {line}"
        for mac, found in looks.items()
        if found is not None
        for line, link in found.links.items()
    }


def _accounts(mac: str, then: Look | None, now: Look) -> Iterator[Effect]:
    for line, link in now.links.items():
        if then is not None and then.links.get(line) == link:
            continue
        where = ("phone", mac, f"line {line}")
        if not link.confirmed:
            yield Effect("account_pending", *where, after=link.number)
        if now.accounts is not None and line > now.accounts:
            yield Effect("account_without_place", *where, link.number, str(now.accounts))


def _keys(mac: str, then: Look, now: Look) -> Iterator[Effect]:
    for kind, keys in then.keys.items():
        have = len(now.keys[kind])
        for run in _runs(key.number for key in keys[have:] if key.type):
            numbers = str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}"
            yield Effect("keys_without_place", "phone", mac, f"{kind} {numbers}", after=str(have))
        for old, new in zip(keys, now.keys[kind], strict=False):
            if _key(old) != _key(new):
                yield Effect(
                    "key_changes", "phone", mac, f"{kind} {old.number}", _key(old), _key(new)
                )
        for new in now.keys[kind][len(keys) :]:
            if new.type:
                yield Effect("key_changes", "phone", mac, f"{kind} {new.number}", None, _key(new))


def _runs(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Numbers that follow each other, together."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _, number in run]


def _key(key: Key) -> str | None:
    return " ".join(filter(None, (key.type, key.value, key.label))) if key.type else None


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
