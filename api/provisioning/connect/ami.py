"""A client of Asterisk's Manager Interface (AMI): notify phones, list registrations, read, reload.

AMI is lines ``Name: value`` over TCP; an empty line ends a message. Answers carry the ActionID of
their action; events of any kind may come between them and are skipped. A list is an answer, one
event an entry and an event that ends it, all with the ActionID.

Checked against Asterisk 22.10 (``tests/connect/test_real_asterisk.py``).
"""

import hashlib
import ipaddress
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Self

from provisioning.engine.sip_event import EVENT_ALLOWED, is_event

# Far above what Asterisk writes; a peer that sends more is not Asterisk and must not fill memory.
MAX_LINE_BYTES = 16 * 1024
MAX_MESSAGE_LINES = 500
MAX_LIST_ENTRIES = 50_000

_BANNER = "Asterisk Call Manager/"
_LIST_ENDS = {"complete", "cancelled"}

Message = Mapping[str, str]
"""One message; names in lower case, since their case differs between releases."""


class AmiProblem(Exception):
    """Something went wrong between us and the Manager."""


class AmiUnreachable(AmiProblem):
    """Nothing answers there, the connection was lost, or what answers is not Asterisk's Manager."""

    def __init__(self, host: str, port: int, reason: str):
        super().__init__(f"Asterisk's Manager at {host}:{port}: {reason}")
        self.host = host
        self.port = port
        self.reason = reason


class AmiTimeout(AmiProblem):
    """The Manager took longer than allowed; whether it acted is not known."""

    def __init__(self, action: str, seconds: float):
        super().__init__(f"Asterisk's Manager did not answer {action} within {seconds:g} s")
        self.action = action
        self.seconds = seconds


class AmiRefused(AmiProblem):
    """The Manager does not accept the user name and secret."""

    def __init__(self, username: str, message: str):
        super().__init__(f"Asterisk's Manager refuses the user {username!r}: {message}")
        self.username = username
        self.message = message


class AmiError(AmiProblem):
    """The Manager answered an action with an error; ``message`` is its own text."""

    def __init__(self, action: str, message: str):
        super().__init__(f"Asterisk answered {action} with an error: {message}")
        self.action = action
        self.message = message


@dataclass(frozen=True, slots=True)
class RegisteredContact:
    """Where a device has registered: one contact of an address of record."""

    endpoint: str
    """The PJSIP endpoint, e.g. ``91201``."""
    aor: str
    uri: str
    user_agent: str
    status: str
    """``Reachable``, ``Unreachable``, ``NonQualified``, ``Unknown``, …, as Asterisk says it."""
    address: str
    """The IP address the registration came from; empty if Asterisk does not know it."""


