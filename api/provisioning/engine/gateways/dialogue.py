"""What is said to a gateway's command line, as data: prompts, commands, refusals, time-outs.

The order of the phases is code (``connect.gateways``); every text of a brand is its ``brand.yaml``.

Source: each ``brand.yaml`` names its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Each = Literal["written", "cleared", "readable", "old_written", "old_cleared"]
"""Parameters for each of which a command is typed: those with a value, those without, those that
can be read back; and of the old configuration, those that had a value and those that had none."""
Keep = Literal["identity", "configuration"]
StepPhase = Literal[
    "enter", "identify", "save_old", "load", "verify", "save", "reboot", "confirm", "restore",
    "leave",
]  # fmt: skip
"""``enter`` comes after each log-in; the others in this order. ``restore`` undoes ``save``."""
RefusalOutcome = Literal[
    "wrong_password", "locked_out", "unknown_command", "refused_value", "transfer_failed",
    "reboot_refused", "connection_lost",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, all in seconds."""

    connect: float
    login: float
    """For each prompt of the log-in."""
    command: float
    settle: float
    """After a prompt, for more: what was received may end inside a text."""
    pace: float
    """Between commands of the same kind."""
    interrupt: float
    """For a prompt after an interrupt, when a command had none."""
    close: float
    """For the connection to end once a restart was accepted."""
    down: float
    """From there to the first attempt to reach the gateway again."""
    poll: float
    """Between attempts."""
    back: float
    """For all attempts together."""
    listing: float = 30.0
    copy: float = 60.0
    save: float = 30.0


WAITS = ("command", "copy", "listing", "save")
"""The members of :class:`Patience` that a step may name."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command and what must follow it."""

    send: str
    """With ``{number}`` and ``{value}`` of a parameter, or ``{url}``."""
    prompt: str
    """The name of the prompt that ends the answer."""
    wait: str
    each: Each | None
    keep: Keep | None
    reads: re.Pattern[str] | None
    """Its group ``value`` is what the gateway holds."""
    expects: re.Pattern[str] | None
    """What the answer must contain."""
    bytes: re.Pattern[str] | None
    """Its group ``bytes`` is the size of what was transferred."""
    optional: bool
    """If the gateway refuses it, that is noted and the upload goes on."""
    backup: bool
    """Once it has succeeded the old configuration can be restored."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Words with which a gateway refuses, and what they mean."""

    outcome: RefusalOutcome
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, known by its words, and the answer."""

    pattern: re.Pattern[str]
    answer: str


@dataclass(frozen=True, slots=True)
class ShellAccess:
    """A way to the command line."""

    kind: str
    """``telnet`` or ``ssh``."""
    port: int
    options: tuple[str, ...]
    """Options of the ssh client that the brand's units need."""


@dataclass(frozen=True, slots=True)
class IdentityPatterns:
    """How a unit says what it is; groups ``model``, ``mac`` and ``firmware``."""

    model: re.Pattern[str]
    mac: re.Pattern[str]
    firmware: re.Pattern[str]
    trust_mac: bool
    """A unit with the right address is taken whatever it calls itself."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """How the script that a gateway shows may differ from the one it was given."""

    ignored: tuple[re.Pattern[str], ...]
    """Lines that need not come back, matched as a whole."""
    stale: tuple[re.Pattern[str], ...]
    """Lines that must not be there unless they were given: old secrets, old routes."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All that a brand's command line says and wants."""

    shells: Mapping[str, ShellAccess]
    patience: Patience
    prompts: Mapping[str, re.Pattern[str]]
    """Matched at the end of what was received; ``username`` and ``password`` ask for a log-in."""
    login_ends: tuple[str, ...]
    """Prompts of which one ends the log-in."""
    ready: str
    """The prompt that takes commands."""
    pager: Question | None
    login_refusals: tuple[Refusal, ...]
    closed_at_once: RefusalOutcome
    """What it means that a unit closes the connection before it asks for anything."""
    refusals: tuple[Refusal, ...]
    """The first that is found in an answer counts."""
    going_down: re.Pattern[str]
    questions: tuple[Question, ...]
    """Asked before a restart."""
    identity: IdentityPatterns
    steps: Mapping[StepPhase, tuple[Step, ...]]
    read_back: ReadBack

    @property
    def takes_file(self) -> bool:
        """Whether a gateway is given a file to copy; else parameters are typed."""
        return any("{url}" in step.send for step in self.steps.get("load", ()))
