"""Which release a firmware file holds, as far as its name tells: ``T46S-66.86.0.15.rom``.

Vendors name their files as they like, and an admin may rename them: what a name tells is for
display and for a second look, never for a decision that a phone depends on.

Source: names of Yealink's files that wazo-provd-plugins list; other vendors' are not established.
"""

import re

# With fewer numbers it is as often a hardware version, a date or a step of a series.
_RELEASE = re.compile(r"(?<![\d.])\d{1,6}(?:\.\d{1,6}){2,7}(?![\d.]*\d)")
_LEAST = 3


def release_of(file_name: str) -> str:
    """The release that a file's name tells, e.g. ``66.86.0.15``; empty if it tells none.

    Where a name has several the last one counts: vendors write the hardware first.
    """
    found = _RELEASE.findall(file_name)
    return found[-1] if found else ""


def is_release(running: str, wanted: str) -> bool:
    """Whether a running version is a release, which may be written with or without hardware.

    ``66.86.0.15`` is ``86.0.15`` too: the first number names the hardware.
    """
    have, want = _numbers(running), _numbers(wanted)
    short, long = sorted((have, want), key=len)
    if have == want or len(short) < _LEAST:
        return bool(have) and have == want
    return long[-len(short) :] == short or long[: len(short)] == short


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
