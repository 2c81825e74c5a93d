"""The phases of an upload, step by step: what is typed, what is learned from the answers."""

import time
from threading import Event

from provisioning.connect.gateways.outcomes import Failure, Outcome
from provisioning.connect.gateways.session import Session, read_value
from provisioning.connect.gateways.terminal import Cancelled
from provisioning.connect.gateways.transcript import Transcript
from provisioning.engine.gateways.brands import GatewayLibrary
from provisioning.engine.gateways.commands import Command, Load, commands
from provisioning.engine.gateways.dialogue import StepPhase
from provisioning.engine.gateways.identity import (
    Identity,
    has_known_holes,
    identify,
    is_other_unit,
)
from provisioning.engine.gateways.masking import Masker
from provisioning.engine.gateways.parameters import is_typable
from provisioning.engine.gateways.scripts import compare

MAX_DIFFERENCES = 100

# What a gateway may answer to a step that it need not know.
_REFUSALS = (Outcome.UNKNOWN_COMMAND, Outcome.REFUSED_VALUE, Outcome.TRANSFER_FAILED)
_GONE = (Outcome.CONNECTION_LOST, Outcome.NO_PROMPT)


class Steps:
    """Types what the brand's dialogue has for each phase, and keeps what comes of it.

    Args:
        load: what is to be put on the gateway.
        masker: hides secrets.
        transcript: takes what is said; its phase is set here.
        pace: seconds between commands of the same kind.
        cancelled: set from outside to stop.
    """

    def __init__(
        self, load: Load, masker: Masker, transcript: Transcript, pace: float, cancelled: Event
    ):
        self._load = load
        self._masker = masker
        self._transcript = transcript
        self._pace = pace
        self._cancelled = cancelled
        self._dialogue = load.gateway.brand.dialogue
        self._old_script = ""
        self._old_values: dict[int, str] = {}
        self._warnings: dict[str, None] = {}
        self.can_restore = False
        """Whether the gateway told or kept its old configuration."""
        self.identity: Identity | None = None
        """What the unit says it is."""

    @property
    def old_configuration(self) -> str:
        """What the gateway held before, as far as it told."""
        values = (f"P{number}={value}\n" for number, value in self._old_values.items())
        return self._old_script or "".join(values)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noted on the way, without secrets."""
        return tuple(self._warnings)

    def warn(self, text: str) -> None:
        """Note something that does not end the upload."""
        if len(self._warnings) < MAX_DIFFERENCES:
            self._warnings[self._masker.mask(text)] = None

    def enter(self, opened: Session) -> None:
        """From the log-in to where commands are taken."""
        for command in commands(self._load, "enter", self._masker):
            opened.execute(command)

    def identify(self, opened: Session, library: GatewayLibrary) -> None:
        """Make sure that it is the right unit.

        Raises:
            Failure: ``wrong_model``.
        """
        self._transcript.phase = "identify"
        text = opened.greeting
        for command in commands(self._load, "identify", self._masker):
            text += "\n" + opened.execute(command)
        gateway, patterns = self._load.gateway, self._dialogue.identity
        found = self.identity = identify(text, patterns)
        of_brand = [m for m in library.models.values() if m.brand == gateway.brand.id]
        if is_other_unit(found, gateway.model, gateway.device.macs, of_brand, patterns):
            self.part(opened)
            address = found.mac.colons if found.mac else "no address"
            raise Failure(Outcome.WRONG_MODEL, f"{found.model or 'no name'}, {address}")
        if not gateway.model.is_called(found.model):
            self.warn(f"the unit calls itself {found.model or 'nothing'}; its address is right")
        if found.mac is not None and found.mac not in gateway.device.macs:
            self.warn(f"the unit shows the address {found.mac.colons}, not the one on its label")
        if has_known_holes(found, gateway.model):
            self.warn(f"the firmware {found.firmware} has known holes; install a newer one")

    def run(self, opened: Session, phase: StepPhase) -> None:
        """Type the commands of a phase, and look at what each answers.

        Raises:
            Failure: the gateway refuses something, or holds something else than it was given.
        """
        self._transcript.phase = phase
        skipped: object = None
        for command in commands(self._load, phase, self._masker, self._old_values):
            if command.step is skipped:
                continue
            try:
                answer = opened.execute(command)
            except Failure as failure:
                if not command.step.optional or failure.outcome not in _REFUSALS:
                    raise
                self.warn(f"{command.shown}: {failure.words}")
                if failure.outcome is Outcome.UNKNOWN_COMMAND:
                    skipped = command.step  # it knows none of its kind
                continue
            self._look_at(command, answer, phase)
            if command.step.each:
                self._keep_pace(opened)

    def restore(self, opened: Session) -> bool:
        """Store the old configuration again.

        Returns:
            Whether all of it is known: no gateway tells the passwords of its ports.

        Raises:
            Failure: it cannot be done.
        """
        if not self.can_restore:
            raise Failure(Outcome.REFUSED_VALUE, "the gateway did not tell or keep it")
        self.run(opened, "restore")
        return all(p.number in self._old_values for p in self._load.parameters)

    def remember_password(self, password: str) -> None:
        """Keep the password that let us in: no gateway tells it, and going back needs it."""
        own = self._load.gateway.brand.secrets.admin_password
        if own is not None and password and is_typable(password):
            self._old_values[own] = password

    def part(self, opened: Session, failure: Failure | None = None) -> None:
        """Leave a session, unless it is gone."""
        if failure is None or failure.outcome not in _GONE:
            opened.leave(commands(self._load, "leave", self._masker))

    def _look_at(self, command: Command, answer: str, phase: StepPhase) -> None:
        step = command.step
        self.can_restore = self.can_restore or step.backup
        if step.bytes and (match := step.bytes.search(answer)):
            if int(match["bytes"]) != len(self._load.script.encode()):
                raise Failure(Outcome.TRANSFER_FAILED, self._transcript.words(answer))
        elif step.keep == "configuration" and phase == "save_old":
            self._old_script = answer
        elif step.keep == "configuration":
            self._check_script(answer)
        elif command.parameter is not None and (value := read_value(step, answer)) is not None:
            self._look_at_value(command, value, answer, phase)

    def _look_at_value(self, command: Command, value: str, answer: str, phase: StepPhase) -> None:
        parameter = command.parameter
        if parameter is None:
            return
        if phase == "save_old":
            self._old_values[parameter.number] = value
        elif parameter.readable and value != parameter.value:
            outcome = Outcome.REFUSED_VALUE if phase == "load" else Outcome.VERIFY_FAILED
            words = self._transcript.words(answer)
            raise Failure(outcome, words, (f"P{parameter.number}",))

    def _check_script(self, shown: str) -> None:
        found = compare(self._load.script, shown, self._dialogue.read_back)
        for line in found.extra:
            self.warn(f"not given: {line}")
        if not found.as_loaded:
            lines = [f"+ {line}" for line in found.stale] + [f"- {line}" for line in found.missing]
            told = tuple(self._masker.mask(line) for line in lines[:MAX_DIFFERENCES])
            raise Failure(Outcome.VERIFY_FAILED, "", told)

    def _keep_pace(self, opened: Session) -> None:
        if not self._pace:
            return
        if not opened.client.terminal.heeds_cancel:
            time.sleep(self._pace)
        elif self._cancelled.wait(self._pace):
            raise Cancelled
