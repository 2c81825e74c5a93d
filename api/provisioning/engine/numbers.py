"""Numbers of a user's devices: the main extension, then 91 to 98 before it.

Users only ever see the main extension: a call to it rings all devices. The first device takes the
main extension itself, each further one the lowest free prefix: 201, 91201, 92201 …
"""

import re
from collections.abc import Collection

MAX_DEVICES = 9
"""The main extension and the prefixes 91 to 98."""

_EXTENSION = re.compile("[0-9]{2,6}")
EXTENSION_ALLOWED = "2 to 6 digits"


class NoNumberLeft(ValueError):
    """All numbers of a user are taken."""

    def __init__(self, extension: str, taken: Collection[str]):
        super().__init__(f"{extension} has {len(taken)} devices; no number is left")
        self.extension = extension
        self.taken = tuple(sorted(taken))


def is_extension(text: str) -> bool:
    """Whether a text may be a main extension."""
    return _EXTENSION.fullmatch(text) is not None


def numbers_of(extension: str, limit: int) -> list[str]:
    """The numbers a user's devices may have, in the order in which they are given out.

    Args:
        extension: the main extension.
        limit: how many devices a user may have, at most :data:`MAX_DEVICES`.
    """
    prefixed = (f"{prefix}{extension}" for prefix in range(91, 91 + MAX_DEVICES - 1))
    return [extension, *prefixed][:limit]


def lowest_free_number(extension: str, taken: Collection[str], *, limit: int) -> str:
    """The number for a user's next device: the lowest that is free.

    Raises:
        NoNumberLeft: all are taken.
    """
    numbers = numbers_of(extension, limit)
    for number in numbers:
        if number not in taken:
            return number
    raise NoNumberLeft(extension, numbers)
