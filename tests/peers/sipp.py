"""A phone played by sipp (Debian package sip-tester), which reads and writes real SIP.

Checks that the NOTIFY we build is one that a SIP stack of others takes and answers, and how often
we repeat it. Listens on loopback; skips the test where sipp is not installed.
"""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_START_SECONDS = 10

_SCENARIO = """\
<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="phone">
  <recv request="NOTIFY"/>
  {answers}
  <pause milliseconds="60000"/>
</scenario>
"""
_ANSWER = """\
  <send><![CDATA[

    SIP/2.0 {status_line}
    [last_Via:]
    [last_From:]
    [last_To:];tag=phone[call_number]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
"""


@dataclass(frozen=True)
class Phone:
    """A phone that waits for one NOTIFY."""

    port: int
    log: Path

    def received(self) -> list[str]:
        """The messages that came, repetitions included."""
        text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
        messages = text.split("-" * 47)
        return [m.partition("\n\n")[2] for m in messages if "message received" in m]


@contextmanager
def phone(*answers: str) -> Iterator[Phone]:
    """A phone that gives these answers, e.g. ``200 OK``; it stays silent after them."""
    program = shutil.which("sipp")
    if program is None:
        pytest.skip("sipp is not installed (Debian package sip-tester)")
    with tempfile.TemporaryDirectory() as directory:
        scenario, log = Path(directory, "phone.xml"), Path(directory, "messages.log")
        written = "".join(_ANSWER.format(status_line=answer) for answer in answers)
        scenario.write_text(_SCENARIO.format(answers=written))
        port = _free_port()
        process = subprocess.Popen(
            [program, "-sf", scenario, "-i", "127.0.0.1", "-p", str(port), "-m", "1", "-nostdin",
             "-trace_msg", "-message_file", log],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            _wait_until_listening(process, port)
            yield Phone(port, log)
        finally:
            process.kill()
            process.communicate()


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int) -> None:
    wanted = f"0100007F:{port:04X}"
    for _ in range(_START_SECONDS * 100):
        if wanted in Path("/proc/net/udp").read_text():
            return
        try:
            process.wait(0.01)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"sipp ended: {process.communicate()[1].decode()}")
    raise TimeoutError("sipp did not start")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
