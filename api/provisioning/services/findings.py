"""What a linter tells."""

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "cannot_serve",
    "firmware_too_old",
    "key_type_unsupported",
    "no_effect",
    "no_such_file",
    "no_such_key",
    "not_usable",
    "orphan_key",
    "other_model",
    "other_vendor",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that will not work as set."""

    code: Code
    setting: str
    """The setting; empty where it is about the whole phone."""
    value: str
    """The value that has no effect, masked if it is secret; else what the device says."""
    detail: str
    """What is possible, or what is used instead."""
