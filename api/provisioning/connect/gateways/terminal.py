"""A terminal with a client program in it: bounded in time and memory, never left behind.

pexpect makes the terminal; waiting is done here, because what was received must not grow without
end, and a prompt counts only if nothing comes after it.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from re import Pattern
from threading import Event
from types import TracebackType
from typing import Self

import pexpect

from provisioning.connect.gateways.plain import plain

MAX_ANSWER_BYTES = 512 * 1024
"""Far above a configuration; a device that writes more must not fill memory."""

_CHUNK = 4096
_PROMPT_BYTES = 2048  # prompts are looked for in the last part of what was received
_SLICE_SECONDS = 0.25  # a wish to cancel is seen after this at the latest
# Wide, so that the device breaks no line. TERM: the least that a device may send escapes for.
_ROWS, _COLUMNS = 200, 500
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TERM": "dumb"}


class ProgramMissing(Exception):
    """The client program is not installed."""

    def __init__(self, program: str):
        super().__init__(f"the program {program} is not installed")
        self.program = program


class Silent(Exception):
    """What was waited for did not come in time, or too much else did."""

    def __init__(self, received: str):
        super().__init__("no prompt")
        self.received = received


class Ended(Exception):
    """The client program ended: the connection is gone, or never was."""

    def __init__(self, received: str):
        super().__init__("the connection ended")
        self.received = received


class Cancelled(Exception):
    """Somebody wants it to stop."""


def is_line(text: str) -> bool:
    """Whether a text can be typed as one line."""
    return text.isascii() and text.isprintable()


class Terminal:
    """A client program in a terminal of its own, as a context manager.

    Args:
        command: the program and its arguments.
        cancelled: set from outside to have every wait end.

    Raises:
        ProgramMissing: there is no such program.
    """

    def __init__(self, command: Sequence[str], cancelled: Event):
        self._command = command
        self._cancelled = cancelled
        self._received = bytearray()
        self.heeds_cancel = True
        """Whether waits end when somebody cancels; off while that would do harm."""

    def __enter__(self) -> Self:
        program, *arguments = self._command
        try:
            self._child = pexpect.spawn(
                program,
                arguments,
                env=_ENVIRONMENT,
                dimensions=(_ROWS, _COLUMNS),
                use_poll=True,  # select() fails once a process has a thousand files open
            )
        except pexpect.ExceptionPexpect as failure:
            raise ProgramMissing(program) from failure
        # pexpect would wait 50 ms before each send, and 100 ms at the end.
        self._child.delaybeforesend = None
        self._child.ptyproc.delayafterclose = 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._child.kill(signal.SIGKILL)
        # Wait for its end without taking its status, which pexpect wants to take itself.
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, self._child.ptyproc.pid, os.WEXITED | os.WNOWAIT)
        self._child.close(force=True)

    def send(self, line: str) -> None:
        """Type a line.

        Raises:
            ValueError: it is not one line of ASCII; nothing was typed.
        """
        if not is_line(line):
            raise ValueError("a command is one line of printable ASCII")
        self._write(line.encode("ascii") + b"\r")

    def press(self, key: str) -> None:
        """Press a key that is no line: an answer to a pager."""
        self._write(key.encode("ascii"))

    def interrupt(self) -> None:
        """Type Ctrl-C."""
        self._write(b"\x03")

    def _write(self, data: bytes) -> None:
        with suppress(OSError):  # that the connection is gone is seen when reading
            self._child.send(data)

    def wait_for(
        self,
        patterns: Mapping[str, Pattern[str]],
        seconds: float,
        *,
        settle: float = 0.0,
        leave: bool = False,
    ) -> tuple[str, str]:
        """Wait until one of some patterns is found in the last part of what was received.

        Args:
            patterns: by name; the first that is found counts.
            seconds: for how long, whatever comes meanwhile.
            settle: seconds in which nothing more may come.
            leave: what was received is looked at again by the next wait.

        Returns:
            The name of the pattern, and everything received up to here as plain text.

        Raises:
            Silent: it did not come in time, or there was too much.
            Ended: the program ended.
            Cancelled: somebody wants it to stop.
        """
        deadline = time.monotonic() + seconds
        while True:
            tail = plain(bytes(self._received[-_PROMPT_BYTES:]))
            found = next((name for name, p in patterns.items() if p.search(tail)), None)
            remaining = deadline - time.monotonic()
            quiet = min(settle, max(remaining, 0.0))
            if found is not None and leave:
                return found, tail
            if found is not None and not self._receive(quiet):
                return found, self._taken()
            if found is None and (remaining <= 0 or not self._receive(remaining)):
                raise Silent(self._taken())
            if len(self._received) > MAX_ANSWER_BYTES:
                raise Silent(self._taken())

    def wait_for_end(self, seconds: float) -> bool:
        """Wait for the connection to end; whether it did."""
        try:
            self.wait_for({}, seconds)
        except Ended:
            return True
        except Silent:
            return False
        return False

    def _receive(self, seconds: float) -> bool:
        """Take in what comes next; false if nothing came in time."""
        deadline = time.monotonic() + seconds
        while True:
            if self.heeds_cancel and self._cancelled.is_set():
                raise Cancelled
            wait = min(_SLICE_SECONDS, max(deadline - time.monotonic(), 0.0))
            try:
                self._received += self._read(wait)
            except pexpect.TIMEOUT:
                if time.monotonic() >= deadline:
                    return False
            except pexpect.EOF:
                raise Ended(self._taken()) from None
            else:
                return True

    def _read(self, seconds: float) -> bytes:
        # Bytes, since the terminal was given no encoding.
        data: bytes = self._child.read_nonblocking(_CHUNK, seconds)
        return data

    def _taken(self) -> str:
        text = plain(bytes(self._received))
        self._received.clear()
        return text
