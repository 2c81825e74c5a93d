"""What both simulated command lines share: a terminal, faults, and the unit's state on disk.

Runs under telnetd or sshd, once for each connection; imports little, so that fifty start quickly.
"""

import json
import os
import signal
import socket
import sys
import termios
import time
from pathlib import Path

GARBAGE = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x07\u202eevil\x9b2J\x00"


class Unit:
    """A unit's state, kept in its folder between connections."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        self.spec = json.loads((self.folder / "spec.json").read_text())
        self.state = json.loads((self.folder / "state.json").read_text())

    def save(self) -> None:
        temporary = self.folder / "state.new"
        temporary.write_text(json.dumps(self.state))
        temporary.replace(self.folder / "state.json")

    def log(self, command: str) -> None:
        with (self.folder / "commands.log").open("a") as file:
            file.write(command + "\n")

    def restart(self) -> None:
        """Tell the one who runs the unit that it goes down."""
        self.save()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.sendto(b"restart", str(self.folder / "control"))


class Console:
    """The terminal of one connection."""

    def __init__(self, unit: Unit, discards_type_ahead: bool):
        self.unit = unit
        self.discards = discards_type_ahead

    def say(self, text: str, end: str = "\n") -> None:
        if delay := self.unit.spec["slow"]:
            time.sleep(delay)
        sys.stdout.write(text + end)
        sys.stdout.flush()

    def ask(self, prompt: str, *, echo: bool = True) -> str:
        """Print a prompt and read a line; end with the connection."""
        if self.discards:
            termios.tcflush(0, termios.TCIFLUSH)
        if not echo:
            self.echo(False)
        self.say(prompt, end="")
        line = sys.stdin.readline()
        if not echo:
            self.echo(True)
            self.say("")
        if not line:
            sys.exit()
        return line.rstrip("\n")

    def key(self, prompt: str) -> None:
        """Wait for any key, as a pager does."""
        settings = termios.tcgetattr(0)
        raw = termios.tcgetattr(0)
        raw[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(0, termios.TCSANOW, raw)
        self.say(prompt, end="")
        os.read(0, 1)
        termios.tcsetattr(0, termios.TCSANOW, settings)
        self.say("\r           \r", end="")

    @staticmethod
    def echo(on: bool) -> None:
        settings = termios.tcgetattr(0)
        settings[3] = settings[3] | termios.ECHO if on else settings[3] & ~termios.ECHO
        termios.tcsetattr(0, termios.TCSANOW, settings)

    def fault(self, command: str) -> bool:
        """Do what goes wrong at this command, if it is the one; whether it answered instead."""
        kind, at, text = self.unit.spec["fault"]
        if not at or not command.startswith(at):
            return False
        if kind == "answer":
            self.say(text)
            return True
        if kind == "hang":
            self.say(text, end="")
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            while True:
                signal.pause()
        if kind == "drop":
            self.say(text, end="")
            os._exit(1)
        if kind == "flood":
            while True:
                self.say("x" * 1000)
        return False
