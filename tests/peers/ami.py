"""A small Manager of Asterisk: the protocol as Asterisk 22.10 speaks it, without any telephony.

Checks our client where no Asterisk is at hand, and in situations that a real one cannot be brought
into: a Manager that falls silent, or writes without end. Faithful are banner, challenge, order of
headers, the error for every action before the login, a doubled empty line, lists with their end
event, and events that come between, some with ActionIDs of others. What a real Asterisk says is
held against the same client by ``connect/test_real_asterisk.py``.
"""

import hashlib
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

USERNAME, SECRET = "provisioning", "wörd; with = signs"
CHALLENGE = "305817805"

_EVENT_BETWEEN = (
    "Event: PeerStatus\r\nPrivilege: system,all\r\nChannelType: PJSIP\r\n\r\n"
    "Event: ContactList\r\nActionID: of-somebody-else\r\nEndpoint: 666\r\n\r\n"
    "Response: Error\r\nActionID: of-somebody-else\r\nMessage: Not yours\r\n\r\n"
)


@dataclass
class Manager:
    """What the Manager knows, how it behaves, and what it was asked."""

    endpoints: Sequence[str] = ()
    contacts: Sequence[str] = ()
    """Entries of the list of contacts: header lines without the ActionID."""
    database: Mapping[str, str] = field(default_factory=dict)
    """Asterisk's own database: whole keys, e.g. ``/DND/201``, and values."""
    modules: Sequence[str] = ("res_pjsip.so",)
    challenges: bool = True
    """Whether it knows the login by challenge."""
    silent_on: str = ""
    """An action it never answers."""
    dies_on: str = ""
    """An action at which it closes the connection."""
    banner: bytes = b"Asterisk Call Manager/11.0.0\r\n"
    list_padding: bytes = b""
    """Written after the entries of a list, before its end."""
    on_notify: Callable[[str], object] = lambda endpoint: None
    """Called with the endpoint of a NOTIFY that it sends: the phone's part."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The actions that came, each with its headers in order."""
    port: int = 0

    def asked_for(self, action: str) -> list[dict[str, str]]:
        """The actions of one kind that came."""
        return [headers for headers in self.asked if headers.get("Action") == action]


