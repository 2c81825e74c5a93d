"""Files and dialogues of gateways for people to read: without the secrets in them.

A secret that is known is replaced wherever it stands; one that is not (an old configuration's) is
found by the parameter or the word before it.
"""

import difflib
import re
from collections.abc import Iterable

from provisioning.engine.gateways.brands import Brand

MASK = "********"

_CONTEXT_LINES = 3
_SHORTEST = 4


class Masker:
    """Takes the secrets out of texts of one brand.

    Args:
        brand: knows where secrets stand.
        secrets: those that are known, to be found anywhere.
    """

    def __init__(self, brand: Brand, secrets: Iterable[str] = ()):
        self._patterns = [*brand.secrets.patterns, *_of_parameters(brand.secret_parameters)]
        known = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._known = re.compile("|".join(map(_pattern, known))) if known else None

    def mask(self, text: str) -> str:
        """The text with masks in the place of secrets."""
        for pattern in self._patterns:
            text = pattern.sub(_masked, text)
        return self._known.sub(MASK, text) if self._known else text


def diff(old: str, new: str, masker: Masker) -> tuple[str, ...]:
    """What changes from one rendered file to another, in the unified format, secrets masked.

    A secret that changes shows as a line that goes and one that comes, both masked.
    """
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), "before", "after", n=_CONTEXT_LINES, lineterm=""
    )
    return tuple(masker.mask(line) for line in lines)


def _pattern(secret: str) -> str:
    """Where a secret stands; a mask inside every other word would tell a very short one."""
    found = re.escape(secret)
    return found if len(secret) >= _SHORTEST else rf"(?<!\w){found}(?!\w)"


def _masked(match: re.Match[str]) -> str:
    start, end = (place - match.start() for place in match.span("secret"))
    return match[0][:start] + MASK + match[0][end:] if match["secret"] else match[0]


def _of_parameters(numbers: frozenset[int]) -> Iterable[re.Pattern[str]]:
    """Where numbered parameters stand: in text, in XML, in commands and their answers."""
    if not numbers:
        return ()
    any_of = "|".join(map(str, sorted(numbers)))
    return (
        re.compile(rf"(?m)^[-+ ]?\s*P(?:{any_of})=(?P<secret>.*)$"),
        re.compile(rf"<P(?:{any_of})>(?P<secret>[^<]*)</P"),
        re.compile(rf"(?m)\bset (?:{any_of}) (?P<secret>.*)$"),
        re.compile(rf"(?m)^\s*P?(?:{any_of}) = (?P<secret>.*)$"),
    )
