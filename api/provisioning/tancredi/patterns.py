"""File patterns of a Tancredi site, in the form of a ``vendor.yaml``.

Source: the pattern files of Tancredi 1.9.
"""

import re

from provisioning.engine.mac import MacAddress
from provisioning.tancredi.datadir import PatternRule

_REFERENCE = re.compile(r"\$([1-9])")
_PART_OF_ADDRESS = re.compile("[0-9A-Fa-f:.-]*")
_NAMED_GROUP = re.compile(r"\(\?(?:<(?=[A-Za-z_])(\w+)>|'(\w+)')")
_POSIX_CLASS = re.compile(r"\[:([a-z]+):\]")
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}


class PatternRefused(ValueError):
    """A rule that cannot be taken over; the text tells why."""


def file_rule(rule: PatternRule) -> dict[str, str]:
    """A rule as an entry of ``files``.

    A rule whose ``scopeid`` can be no address (a model, "default") has no ``mac`` here: it serves
    phones with a token only. Without one Tancredi answered it with the defaults.

    Raises:
        PatternRefused: the pattern is not one of Python's, or ``scopeid`` refers to a group that
            the pattern does not have.
    """
    pattern = python_pattern(rule.pattern)
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError) as mistake:
        raise PatternRefused(f"pattern cannot be read: {mistake}") from mistake
    entry = {
        "pattern": pattern,
        "role": rule.template_variable.removeprefix("tmpl_"),
        "template": rule.template_variable,
        "content_type": rule.content_type,
    }
    for number in _REFERENCE.findall(rule.scope_id):
        if int(number) > groups:
            raise PatternRefused(f"scopeid refers to ${number}; pattern has {groups} groups")
    if _is_address(rule.scope_id):
        entry["mac"] = _REFERENCE.sub(r"\\g<\1>", rule.scope_id)
    return entry


def python_pattern(pcre: str) -> str:
    r"""A pattern in PHP's dialect as Python writes it: named groups, classes like ``[:xdigit:]``.

    What else differs (``\h``, ``\R``, recursion) does not compile in Python.
    """
    named = _NAMED_GROUP.sub(r"(?P<\1\2>", pcre)
    return _POSIX_CLASS.sub(lambda found: _POSIX_CLASSES.get(found[1], found[0]), named)


def _is_address(scope_id: str) -> bool:
    """Whether a scope id is a MAC address, or becomes one when groups are put in."""
    if _REFERENCE.search(scope_id):
        return bool(_PART_OF_ADDRESS.fullmatch(_REFERENCE.sub("", scope_id)))
    try:
        MacAddress.parse(scope_id)
    except ValueError:
        return False
    return True
