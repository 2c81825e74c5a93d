"""A plan for Kea: client classes, as the member ``client-classes`` of ``Dhcp4``.

Source: measured with Kea 2.2.0.
"""

import json
from collections.abc import Iterator, Sequence

from provisioning.engine.dhcp.cover import prefixes
from provisioning.engine.dhcp.facts import BOOT_FILE_NAME, DEFAULT_URL, TFTP_SERVER_NAME
from provisioning.engine.dhcp.plan import OWN, DhcpOption, PhoneClass, Plan
from provisioning.engine.vendors import MacRange

_NAMES = {
    TFTP_SERVER_NAME: "tftp-server-name",
    BOOT_FILE_NAME: "boot-file-name",
    DEFAULT_URL: "v4-captive-portal",
}
_DIGIT_BITS = 4

_Entry = dict[str, object]


def render(plan: Plan) -> str:
    """The member ``client-classes``, to stand inside ``Dhcp4``; the same for the same plan."""
    entries = json.dumps([*_own(plan), *_classes(plan), *_everybody_else(plan)], indent=2)
    return f'"client-classes": {entries}\n'


def quoted(text: str) -> str:
    """A value as Kea reads it, before JSON: it takes a comma as the end of one value of several."""
    return text.replace("\\", "\\\\").replace(",", "\\,")


def _own(plan: Plan) -> Iterator[_Entry]:
    for phone in plan.own:
        test = f"pkt4.mac == 0x{phone.mac.bare}"
        yield {"name": phone.name, "test": test, "option-data": _data(phone.options)}
    if plan.own:
        test = _or([f"member('{phone.name}')" for phone in plan.own])
        yield {"name": OWN, "comment": "Phones with an address of their own", "test": test}


def _classes(plan: Plan) -> Iterator[_Entry]:
    """A class may refer only to classes before it, and a plan's classes do."""
    for c in plan.classes:
        entry: _Entry = {"name": c.name, "comment": _comment(c), "test": _test(c)}
        if c.options:
            entry["option-data"] = _data(c.options)
        yield entry


def _everybody_else(plan: Plan) -> Iterator[_Entry]:
    """For the site's use: a class can add an option, but not take one away."""
    if plan.names:
        comment = "An option 66 for everybody else must not reach the phones; it belongs here"
        test = " and ".join(f"not member('{name}')" for name in plan.names)
        yield {"name": "zt-everybody-else", "comment": comment, "test": test}


def _comment(c: PhoneClass) -> str:
    doubts = [
        f"; option 60 {known.prefix} is not verified"
        for known in c.vendor_classes
        if not known.verified
    ]
    return c.title + "".join(doubts)


def _test(c: PhoneClass) -> str:
    known = [
        f"substring(option[60].hex,0,{len(found.prefix)}) == '{found.prefix}'"
        for found in c.vendor_classes
    ]
    known += [_is_prefix(prefix) for found in c.ranges for prefix in _prefixes(found)]
    excluded = [f"not member('{name}')" for name in c.after]
    return " and ".join([*excluded, f"({_or(known)})"])


def _prefixes(found: MacRange) -> Iterator[str]:
    return prefixes(found, _DIGIT_BITS)


def _is_prefix(prefix: str) -> str:
    if len(prefix) % 2 == 0:
        return f"substring(pkt4.mac,0,{len(prefix) // 2}) == 0x{prefix}"
    # Half a byte can be compared as text only.
    return f"substring(hexstring(pkt4.mac,''),0,{len(prefix)}) == '{prefix}'"


def _or(tests: Sequence[str]) -> str:
    return " or ".join(tests)


def _data(options: tuple[DhcpOption, ...]) -> list[_Entry]:
    return [_option(option) for option in options]


def _option(option: DhcpOption) -> _Entry:
    entry: _Entry = {
        "name": _NAMES[option.code],
        "code": option.code,
        "data": quoted(option.value),
    }
    if option.code == DEFAULT_URL:
        entry["always-send"] = True  # Few DHCP clients ask for 114.
    return entry
