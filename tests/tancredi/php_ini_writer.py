"""Tancredi's own way of writing its files, for the tests.

Faithful with its mistakes: of everything that means something between double quotes, only the
double quote itself is escaped.
"""

import re

_NUMERIC = re.compile(
    r"[ \t\n\r\v\f]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t\n\r\v\f]*"
)
_CAPITALS = re.compile(r"[A-Z]+")


def write(sections: dict[str, dict[str, str]]) -> str:
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {_value(text)}\n" for key, text in entries.items()) + "\n"
        for name, entries in sections.items()
    )


def _value(text: str) -> str:
    if _NUMERIC.fullmatch(text) or _CAPITALS.fullmatch(text):
        return text
    return '"' + text.replace('"', '\\"') + '"'
