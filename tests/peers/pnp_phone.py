"""A phone that asks by PnP, played by sipp (Debian package sip-tester).

Checks that a SIP stack of others takes our 200 as the answer to its multicast SUBSCRIBE and our
NOTIFY as part of the same conversation. sipp would send its 200 to the group again; a phone sends
it where the NOTIFY's Via says, and so does this one. Skips the test where sipp is not installed.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_SECONDS = 10
_SILENCE_MILLISECONDS = 700

_SUBSCRIBE = """\
  <send><![CDATA[

    SUBSCRIBE {uri} SIP/2.0
    Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]{via}
    From: {name}<{uri}>;tag=[pid]-[call_number]
    To: {name}<{uri}>
    Call-ID: [call_id]
    CSeq: 1 SUBSCRIBE
    Max-Forwards: 70
    Contact: <sip:[local_ip]:[local_port]>
    Event: {event}
    Accept: application/url
    Expires: 0
    User-Agent: {user_agent}
    Content-Length: 0

  ]]></send>
"""
_SILENCE = """\
  <recv response="200" timeout="{milliseconds}" ontimeout="end"/>
  <label id="end"/>
"""
_ANSWERED = '  <recv response="200"/>\n'
_NOTIFIED = """\
  <recv request="NOTIFY">
    <action>
      <ereg regexp="UDP ([^:]+):([0-9]+)" search_in="hdr" header="Via:" assign_to="via,host,port"/>
      <setdest host="[$host]" port="[$port]" protocol="UDP"/>
    </action>
  </recv>
  <send><![CDATA[

    SIP/2.0 200 OK
    [last_Via:]
    [last_From:]
    [last_To:]
    [last_Call-ID:]
    [last_CSeq:]
    Content-Length: 0

  ]]></send>
  <Reference variables="via"/>
"""


@dataclass(frozen=True)
class PnpPhone:
    """What a phone of a vendor writes."""

    uri: str
    """Of request, From and To."""
    event: str
    user_agent: str
    name: str = ""
    """Before the URI in From and To."""
    via: str = ";rport"
    """Behind the branch in Via."""


@dataclass(frozen=True)
class Conversation:
    """What a phone received."""

    messages: Sequence[str]
    """In order; the body stands behind an empty line."""
    complete: bool
    """Whether all went as the phone expects."""

    @property
    def notify(self) -> str:
        """The NOTIFY."""
        [found] = {m for m in self.messages if m.startswith("NOTIFY")}
        return found

    def header(self, name: str, *, of: str) -> str:
        """A header of the first message that begins so."""
        message = next(m for m in self.messages if m.startswith(of))
        return re.search(rf"(?m)^{name}: (.*)$", message)[1]

    @property
    def url(self) -> str:
        """The body of the NOTIFY, to the letter."""
        return self.notify.partition("\n\n")[2]


def ask(
    phone: PnpPhone, group_port: int, *, where: Sequence[str] = (), address: str = "127.0.0.1"
) -> Conversation:
    """Ask, be answered and notified, and answer.

    Args:
        phone: what it writes.
        group_port: UDP port of the group.
        where: a command that runs sipp elsewhere, such as in a network namespace.
        address: the phone's, which decides by which interface it asks.
    """
    return _run(phone, group_port, _ANSWERED + _NOTIFIED, where, address)


def ask_in_vain(phone: PnpPhone, group_port: int) -> Conversation:
    """Ask, and listen for longer than a server of ours needs."""
    expected = _SILENCE.format(milliseconds=_SILENCE_MILLISECONDS)
    return _run(phone, group_port, expected, (), "127.0.0.1")


def _run(
    phone: PnpPhone, group_port: int, expected: str, where: Sequence[str], address: str
) -> Conversation:
    program = shutil.which("sipp")
    if program is None:
        pytest.skip("sipp is not installed (Debian package sip-tester)")
    steps = _SUBSCRIBE.format(**vars(phone)) + expected
    with tempfile.TemporaryDirectory() as directory:
        scenario, log = Path(directory, "phone.xml"), Path(directory, "messages.log")
        scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="phone">\n{steps}</scenario>')
        done = subprocess.run(
            [*where, program, f"224.0.1.75:{group_port}", "-sf", scenario, "-i", address,
             "-m", "1", "-nostdin", "-recv_timeout", "3000", "-trace_msg", "-message_file", log],
            cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
        text = log.read_text(encoding="utf-8") if log.exists() else ""
    parts = [part for part in text.split("-" * 47) if "message received" in part]
    # The log ends each message with a line break of its own.
    messages = [part.partition("\n\n")[2].removesuffix("\n") for part in parts]
    return Conversation(messages, done.returncode == 0)
