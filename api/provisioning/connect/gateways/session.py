"""A signed-in session on a gateway's command line: one command, its answer, what the answer means.

Sources: see the package.
"""

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event

from provisioning.connect.gateways.clients import (
    CONNECTED,
    Client,
    Shell,
    connection,
    meaning,
)
from provisioning.connect.gateways.outcomes import Failure, Outcome
from provisioning.connect.gateways.terminal import Ended, Silent, is_line
from provisioning.connect.gateways.transcript import Transcript
from provisioning.engine.gateways.commands import Command
from provisioning.engine.gateways.dialogue import Dialogue, Patience, Refusal, Step

_MAX_PAGES = 500
_MAX_QUESTIONS = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in.

    Raises:
        ValueError: name or password cannot be typed.
    """

    user: str
    password: str = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        if not (is_line(self.user) and is_line(self.password)):
            raise ValueError("a user name or password for a gateway is printable ASCII")


class Session:
    """Types commands and reads answers; every failure is a :class:`~.outcomes.Failure`."""

    def __init__(
        self, client: Client, dialogue: Dialogue, patience: Patience, transcript: Transcript
    ):
        self._terminal = client.terminal
        self._dialogue = dialogue
        self._patience = patience
        self._transcript = transcript
        self.client = client
        self.greeting = ""
        """What the gateway said before it took commands."""

    def log_in(self, shell: Shell, credentials: Credentials) -> None:
        """Answer what is asked until there is a prompt for commands.

        Name and password are given once each: a gateway that asks again has refused them, and
        another attempt could lock it.
        """
        if shell.kind == "telnet":
            self._wait_for_connection(shell)
        waits = self._patience.login + (self._patience.connect if shell.kind == "ssh" else 0)
        asking = {
            name: self._dialogue.prompts[name]
            for name in ("username", "password", *self._dialogue.login_ends)
        }
        given: set[str] = set()
        while True:
            try:
                name, text = self._terminal.wait_for(asking, waits, settle=self._patience.settle)
            except Silent as silent:
                raise self._silent(silent) from None
            except Ended as ended:
                self._hear(ended.received)
                raise self._refused_login(ended.received, given) from None
            waits = self._patience.login
            self._hear(text)
            self.greeting += text
            refusal = _first(self._dialogue.login_refusals, text)
            if refusal and ("password" in given or _is_lockout(refusal)):
                raise Failure(Outcome(refusal.outcome), self._transcript.words(text))
            if name in self._dialogue.login_ends:
                return
            if name in given or "password" in given:
                raise Failure(Outcome.WRONG_PASSWORD, self._transcript.words(text))
            given.add(name)
            answer = credentials.user if name == "username" else credentials.password
            self._transcript.add("sent", answer)
            self._terminal.send(answer)

    def execute(self, command: Command) -> str:
        """Type a command and return the answer, without echo and prompt.

        Raises:
            Failure: it is refused, or nothing sensible comes back.
        """
        step = command.step
        self._transcript.add("sent", command.shown)
        self._terminal.send(command.text)
        wanted = {"prompt": self._dialogue.prompts[step.prompt]}
        answer = self._answer(command, wanted, getattr(self._patience, step.wait))
        self._hear(_summary(answer) if step.keep else answer)
        # A listing may hold any words; only that it is none is told in the first line.
        judged = answer.strip().split("\n")[0] if step.keep else answer
        if refusal := _first(self._dialogue.refusals, judged):
            raise Failure(Outcome(refusal.outcome), self._transcript.words(judged))
        if step.expects and not step.expects.search(answer):
            raise Failure(Outcome.REFUSED_VALUE, self._transcript.words(answer))
        return answer

    def restart(self, command: Command) -> None:
        """Have the gateway restart; the connection ends.

        Questions are answered by what they ask. A connection that ends without a word counts as
        accepted: whether it did restart is seen when it is back.
        """
        dialogue = self._dialogue
        questions = {f"question {n}": q.pattern for n, q in enumerate(dialogue.questions)}
        wanted = {"down": dialogue.going_down, **questions,
                  "prompt": dialogue.prompts[command.step.prompt]}  # fmt: skip
        shown, text = command.shown, command.text
        for _ in range(_MAX_QUESTIONS + 1):
            self._transcript.add("sent", shown)
            self._terminal.send(text)
            try:
                name, answer = self._wait(wanted, self._patience.command)
            except Ended as ended:
                self._hear(ended.received)
                return
            self._hear(_without_echo(answer, text))
            if name == "down":
                self._terminal.wait_for_end(self._patience.close)
                return
            if name == "prompt":
                answer = _without_prompt(_without_echo(answer, text), wanted["prompt"])
                break
            shown = text = dialogue.questions[int(name.split()[1])].answer
        raise Failure(Outcome.REBOOT_REFUSED, self._transcript.words(answer))

    def leave(self, commands: Iterator[Command]) -> None:
        """Say goodbye; that it is not heard changes nothing."""
        for command in commands:
            self._transcript.add("sent", command.shown)
            self._terminal.send(command.text)
            try:
                self._wait(self._dialogue.prompts, self._patience.interrupt)
            except (Ended, Failure):
                return

    def _wait_for_connection(self, shell: Shell) -> None:
        try:
            # A gateway may ask in the same breath.
            self._terminal.wait_for({"connected": CONNECTED}, self._patience.connect, leave=True)
        except Silent:
            raise Failure(Outcome.UNREACHABLE, f"{shell} does not answer") from None
        except Ended as ended:
            words = self._transcript.words(ended.received)
            raise Failure(Outcome.UNREACHABLE, words) from None

    def _refused_login(self, text: str, given: set[str]) -> Failure:
        """Why the connection ended during the log-in."""
        words = self._transcript.words(text)
        if outcome := meaning(text):
            return Failure(outcome, words)
        refusal = _first(self._dialogue.login_refusals, text)
        if refusal and (given or _is_lockout(refusal)):
            return Failure(Outcome(refusal.outcome), words)
        return Failure(
            Outcome.CONNECTION_LOST if given else Outcome(self._dialogue.closed_at_once), words
        )

    def _answer(
        self, command: Command, wanted: Mapping[str, re.Pattern[str]], seconds: float
    ) -> str:
        """What comes before the prompt, all pages of it."""
        pager = self._dialogue.pager
        waited = {**wanted, "pager": pager.pattern} if pager else wanted
        deadline = time.monotonic() + seconds
        pages = ""
        for _ in range(_MAX_PAGES):
            try:
                name, text = self._wait(waited, deadline - time.monotonic())
            except Ended as ended:
                self._hear(ended.received)
                words = self._transcript.words(_without_echo(pages + ended.received, command.text))
                raise Failure(Outcome.CONNECTION_LOST, words) from None
            if name != "pager" or pager is None:
                return _without_prompt(_without_echo(pages + text, command.text), wanted["prompt"])
            pages += pager.pattern.sub("\n", text)
            self._terminal.press(pager.answer)
        raise Failure(Outcome.NO_PROMPT, "the answer has too many pages")

    def _wait(self, wanted: Mapping[str, re.Pattern[str]], seconds: float) -> tuple[str, str]:
        try:
            return self._terminal.wait_for(wanted, seconds, settle=self._patience.settle)
        except Silent as silent:
            raise self._silent(silent) from None

    def _silent(self, silent: Silent) -> Failure:
        """Note what there was, and free the command line for those who come next."""
        self._hear(silent.received)
        self._terminal.interrupt()
        try:
            _, text = self._terminal.wait_for(self._dialogue.prompts, self._patience.interrupt)
            self._hear(text)
        except (Silent, Ended):
            pass
        return Failure(Outcome.NO_PROMPT, self._transcript.words(silent.received))

    def _hear(self, text: str) -> None:
        if text.strip():
            self._transcript.add("received", text.strip())


@contextmanager
def session(
    shell: Shell,
    credentials: Credentials,
    dialogue: Dialogue,
    patience: Patience,
    transcript: Transcript,
    *,
    host_key: str | None,
    cancelled: Event,
    heeds_cancel: bool = True,
) -> Iterator[Session]:
    """A session that is logged in; the client program is gone when the context ends.

    Raises:
        Failure: it is not reached, or does not let us in.
        Cancelled: somebody wants it to stop.
    """
    transcript.add("note", f"connecting to {shell}")
    with connection(
        shell,
        dialogue.shells[shell.kind],
        credentials.user,
        host_key=host_key,
        connect_seconds=patience.connect,
        cancelled=cancelled,
    ) as client:
        client.terminal.heeds_cancel = heeds_cancel
        opened = Session(client, dialogue, patience, transcript)
        opened.log_in(shell, credentials)
        yield opened


def read_value(step: Step, answer: str) -> str | None:
    """What a gateway says that a parameter holds; None if it does not say."""
    match = step.reads.search(answer) if step.reads else None
    return match["value"] if match else None


def _is_lockout(refusal: Refusal) -> bool:
    return Outcome(refusal.outcome) is Outcome.LOCKED_OUT


def _first(refusals: tuple[Refusal, ...], text: str) -> Refusal | None:
    return next((refusal for refusal in refusals if refusal.pattern.search(text)), None)


def _without_echo(text: str, command: str) -> str:
    first, _, rest = text.lstrip("\n").partition("\n")
    return rest if first.strip() == command.strip() else text


def _without_prompt(text: str, prompt: re.Pattern[str]) -> str:
    matches = list(prompt.finditer(text))
    return (text[: matches[-1].start()] if matches else text).strip("\n")


def _summary(listing: str) -> str:
    return f"({len(listing.splitlines())} lines)"
