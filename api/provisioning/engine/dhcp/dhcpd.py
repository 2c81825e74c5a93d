"""A plan for ISC dhcpd: one class, whose cases are tried in order.

A class that all phones are in, rather than a class each, because dhcpd cannot ask in one class
whether a phone is in another, and gives a phone the options of all classes it is in. What a class
says wins over the options of a subnet.

Source: measured with ISC dhcpd 4.4.3.
"""

from collections.abc import Iterator
from itertools import groupby

from provisioning.engine.dhcp.cover import prefixes
from provisioning.engine.dhcp.facts import BOOT_FILE_NAME, DEFAULT_URL, TFTP_SERVER_NAME
from provisioning.engine.dhcp.plan import DhcpOption, PhoneClass, Plan
from provisioning.engine.vendors import MacRange

_HEADER = """\
# How phones find their configuration: made by provisioning, do not edit.
# include "..."; it in dhcpd.conf, outside of all subnets, and restart dhcpd.
"""
_NAMES = {
    TFTP_SERVER_NAME: "tftp-server-name",
    BOOT_FILE_NAME: "bootfile-name",
    DEFAULT_URL: "default-url",  # dhcpd's name for 114
}
_ETHERNET = "substring(hardware, 0, 1) = 01"
_HEX = "0123456789abcdef"
_ANY = "[0-9a-f]+"
_ADDRESS = 'binary-to-ascii(16, 8, ":", substring(hardware, 1, 6))'
_FEW = 8  # As many comparisons are easier to read than an expression.
_BYTE_BITS = 8


_CLASS = """class "zt-phones" {{
  match if {ethernet};

{cases}}}
"""


def render(plan: Plan) -> str:
    """The text for a file of its own, the same for the same plan."""
    cases = [*_own(plan), *_classes(plan)]
    if not cases:
        return _HEADER
    # The first is an "if", the others follow it as "elsif".
    chain = "".join(
        f"{note}  {'els' if number else ''}if {test} {{\n{_statements(options)}  }}\n"
        for number, (note, test, options) in enumerate(cases)
    )
    return f"{_HEADER}\n{_CLASS.format(ethernet=_ETHERNET, cases=chain)}"


def quoted(text: str) -> str:
    """A text between quotes, as dhcpd reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_Case = tuple[str, str, tuple[DhcpOption, ...]]


def _own(plan: Plan) -> Iterator[_Case]:
    for phone in plan.own:
        test = f"substring(hardware, 1, 6) = {phone.mac.colons.lower()}"
        yield "", test, phone.options


def _classes(plan: Plan) -> Iterator[_Case]:
    for c in plan.classes:
        note = f"  # {c.title}\n" + "".join(
            f"  # option 60 {known.prefix} is not verified\n"
            for known in c.vendor_classes
            if not known.verified
        )
        yield note, "\n      or ".join(_tests(c)), c.options


def _tests(c: PhoneClass) -> Iterator[str]:
    for known in c.vendor_classes:
        length = len(known.prefix)
        text = quoted(known.prefix)
        yield f"substring(option vendor-class-identifier, 0, {length}) = {text}"
    for found in c.ranges:
        shown = list(prefixes(found, _BYTE_BITS))
        if len(shown) > _FEW:
            yield f'{_ADDRESS} ~= "{expression(found)}"'
            continue
        for prefix in shown:
            yield f"substring(hardware, 1, {len(prefix) // 2}) = {bytes.fromhex(prefix).hex(':')}"


def _statements(options: tuple[DhcpOption, ...]) -> str:
    lines = [f"option {_NAMES[option.code]} {quoted(option.value)};" for option in options]
    if any(option.code == DEFAULT_URL for option in options):
        # Few DHCP clients ask for 114 (72 in hexadecimal), so it is sent unasked.
        asked = "option dhcp-parameter-request-list"
        lines.append(f"{asked} = concat({asked}, {DEFAULT_URL:x});")
    return "".join(f"    {line}\n" for line in lines)


def expression(found: MacRange) -> str:
    """A regular expression for an address as ``binary-to-ascii`` writes it: ``0:4:13:80:9e:b2``."""
    first, last = (end.to_bytes(6, "big") for end in (found.first, found.last))
    return f"^{_between(first, last)}$"


def _between(first: bytes, last: bytes) -> str:
    """The addresses, or their ends, from one to another."""
    if not first:
        return ""
    rest = len(first) - 1
    if first[0] == last[0]:
        return _joined(_byte(first[0], first[0]), _between(first[1:], last[1:]), rest)
    low, high = first[0], last[0]
    forms = []
    if any(first[1:]):
        forms.append(_joined(_byte(low, low), _between(first[1:], b"\xff" * rest), rest))
        low += 1
    end = []
    if any(byte != 0xFF for byte in last[1:]):
        end.append(_joined(_byte(high, high), _between(bytes(rest), last[1:]), rest))
        high -= 1
    if low <= high:
        forms.append(_byte(low, high) + f":{_ANY}" * rest)
    return _one_of([*forms, *end])


def _joined(byte: str, others: str, rest: int) -> str:
    return f"{byte}:{others}" if rest else byte


def _byte(low: int, high: int) -> str:
    """The bytes from one number to another, in hexadecimal without leading zeros."""
    forms = [_digit(low, min(high, 15))] if low < 16 else []
    tens = range(max(low, 16) >> 4, (high >> 4) + 1)
    # Neighbouring tens with the same units are written as one.
    for units, same in groupby(tens, key=lambda ten: _units(ten, low, high)):
        found = list(same)
        forms.append(f"{_digit(found[0], found[-1])}{units}")
    return _one_of(forms)


def _units(ten: int, low: int, high: int) -> str:
    return _digit(max(low - 16 * ten, 0), min(high - 16 * ten, 15))


def _digit(low: int, high: int) -> str:
    if low == high:
        return _HEX[low]
    if low < 10 <= high:  # Digits and letters are no neighbours.
        return f"[{_run(low, 9)}{_run(10, high)}]"
    return f"[{_run(low, high)}]"


def _run(low: int, high: int) -> str:
    return _HEX[low] if low == high else f"{_HEX[low]}-{_HEX[high]}"


def _one_of(forms: list[str]) -> str:
    return forms[0] if len(forms) == 1 else f"({'|'.join(forms)})"
