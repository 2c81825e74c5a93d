"""How an upload can end, and what is told of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from provisioning.engine.gateways.dialogue import StepPhase
from provisioning.engine.gateways.identity import Identity


class Outcome(StrEnum):
    """How an upload ended."""

    DONE = "done"
    """The gateway runs the configuration; or it was told to fetch it, and restarts."""
    UNREACHABLE = "unreachable"
    """Nothing answers at the address."""
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    """It was tried once and never again: gateways lock themselves."""
    LOCKED_OUT = "locked_out"
    """The gateway takes no log-in for some time, usually a quarter of an hour."""
    HOST_KEY_CHANGED = "host_key_changed"
    """Another key than the one that is known: another unit, or somebody between."""
    WRONG_MODEL = "wrong_model"
    """What answers is another unit or another model."""
    UNKNOWN_COMMAND = "unknown_command"
    """The gateway does not know a command."""
    REFUSED_VALUE = "refused_value"
    """The gateway does not take a line, or did not do what it was told."""
    TRANSFER_FAILED = "transfer_failed"
    """The gateway could not copy the file, or only a part of it."""
    NO_PROMPT = "no_prompt"
    """The gateway fell silent."""
    CONNECTION_LOST = "connection_lost"
    """The connection ended in the middle."""
    REBOOT_REFUSED = "reboot_refused"
    """The gateway did not restart when told to."""
    NOT_BACK_AFTER_REBOOT = "not_back_after_reboot"
    """The gateway cannot be reached at its new address."""
    VERIFY_FAILED = "verify_failed"
    """The gateway shows another configuration than the one it was given."""
    CANCELLED = "cancelled"
    """Somebody stopped it."""


class DeviceState(StrEnum):
    """What configuration the gateway is left with."""

    UNCHANGED = "unchanged"
    """The old one: nothing was stored."""
    CHANGED = "changed"
    """The new one."""
    RESTORED = "restored"
    """The old one again."""
    PARTLY_RESTORED = "partly_restored"
    """The old one, except for passwords, which no gateway tells: they are new."""
    UNKNOWN = "unknown"
    """Perhaps neither wholly; look at it before it restarts."""


Phase = StepPhase | Literal["log_in", "return"]
"""A part of the dialogue, or the log-in before it, or the wait for the gateway to return."""
Kind = Literal["sent", "received", "note"]


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One thing that was said, without secrets and without anything that a screen would obey."""

    seconds: float
    """Since the upload began."""
    phase: Phase
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class UploadResult:
    """How an upload ended. Only ``old_configuration`` holds secrets."""

    outcome: Outcome
    phase: Phase
    """Where it ended."""
    words: str
    """The gateway's own, or the client's, where it failed; empty if there were none."""
    device: DeviceState
    identity: Identity | None
    """What the unit said it is."""
    old_configuration: str = field(repr=False)
    """What the gateway held before, as far as it tells it."""
    differences: tuple[str, ...]
    """What it shows otherwise than it was given."""
    warnings: tuple[str, ...]
    host_key: str
    """Its ssh key, to be kept for the next time; empty without ssh."""
    transcript: tuple[TranscriptLine, ...]
    seconds: float
    """How long it took."""


class Failure(Exception):
    """The dialogue cannot go on."""

    def __init__(self, outcome: Outcome, words: str = "", differences: tuple[str, ...] = ()):
        super().__init__(f"{outcome}: {words}")
        self.outcome = outcome
        self.words = words
        self.differences = differences
