"""MAC addresses: text becomes a :class:`MacAddress` at the border and stays one inside."""

import re
from dataclasses import dataclass
from functools import lru_cache

_FORMS = re.compile(
    r"""
      ([0-9a-f]{12})                                # 001565aabb01
    | ([0-9a-f]{2}([:-])(?:[0-9a-f]{2}\3){4}[0-9a-f]{2})  # 00:15:65:aa:bb:01, 00-15-65-aa-bb-01
    | ([0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})       # 0015.65aa.bb01
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, order=True)
class MacAddress:
    """A 48-bit hardware address.

    ``str(mac)`` is the public id of a phone, as Tancredi writes it: ``00-15-65-AA-BB-01``.
    """

    bare: str
    """Twelve lower-case hexadecimal digits, as phones write it in file names."""

    @classmethod
    def parse(cls, text: str) -> "MacAddress":
        """Read an address in any usual notation: ``:``, ``-``, ``.`` or no separator, any case.

        Raises:
            ValueError: the text is none of these; the message says what is allowed.
        """
        return _parse(text)

    @property
    def value(self) -> int:
        """The address as a number, to compare with ranges."""
        return int(self.bare, 16)

    @property
    def oui(self) -> str:
        """The manufacturer's prefix, six upper-case digits, e.g. ``001565``."""
        return self.bare[:6].upper()

    @property
    def colons(self) -> str:
        """The notation with colons, upper case, as people read it on a label."""
        return _joined(self.bare, ":")

    def __str__(self) -> str:
        return _joined(self.bare, "-")


def _joined(bare: str, separator: str) -> str:
    return separator.join(bare[i : i + 2] for i in range(0, 12, 2)).upper()


@lru_cache(maxsize=4096)
def _parse(text: str) -> MacAddress:
    match = _FORMS.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"{text[:40]!r} is not a MAC address; write six pairs of hexadecimal digits, "
            "for example 00-15-65-AA-BB-01 or 001565aabb01"
        )
    return MacAddress(re.sub("[^0-9a-f]", "", match.group().lower()))
