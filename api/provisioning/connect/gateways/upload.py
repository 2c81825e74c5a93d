"""Put a configuration on a gateway, prove that it is there, go back if it is not.

Log in, identify, save the old configuration, load the new one, read it back, save it, restart, wait
for the gateway to return, confirm. Each wait is bounded; the client program ends with the upload,
however that ends. What failed is told by a state and the gateway's own words;
NethVoice's upload looked at no answer and always told success.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event
from typing import NoReturn

from provisioning.connect.gateways.clients import Shell
from provisioning.connect.gateways.outcomes import DeviceState, Failure, Outcome, UploadResult
from provisioning.connect.gateways.session import Credentials, Session, session
from provisioning.connect.gateways.steps import Steps
from provisioning.connect.gateways.terminal import Cancelled
from provisioning.connect.gateways.transcript import Progress, Transcript
from provisioning.engine.gateways.brands import GatewayLibrary
from provisioning.engine.gateways.commands import Load, commands
from provisioning.engine.gateways.dialogue import Patience, StepPhase

_BEFORE_STORING: tuple[StepPhase, ...] = ("save_old", "load", "verify")
# A gateway that starts refuses, closes and is silent in turn.
_NOT_YET = (
    Outcome.UNREACHABLE, Outcome.CONNECTION_LOST, Outcome.NO_PROMPT, Outcome.LOCKED_OUT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Where a gateway is, before or after it restarts, and who logs in."""

    shell: Shell
    credentials: Credentials


