"""Cells that mean more than their text: leave it, take it away, none; written so by exports.

An empty cell leaves things as they are. ``-`` takes away what is set here: a setting is inherited
again, a phone has no location any more. ``(none)`` sets a setting to explicitly none, ``(inherit)``
lets the type of a key be inherited. An apostrophe before such a word makes it plain text.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

INHERIT = "-"
NONE = "(none)"
INHERIT_TYPE = "(inherit)"

_WORD = re.compile(r"'*(?:-|\(none\)|\(inherit\))")

# Comparing a thousand wrong cells with so many names takes a few seconds.
_MOST_NAMES = 1_000

Found = TypeVar("Found")


def as_text(cell: str) -> str:
    """The text that a cell stands for, if it is none of the words."""
    return cell[1:] if cell[:1] == "'" and _WORD.fullmatch(cell, 1) else cell


def as_cell(text: str) -> str:
    """A text as a cell that is none of the words."""
    return f"'{text}" if _WORD.fullmatch(text) else text


def setting_as_cell(value: str | None) -> str:
    """A setting as a cell; None: it is not set here."""
    if value is None:
        return INHERIT
    return as_cell(value) or NONE


def looked_up(cell: str, known: Mapping[str, Found]) -> Found | None:
    """What a name in a cell stands for; blanks around it do not matter, unless they are its own."""
    text = as_text(cell)
    return known.get(text) or known.get(text.strip())


def nearest(cell: str, names: Mapping[str, str], *, otherwise: str) -> Callable[[], str]:
    """What to write instead of a name that nobody knows, found out when it is told.

    Args:
        cell: what somebody wrote.
        names: the right name by each word that stands for it, itself too.
        otherwise: what is told if nothing resembles the cell, or if there are too many names to
            compare it with all of them.
    """

    def told() -> str:
        if len(names) > _MOST_NAMES:
            return otherwise
        by_lower = {word.lower(): name for word, name in names.items()}
        close = difflib.get_close_matches(cell.strip().lower(), by_lower, n=3, cutoff=0.5)
        return " or ".join(dict.fromkeys(by_lower[word] for word in close)) or otherwise

    return told
