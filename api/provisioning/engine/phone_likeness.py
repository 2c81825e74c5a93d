"""Which phones are alike for a template: all but who uses them and whom their keys name.

A site has thousands of phones and few kinds of them. A change that makes another file for one phone
does so for all that differ only in texts that a template writes as they are: names and numbers of
accounts, values and labels of keys. Whether there is such a text does count, and so does its
content where the change itself is about it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from provisioning.engine.people import key_setting
from provisioning.engine.phone_building import keys_of

_USER_STATE = re.compile(
    r"account_(?:dnd_enable|call_waiting|cftimeout|(?:always|busy|timeout)_fwd_target)_[1-9][0-9]*"
)
_ACCOUNT_TEXT = re.compile(
    r"account_(?:extension|username|password|display_name"
    r"|(?:always|busy|timeout)_fwd_target)_[1-9][0-9]*"
)

Likeness = tuple[tuple[str, str | bool], ...]
"""Settings by name; of a text that does not matter only whether there is one."""


def likeness(
    variables: Mapping[str, str], changed: Collection[str], texts: Collection[str]
) -> Likeness:
    """What phones have in common that a template treats alike.

    Args:
        variables: the merged settings of a phone.
        changed: the settings that the change is about; a key counts whole if one of them is of it.
        texts: their values before and after; a text that is one of them counts as it is.
    """
    return tuple(sorted(_reduced(variables, changed, texts)))


def outline(variables: Mapping[str, str]) -> tuple[object, ...]:
    """What decides whether a template reads a setting, told more broadly than by a likeness.

    Of keys it matters what kinds there are, not which ones; what users have switched on does not
    matter.

    Args:
        variables: the merged settings of a phone.
    """
    settings = [
        (name, value != "" if _is_text(name) else value)
        for name, value in variables.items()
        if key_setting(name) is None and not _USER_STATE.fullmatch(name)
    ]
    found = keys_of(variables)
    kinds = {
        (kind, key.type, key.value != "", key.label != "")
        for kind, keys in (
            ("softkey", found.soft_keys),
            ("linekey", found.line_keys),
            ("expkey", [key for module in found.expansion_modules for key in module.keys]),
        )
        for key in keys
    }
    return (sorted(settings), sorted(kinds))


def outline_of_key(variables: Mapping[str, str], kind: str, number: int) -> tuple[object, ...]:
    """What decides whether a template reads a key: the key, and what keys the hardware has.

    Args:
        variables: the merged settings of a phone.
        kind: one of :data:`~provisioning.engine.people.KEY_KINDS`.
        number: the key.
    """
    value, label = (variables.get(f"{kind}_{member}_{number}", "") for member in ("value", "label"))
    hardware = [(n, v) for n, v in variables.items() if n.startswith(("cap_", "tmpl_"))]
    key_type = variables.get(f"{kind}_type_{number}", "")
    return (kind, number, key_type, value != "", label != "", sorted(hardware))


def _reduced(
    variables: Mapping[str, str], changed: Collection[str], texts: Collection[str]
) -> Iterator[tuple[str, str | bool]]:
    keys = {(key.kind, key.number) for key in map(key_setting, changed) if key}
    for name, value in variables.items():
        if value in texts or name in changed or not _is_text(name):
            yield name, value
            continue
        key = key_setting(name)
        # What a key of the type line has for a value names an account of the phone.
        counts = key is not None and (
            (key.kind, key.number) in keys
            or (key.member == "value" and variables.get(f"{key.kind}_type_{key.number}") == "line")
        )
        yield name, value if counts else value != ""


@lru_cache(maxsize=4096)
def _is_text(name: str) -> bool:
    key = key_setting(name)
    return key.member != "type" if key else _ACCOUNT_TEXT.fullmatch(name) is not None