def upload(
    load: Load,
    target: Target,
    then: Target | None,
    *,
    library: GatewayLibrary,
    host_key: str | None = None,
    patience: Patience | None = None,
    delivered: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> UploadResult:
    """Upload a configuration to one gateway.

    Args:
        load: what to put on it.
        target: where it is now.
        then: where it must be after its restart; None: what it does after that is proved otherwise,
            as by the file that it fetches.
        library: all models there are, so that another one is recognised.
        host_key: its ssh key, if it is known; another one is refused. Without it the key that comes
            is taken, and told in the result.
        patience: time-outs; the brand's own if none are given.
        delivered: whether the file was handed over whole, as far as its server knows; a gateway
            that says that it copied it may have copied a part.
        progress: is told each line of the transcript as it is said; what it raises ends the upload.
        cancelled: set it to stop the upload. While the new configuration is being stored it goes
            on, so as not to leave half of one.

    Returns:
        How it ended; a failure of the dialogue is never raised.

    Raises:
        ProgramMissing: the telnet or ssh client is not installed.
        ValueError: a user name, password or key that cannot be used; nothing was sent.
    """
    run = _Upload(load, target, then, library, progress, cancelled or Event())
    run.host_key = host_key
    run.patience = patience or run.patience
    run.delivered = delivered
    return run.run()


class _Upload:
    """One upload, from the first connection to its result."""

    def __init__(
        self,
        load: Load,
        target: Target,
        then: Target | None,
        library: GatewayLibrary,
        progress: Progress | None,
        cancelled: Event,
    ):
        self.load = load
        self.dialogue = load.gateway.brand.dialogue
        self.patience = self.dialogue.patience
        self.target = target
        self.then = then
        self.library = library
        self.cancelled = cancelled
        self.host_key: str | None = None
        self.delivered: Callable[[], bool] | None = None
        passwords = (t.credentials.password for t in (target, then) if t is not None)
        self.masker = load.masker(passwords)
        self.transcript = Transcript(self.masker, progress)
        self.device = DeviceState.UNCHANGED

    def run(self) -> UploadResult:
        pace = self.patience.pace
        self.steps = Steps(self.load, self.masker, self.transcript, pace, self.cancelled)
        try:
            self.put()
            if self.then is not None:
                self.confirm(self.then)
        except Failure as failure:
            return self.result(failure)
        except Cancelled:
            return self.result(Failure(Outcome.CANCELLED))
        return self.result(Failure(Outcome.DONE))

    def result(self, ending: Failure) -> UploadResult:
        return UploadResult(
            outcome=ending.outcome,
            phase=self.transcript.phase,
            words=ending.words,
            device=self.device,
            identity=self.steps.identity,
            old_configuration=self.steps.old_configuration,
            differences=ending.differences,
            warnings=self.steps.warnings,
            host_key=self.host_key or "",
            transcript=self.transcript.lines,
            seconds=self.transcript.seconds,
        )

    def put(self) -> None:
        """Up to the restart. What is stored on the way is taken back if the way does not end."""
        try:
            with ExitStack() as stack:
                opened = self.open(stack, self.target)
                self.steps.identify(opened, self.library)
                try:
                    self.prepare(opened)
                except Failure as failure:
                    self.steps.part(opened, failure)
                    raise
                # Half a configuration would be worse than an upload that ends a little later.
                opened.client.terminal.heeds_cancel = False
                self.device = DeviceState.UNKNOWN
                self.steps.run(opened, "save")
                self.restart(opened)
        except Failure as failure:
            if self.device is DeviceState.UNCHANGED:
                raise
            self.undo(failure, self.target, restarted=False)

    def prepare(self, opened: Session) -> None:
        """Everything that changes nothing yet."""
        for phase in _BEFORE_STORING:
            self.steps.run(opened, phase)
            if phase == "load" and self.delivered is not None and not self.delivered():
                raise Failure(Outcome.TRANSFER_FAILED, "the file was not fetched to its end")

    def restart(self, opened: Session) -> None:
        self.transcript.phase = "reboot"
        for command in commands(self.load, "reboot", self.masker):
            opened.restart(command)
        self.device = DeviceState.CHANGED

    def confirm(self, then: Target) -> None:
        """After the restart: is it back, is it the same unit, does it hold what it was given."""
        try:
            with ExitStack() as stack:
                opened = self.wait_for_return(stack, then)
                self.steps.identify(opened, self.library)
                self.steps.run(opened, "confirm")
                self.steps.part(opened)
        except Failure as failure:
            if failure.outcome is not Outcome.VERIFY_FAILED:
                raise
            self.undo(failure, then, restarted=True)

    def undo(self, failure: Failure, target: Target, *, restarted: bool) -> NoReturn:
        """Store the old configuration again; restart with it, if the new one runs.

        Raises:
            Failure: always; the one that made it necessary.
        """
        failed_in = self.transcript.phase
        self.transcript.phase = "restore"
        self.steps.remember_password(self.target.credentials.password)
        try:
            with ExitStack() as stack:
                opened = self.open(stack, target, heeds_cancel=False)
                if self.steps.can_restore:
                    self.device = DeviceState.UNKNOWN
                whole = self.steps.restore(opened)
                if restarted:
                    self.restart(opened)
                else:
                    self.steps.part(opened)
            if restarted:
                self.device = DeviceState.UNKNOWN
                with ExitStack() as stack:
                    self.steps.part(self.wait_for_return(stack, self.target))
            self.device = DeviceState.RESTORED if whole else DeviceState.PARTLY_RESTORED
        except Failure as second:
            self.steps.warn(f"the old configuration could not be restored: {second.words}")
        self.transcript.phase = failed_in
        raise failure

    def open(self, stack: ExitStack, target: Target, *, heeds_cancel: bool = True) -> Session:
        opened = stack.enter_context(
            session(
                target.shell,
                target.credentials,
                self.dialogue,
                self.patience,
                self.transcript,
                host_key=self.host_key,
                cancelled=self.cancelled,
                heeds_cancel=heeds_cancel,
            )
        )
        self.host_key = opened.client.host_key() or self.host_key
        self.steps.enter(opened)
        return opened

    def wait_for_return(self, stack: ExitStack, then: Target) -> Session:
        """Try until the gateway lets us in again."""
        self.transcript.phase = "return"
        self.transcript.add("note", f"waiting for the gateway at {then.shell}")
        self.pause(self.patience.down)
        give_up = time.monotonic() + self.patience.back
        while True:
            try:
                with ExitStack() as attempt:
                    opened = self.open(attempt, then)
                    stack.enter_context(attempt.pop_all())
                    return opened
            except Failure as failure:
                if failure.outcome not in _NOT_YET:
                    raise
                if time.monotonic() + self.patience.poll >= give_up:
                    self.device = DeviceState.UNKNOWN
                    raise Failure(Outcome.NOT_BACK_AFTER_REBOOT, failure.words) from None
            self.pause(self.patience.poll)

    def pause(self, seconds: float) -> None:
        if self.cancelled.wait(seconds):
            raise Cancelled
