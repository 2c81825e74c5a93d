"""Command scripts (Patton) as trees, to compare what was loaded with what a gateway shows.

A line that is indented deeper belongs to the block that the line above opens; a block may be opened
more than once. Order says nothing, where it matters the lines are numbered.

Source: the shape of the files that NethVoice 8 makes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioning.engine.gateways.dialogue import ReadBack

Path = tuple[str, ...]
"""A line with the blocks it is in, from the outside."""

_SECRET = re.compile(r"\bpassword\b.*")


@dataclass(frozen=True, slots=True)
class Differences:
    """What a gateway holds otherwise than it was told."""

    missing: tuple[str, ...]
    """Lines that were given and are not there, each with its blocks."""
    stale: tuple[str, ...]
    """Lines that were not given and must not be there."""
    extra: tuple[str, ...]
    """Other lines that were not given: mostly defaults of the firmware."""

    @property
    def as_loaded(self) -> bool:
        """Whether everything that was given is there, and nothing old that matters."""
        return not self.missing and not self.stale


def lines_of(script: str) -> Iterator[Path]:
    """The lines of a script with their blocks; empty lines and comments are none."""
    blocks: list[tuple[int, str]] = []
    for line in script.splitlines():
        command = " ".join(line.split())
        if not command or command.startswith(("#", "!")):
            continue
        depth = len(line) - len(line.lstrip())
        while blocks and blocks[-1][0] >= depth:
            blocks.pop()
        blocks.append((depth, command))
        yield tuple(block for _, block in blocks)


def compare(given: str, shown: str, read_back: ReadBack) -> Differences:
    """Compare the script that a gateway was given with the one it shows.

    Args:
        given: what was rendered.
        shown: what the gateway shows; its passwords may be encrypted, so only that there is one
            is compared.
        read_back: what need not come back, and what must not be there.
    """
    wanted, found = _comparable(given), _comparable(shown)
    extra = [line for line in found if line not in wanted]
    stale = [line for line in extra if any(p.fullmatch(line[-1]) for p in read_back.stale)]
    return Differences(
        missing=_told(
            line
            for line in wanted
            if line not in found and not any(p.fullmatch(line[-1]) for p in read_back.ignored)
        ),
        stale=_told(stale),
        extra=_told(line for line in extra if line not in stale),
    )


def _comparable(script: str) -> dict[Path, None]:
    return dict.fromkeys(
        tuple(_SECRET.sub("password", part) for part in line) for line in lines_of(script)
    )


def _told(lines: Iterable[Path]) -> tuple[str, ...]:
    return tuple(" / ".join(line) for line in lines)
