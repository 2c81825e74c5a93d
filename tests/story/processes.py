"""The program as it is installed: its processes on a state directory, ended with the test."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("provisioning")


@contextmanager
def running(
    *arguments: str, settings: Mapping[str, str], wrap: Sequence[str] = ()
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the program.

    Args:
        arguments: its command.
        settings: ``PROVISIONING_*`` variables without the prefix.
        wrap: a command that runs it, e.g. in a network namespace.
    """
    given = {f"PROVISIONING_{name}": value for name, value in settings.items()}
    process = subprocess.Popen(
        [*wrap, str(PROGRAM), *arguments],
        env={**os.environ, **given},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
