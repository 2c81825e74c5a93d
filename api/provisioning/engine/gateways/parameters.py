"""Numbered parameters (P-values) of Grandstream: ``P<number>=<value>``, one a line.

The text is rendered first; XML and typed commands are made of the parameters read from it, so that
all of them say the same and no parameter is there twice.

Source: Grandstream's XML provisioning guide and parameter templates.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from provisioning.engine.gateways.brands import Brand

_LINE = re.compile(r"P([1-9][0-9]{0,5})=(.*)")
# A command line splits at blanks, may read quotes, and take ! or # for more: such values go in a
# file.
_TYPABLE = re.compile(r"[$-&(-_a-~]{0,200}")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; an empty value clears it."""

    number: int
    value: str
    secret: bool = False
    """Never to be shown."""
    readable: bool = True
    """Whether a gateway tells it."""


class NotTypable(ValueError):
    """Some values cannot be typed into a command line; they need a file."""

    def __init__(self, numbers: tuple[int, ...]):
        names = ", ".join(f"P{number}" for number in numbers)
        super().__init__(f"the values of {names} have blanks, quotes or letters beyond ASCII")
        self.numbers = numbers


def parse(text: str, brand: Brand) -> tuple[Parameter, ...]:
    """Read the lines of a rendered file.

    Raises:
        ValueError: a line that is no parameter, one that is there twice, or one that holds a
            unit's own state and must not be sent.
    """
    found: dict[int, Parameter] = {}
    for line in text.split("\n"):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"a line is no parameter: {line.partition('=')[0][:40]!r}")
        number = int(match[1])
        if number in found:
            raise ValueError(f"P{number} is there twice")
        if number in brand.never_send:
            raise ValueError(f"P{number} is a unit's own state")
        found[number] = Parameter(
            number,
            match[2].strip(),
            secret=number in brand.secret_parameters,
            readable=number not in brand.write_only,
        )
    return tuple(found.values())


def is_typable(value: str) -> bool:
    """Whether a value is one word that no command line reads as anything else."""
    return _TYPABLE.fullmatch(value) is not None


def check_typable(parameters: Iterable[Parameter]) -> None:
    """Make sure that each value can be typed.

    Raises:
        NotTypable: it names those that are not.
    """
    bad = tuple(p.number for p in parameters if not is_typable(p.value))
    if bad:
        raise NotTypable(bad)