@contextmanager
def listening(manager: Manager) -> Iterator[Manager]:
    """The Manager on a free port of loopback."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _Session(manager, self).run()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request, client_address) -> None:
            """A client that leaves early is no matter."""

    with Server(("127.0.0.1", 0), Handler) as server:
        manager.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield manager
        finally:
            server.shutdown()


class _Session:
    def __init__(self, manager: Manager, handler: socketserver.StreamRequestHandler):
        self.manager = manager
        self.input, self.output = handler.rfile, handler.wfile
        self.signed_in = False
        self.open = True

    def run(self) -> None:
        self.output.write(self.manager.banner)
        while self.open and (lines := self.read()):
            headers = dict(line.partition(": ")[::2] for line in lines)
            self.manager.asked.append(headers)
            self.answer(headers)

    def read(self) -> list[str]:
        lines: list[str] = []
        while (line := self.input.readline()) not in (b"", b"\r\n"):
            lines.append(line.decode().removesuffix("\r\n"))
        return lines

    def answer(self, headers: dict[str, str]) -> None:
        action = headers["Action"]
        if action == self.manager.silent_on:
            return
        if action == self.manager.dies_on:
            self.open = False
            return
        if action in ("Challenge", "Login"):
            getattr(self, action.lower())(headers)
        elif not self.signed_in:
            self.error(headers, "Permission denied")
        else:
            self.output.write(_EVENT_BETWEEN.encode())
            known = {
                "DBGet": self.database_entry,
                "DBGetTree": self.database_tree,
                "Logoff": self.logoff,
                "PJSIPNotify": self.notify,
                "PJSIPShowContacts": self.show_contacts,
                "Reload": self.reload,
            }
            known[action](headers)

    def challenge(self, headers: dict[str, str]) -> None:
        if self.manager.challenges and headers.get("AuthType") == "MD5":
            self.say("Response: Success", self.id(headers), f"Challenge: {CHALLENGE}")
        else:
            self.error(headers, "Must specify AuthType")

    def login(self, headers: dict[str, str]) -> None:
        right_key = hashlib.md5((CHALLENGE + SECRET).encode()).hexdigest()
        proven = headers.get("Key") == right_key or headers.get("Secret") == SECRET
        if headers.get("Username") == USERNAME and proven:
            self.signed_in = True
            self.say("Response: Success", self.id(headers), "Message: Authentication accepted")
            self.say("Event: FullyBooted", "Privilege: system,all", "Status: Fully Booted")
        else:
            self.error(headers, "Authentication failed")
            self.open = False

    def notify(self, headers: dict[str, str]) -> None:
        if headers["Endpoint"] in self.manager.endpoints:
            self.say("Response: Success", self.id(headers), "Message: NOTIFY sent")
            self.manager.on_notify(headers["Endpoint"])
        else:
            self.error(headers, f"Unable to retrieve endpoint {headers['Endpoint']}")

    def show_contacts(self, headers: dict[str, str]) -> None:
        if not self.manager.contacts:
            self.error(headers, "No Contacts found\r\n")
            return
        own = self.id(headers)
        message = "A listing of Contacts follows, presented as ContactList events"
        self.say("Response: Success", own, "EventList: start", f"Message: {message}")
        for contact in self.manager.contacts:
            self.output.write(_EVENT_BETWEEN.encode())
            self.say("Event: ContactList", own, *contact.splitlines())
        self.output.write(self.manager.list_padding)
        count = f"ListItems: {len(self.manager.contacts)}"
        self.say("Event: ContactListComplete", own, "EventList: Complete", count)

    def database_entry(self, headers: dict[str, str]) -> None:
        value = self.manager.database.get(f"/{headers['Family']}/{headers['Key']}")
        if value is None:
            self.error(headers, "Database entry not found")
            return
        own = self.id(headers)
        self.say("Response: Success", own, "EventList: start", "Message: Result will follow")
        place = f"Family: {headers['Family']}", f"Key: {headers['Key']}"
        self.say("Event: DBGetResponse", *place, f"Val: {value}", own)
        self.say("Event: DBGetComplete", own, "EventList: Complete", "ListItems: 1")

    def database_tree(self, headers: dict[str, str]) -> None:
        # SQLite's LIKE: capitals do not matter, and a family is never cut within its name.
        above = f"/{headers['Family']}/".lower()
        found = [
            key for key in sorted(self.manager.database) if f"{key}/".lower().startswith(above)
        ]
        own = self.id(headers)
        self.say("Response: Success", own, "EventList: start", "Message: Result will follow")
        for key in found:
            self.output.write(_EVENT_BETWEEN.encode())
            value = self.manager.database[key]
            self.say("Event: DBGetTreeResponse", f"Key: {key}", f"Val: {value}", own)
        count = f"ListItems: {len(found)}"
        self.say("Event: DBGetTreeComplete", own, "EventList: Complete", count)

    def reload(self, headers: dict[str, str]) -> None:
        known = headers["Module"] in self.manager.modules
        if known:
            self.say("Response: Success", self.id(headers), "Message: Module Reloaded")
        else:
            self.error(headers, "No such module")
        self.say("Event: Reload", f"Module: {headers['Module']}", f"Status: {0 if known else 2}")

    def logoff(self, headers: dict[str, str]) -> None:
        self.say("Response: Goodbye", self.id(headers), "Message: Thanks for all the fish.")
        self.open = False

    def error(self, headers: dict[str, str], message: str) -> None:
        self.say("Response: Error", self.id(headers), f"Message: {message}")

    def say(self, *lines: str) -> None:
        self.output.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())

    @staticmethod
    def id(headers: dict[str, str]) -> str:
        return f"ActionID: {headers['ActionID']}"
