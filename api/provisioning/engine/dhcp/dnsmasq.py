"""A plan for dnsmasq: tags by MAC address and vendor class, options by tag.

dnsmasq compares whole bytes, so a range that ends inside a byte takes many lines; fewer would give
Gigaset's phones Snom's options, or the other way round.

Source: measured with dnsmasq 2.90.
"""

from collections.abc import Iterator

from provisioning.engine.dhcp.cover import prefixes
from provisioning.engine.dhcp.facts import DEFAULT_URL
from provisioning.engine.dhcp.plan import OWN, DhcpOption, Plan
from provisioning.engine.vendors import MacRange

_HEADER = """\
# How phones find their configuration: made by provisioning, do not edit.
# A file of its own in dnsmasq's configuration directory; dnsmasq reads it when it is restarted.
"""
_BYTE_BITS = 8


def render(plan: Plan) -> str:
    """The lines for a file of their own, the same for the same plan."""
    return "\n".join([_HEADER, *_notes(plan), *_own(plan), *_classes(plan)]).rstrip("\n") + "\n"


def quoted(text: str) -> str:
    """A text between quotes, as dnsmasq reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _notes(plan: Plan) -> Iterator[str]:
    if plan.names:
        yield "# An option 66 for everybody else must not reach these phones. If there is one:"
        yield f"# dhcp-option={_tags((), plan.names)},66,...\n"


def _own(plan: Plan) -> Iterator[str]:
    if plan.own:
        yield "# Phones with an address of their own"
    for phone in plan.own:
        address = phone.mac.colons.lower()
        yield f"dhcp-mac=set:{OWN},{address}"
        yield f"dhcp-mac=set:{phone.name},{address}"
        yield from _options(phone.options, _tags((phone.name,), ()))
        yield ""


def _classes(plan: Plan) -> Iterator[str]:
    for c in plan.classes:
        yield f"# {c.title}"
        for known in c.vendor_classes:
            # As bytes it is compared with the beginning; as text it could stand anywhere.
            value = known.prefix.encode("ascii").hex(":")
            doubt = "" if known.verified else ", not verified"
            yield f"# option 60 begins with {known.prefix}{doubt}"
            yield f"dhcp-match=set:{c.name},60,{value}"
        for found in c.ranges:
            yield from _addresses(c.name, found)
        yield from _options(c.options, _tags((c.name,), c.after))
        yield ""


def _addresses(tag: str, found: MacRange) -> Iterator[str]:
    shown = list(prefixes(found, _BYTE_BITS))
    if len(shown) > 1:
        first, last = (bytes.fromhex(f"{end:012x}").hex(":") for end in (found.first, found.last))
        yield f"# {first} to {last}"
    for prefix in shown:
        known = [prefix[i : i + 2] for i in range(0, len(prefix), 2)]
        yield f"dhcp-mac=set:{tag},{':'.join([*known, *['*'] * (6 - len(known))])}"


def _options(options: tuple[DhcpOption, ...], tags: str) -> Iterator[str]:
    for option in options:
        # Few DHCP clients ask for 114, so it is sent unasked.
        keyword = "dhcp-option-force" if option.code == DEFAULT_URL else "dhcp-option"
        yield f"{keyword}={tags},{option.code},{quoted(option.value)}"


def _tags(wanted: tuple[str, ...], excluded: tuple[str, ...]) -> str:
    return ",".join([*(f"tag:{tag}" for tag in wanted), *(f"tag:!{tag}" for tag in excluded)])