class Ami:
    """A signed-in session with Asterisk's Manager, as a context manager.

    ``with Ami("127.0.0.1", 5038, "provisioning", secret, timeout=5) as asterisk:``

    The secret is sent as MD5 of a challenge. Where that is switched off it is sent plainly, but
    only over loopback.

    Args:
        host: name or address.
        port: usually 5038.
        username: a section of ``manager.conf``, with the class *system* to read and write.
        secret: its secret.
        timeout: seconds that connecting and each action may take.

    Raises:
        AmiUnreachable: no connection, or a peer that is not Asterisk's Manager.
        AmiRefused: wrong user name or secret, or one of them is empty.
        AmiTimeout: no answer in time.
        ValueError: a control character in an argument; nothing was sent.
    """

    def __init__(self, host: str, port: int, username: str, secret: str, timeout: float):
        self._host = host
        self._port = port
        self._username = username
        self._secret = secret
        self._timeout = timeout
        self._numbers = count(1)
        self._received = bytearray()
        self._deadline = 0.0
        self._doing = "the connection"

    def __enter__(self) -> Self:
        if not self._username or not self._secret:
            raise AmiRefused(self._username, "a user name and a secret are needed")
        for value in (self._username, self._secret):
            _refuse_control_characters(value)
        self._start("the connection")
        try:
            self._socket = socket.create_connection((self._host, self._port), self._timeout)
        except TimeoutError as failure:
            raise AmiTimeout(self._doing, self._timeout) from failure
        except OSError as failure:
            raise self._unreachable(failure.strerror or str(failure)) from failure
        try:
            banner = self._line()
            if not banner.startswith(_BANNER):
                raise self._unreachable("what answers is not Asterisk's Manager")
            self._login()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if failure is None:
                self.logoff()
        except AmiProblem:
            pass  # The work is done; that the farewell was lost changes nothing.
        finally:
            self._socket.close()

    def notify(self, endpoint: str, event: str) -> None:
        """Have Asterisk send a SIP NOTIFY to every contact of an endpoint.

        Success means queued, no more: Asterisk answers the same for an endpoint without a contact,
        and never tells the phone's answer. Look for :meth:`contacts` first, and for the phone's
        next request afterwards.

        Args:
            endpoint: e.g. ``91201``.
            event: value of the Event header, e.g. ``check-sync;reboot=false``.

        Raises:
            AmiError: e.g. there is no such endpoint.
            ValueError: not an event, or a control character; nothing was sent.

        Source: Asterisk's ``res_pjsip_notify.c``.
        """
        if not is_event(event):  # Asterisk reads a comma as the start of another variable.
            raise ValueError(f"{event!r} is not {EVENT_ALLOWED}")
        self._ask("PJSIPNotify", {"Endpoint": endpoint, "Variable": f"Event={event}"})

    def contacts(self) -> list[RegisteredContact]:
        """All registered contacts, in Asterisk's order."""
        try:
            entries = list(self._list("PJSIPShowContacts", "contactlist", {}))
        except AmiError as error:
            if error.message == "No Contacts found":  # That is how an empty list is told.
                return []
            raise
        return [_contact(entry) for entry in entries]

    def database(self, family: str) -> dict[str, str]:
        """What Asterisk's own database holds below a family, by key without the family.

        Asterisk takes ``cf`` for ``CF`` here, and nowhere else: entries of another spelling are
        left out. A family that holds nothing is no error.

        Args:
            family: e.g. ``DND``, or a part of one: ``AMPUSER/201``.

        Raises:
            AmiError: e.g. the user lacks the class *system*, or Asterisk is older than 16.28.
            ValueError: a control character; nothing was sent.

        Source: tried with Asterisk 22.10 (``DBGetTree``).
        """
        above = f"/{family}/"
        entries = self._list("DBGetTree", "dbgettreeresponse", {"Family": family})
        keys = ((entry.get("key", ""), entry.get("val", "")) for entry in entries)
        return {key.removeprefix(above): value for key, value in keys if key.startswith(above)}

    def database_entry(self, family: str, key: str) -> str | None:
        """One entry of Asterisk's own database; None if there is none.

        Asterisk finds it by its index, however much the family holds.

        Args:
            family: e.g. ``AMPUSER``.
            key: e.g. ``201/followme/prering``.

        Raises:
            AmiError: the user lacks the class *system*.
            ValueError: a control character; nothing was sent.
        """
        try:
            entries = self._list("DBGet", "dbgetresponse", {"Family": family, "Key": key})
            return next((entry.get("val", "") for entry in list(entries)), None)
        except AmiError as error:
            if error.message == "Database entry not found":
                return None
            raise

    def reload(self, module: str) -> None:
        """Have a module read its configuration anew, e.g. ``res_pjsip.so``.

        Raises:
            AmiError: e.g. there is no such module, or it is busy.
            ValueError: a control character; nothing was sent.
        """
        self._ask("Reload", {"Module": module})

    def logoff(self) -> None:
        """Say goodbye; Asterisk closes the connection. The end of ``with`` does it too."""
        self._ask("Logoff", {})

    def _login(self) -> None:
        try:
            challenge = self._ask("Challenge", {"AuthType": "MD5"}).get("challenge", "")
        except AmiError as error:
            if not self._over_loopback():
                raise AmiRefused(self._username, error.message) from error
            proof = {"Secret": self._secret}
        else:
            # What AMI defines; it protects the secret from onlookers, not the connection.
            key = hashlib.md5((challenge + self._secret).encode(), usedforsecurity=False)
            proof = {"AuthType": "MD5", "Key": key.hexdigest()}
        try:
            self._ask("Login", {"Username": self._username, **proof, "Events": "off"})
        except AmiError as error:
            raise AmiRefused(self._username, error.message) from error

    def _over_loopback(self) -> bool:
        address: str = self._socket.getpeername()[0]
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback

    def _ask(self, action: str, headers: Mapping[str, str]) -> Message:
        """Send an action and return its answer."""
        return self._answer(action, self._send(action, headers))

    def _list(self, action: str, entry: str, headers: Mapping[str, str]) -> Iterator[Message]:
        """Send an action and yield the entries of the list it is answered with."""
        action_id = self._send(action, headers)
        self._answer(action, action_id)
        seen = 0
        while True:
            message = self._message_to(action_id)
            if message.get("eventlist", "").lower() in _LIST_ENDS:
                return
            seen += 1
            if seen > MAX_LIST_ENTRIES:
                raise self._unreachable(f"a list of more than {MAX_LIST_ENTRIES} entries")
            if message.get("event", "").lower() == entry:
                yield message

    def _send(self, action: str, headers: Mapping[str, str]) -> str:
        self._start(action)
        action_id = f"provisioning-{next(self._numbers)}"
        lines = {"Action": action, "ActionID": action_id, **headers}
        for value in lines.values():
            _refuse_control_characters(value)
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
        try:
            self._socket.settimeout(self._remaining())
            self._socket.sendall(text.encode())
        except TimeoutError as failure:
            raise AmiTimeout(action, self._timeout) from failure
        except OSError as failure:
            raise self._unreachable("the connection was lost") from failure
        return action_id

    def _answer(self, action: str, action_id: str) -> Message:
        while True:
            message = self._message_to(action_id)
            response = message.get("response")
            if response is None:
                continue  # an event of this action, before its answer
            if response.lower() == "error":
                raise AmiError(action, message.get("message", "no reason given"))
            return message

    def _message_to(self, action_id: str) -> Message:
        """The next message of an action; what is not its own is skipped."""
        while True:
            message = self._message()
            if message.get("actionid") == action_id:
                return message

    def _message(self) -> Message:
        message: dict[str, str] = {}
        for _ in range(MAX_MESSAGE_LINES):
            line = self._line()
            if not line and message:
                return message
            if not line:
                continue  # Asterisk ends some messages with two empty lines.
            name, _, value = line.partition(":")
            # The first of several counts: a device's own text must not replace what came before it.
            message.setdefault(name.strip().lower(), value.strip())
        raise self._unreachable(f"a message of more than {MAX_MESSAGE_LINES} lines")

    def _line(self) -> str:
        """The next line without its end."""
        while (end := self._received.find(b"\n", 0, MAX_LINE_BYTES)) < 0:
            if len(self._received) >= MAX_LINE_BYTES:
                raise self._unreachable(f"a line of more than {MAX_LINE_BYTES} bytes")
            self._receive()
        line = self._received[:end].removesuffix(b"\r")
        del self._received[: end + 1]
        return line.decode("utf-8", "replace")

    def _receive(self) -> None:
        try:
            self._socket.settimeout(self._remaining())
            received = self._socket.recv(MAX_LINE_BYTES)
        except TimeoutError as failure:
            raise AmiTimeout(self._doing, self._timeout) from failure
        except OSError as failure:
            raise self._unreachable("the connection was lost") from failure
        if not received:
            raise self._unreachable("Asterisk closed the connection")
        self._received += received

    def _start(self, doing: str) -> None:
        """Begin something that may take as long as the time-out, all in all."""
        self._doing = doing
        self._deadline = time.monotonic() + self._timeout

    def _remaining(self) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise AmiTimeout(self._doing, self._timeout)
        return remaining

    def _unreachable(self, reason: str) -> AmiUnreachable:
        return AmiUnreachable(self._host, self._port, reason)


def _contact(entry: Message) -> RegisteredContact:
    return RegisteredContact(
        endpoint=entry.get("endpoint", ""),
        # "201;@d050a379…": the address of record, and Asterisk's hash of the contact.
        aor=entry.get("objectname", "").partition(";@")[0],
        uri=entry.get("uri", ""),
        user_agent=entry.get("useragent", ""),
        status=entry.get("status", ""),
        address=entry.get("viaaddr", ""),
    )


def _refuse_control_characters(value: str) -> None:
    """A line break would start a header, or an action, of its own."""
    if not value or any(character < " " or character == "\x7f" for character in value):
        raise ValueError("a value for Asterisk's Manager is not empty, nor has control characters")
