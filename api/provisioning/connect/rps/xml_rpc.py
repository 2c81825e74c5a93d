"""XML-RPC as redirect services speak it: strings and lists out, a flag and texts back.

An answer is one array, a boolean first and texts behind it; some services write texts without
``<string>``, some write a text alone, and refusals may come as ``<fault>``. What a text means is a
service's own table.
"""

import re
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provisioning.connect.rps.connection import Answer, Connection
from provisioning.connect.rps.problems import Code, Trouble
from provisioning.connect.rps.service import Presence

Texts = Sequence[tuple[re.Pattern[str], Code | Literal[Presence.ABSENT]]]
"""What texts mean, by patterns of their beginning: the first that matches counts. ``ABSENT``: what
was to be changed or looked up is not there."""

_HEADERS = {"Content-Type": "text/xml"}
_REFUSAL = re.compile(r"error\s*:", re.IGNORECASE)
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an XML-RPC answer says."""

    ok: bool | None
    """The boolean; None where there is none."""
    texts: tuple[str, ...]
    """Everything else, in order."""

    @property
    def text(self) -> str:
        """The first text; empty if there is none."""
        return self.texts[0] if self.texts else ""

    @property
    def refuses(self) -> bool:
        """Whether it is an error, of whatever kind."""
        return self.ok is False or _REFUSAL.match(self.text) is not None

    @property
    def confirms(self) -> bool:
        """Whether it says that something was done."""
        return not self.refuses and (self.ok is True or self.text.lower() == "ok")


def read_reply(body: bytes) -> Reply:
    """Read an XML-RPC answer of any form that redirect services use.

    Raises:
        ValueError: it is none; entities and document types are refused unread.
    """
    try:
        root = fromstring(body.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as mistake:
        raise ValueError("not well-formed") from mistake
    if root.tag != "methodResponse" or len(root) != 1:
        raise ValueError("not an answer of XML-RPC")
    if root[0].tag == "fault":
        return Reply(False, (_fault(_only(root[0], "value")),))
    if root[0].tag != "params":
        raise ValueError("neither params nor fault")
    values = [_only(parameter, "value") for parameter in root[0]]
    if len(values) == 1 and _is_array(values[0]):
        values = list(_only(values[0][0], "data"))
    scalars = [_scalar(value) for value in values]
    if not scalars:
        raise ValueError("an empty answer")
    ok = scalars[0] if isinstance(scalars[0], bool) else None
    rest = scalars if ok is None else scalars[1:]
    return Reply(ok, tuple(str(scalar) for scalar in rest))


class XmlRpc:
    """Calls to one XML-RPC service.

    Args:
        connection: where it is; its base URL is the whole URL.
        texts: what its error texts mean.
    """

    def __init__(self, connection: Connection, texts: Texts):
        self._connection = connection
        self._texts = texts

    def create(self, method: str, *arguments: str | list[str]) -> None:
        """Call a method that registers something.

        Raises:
            Trouble: it did not; what must be there for it and is not, is a device unknown to the
                service.
        """
        if not self._change(method, arguments):
            raise Trouble(Code.MAC_REFUSED)

    def remove(self, method: str, *arguments: str) -> bool:
        """Call a method that takes something of this account away.

        Returns:
            Whether it was there; what is another account's is not.

        Raises:
            Trouble: it is there still.
        """
        try:
            return self._change(method, arguments)
        except Trouble as trouble:
            if trouble.code == Code.OWNED_ELSEWHERE:
                return False
            raise

    def look_up(
        self, method: str, *arguments: str, words: Mapping[str, Presence] | None = None
    ) -> tuple[Presence, Reply]:
        """Call a method that tells whether a device is registered.

        Args:
            method: of the service.
            arguments: of the method.
            words: answers that tell it, in lower case.

        Raises:
            Trouble: it could not be asked.
        """
        reply = self._call(method, arguments)
        meaning = (words or {}).get(reply.text.lower()) or self._meaning(reply)
        if meaning == Code.OWNED_ELSEWHERE:
            return Presence.ELSEWHERE, reply
        if isinstance(meaning, Code):
            raise Trouble(meaning, reply.text)
        if meaning is None and reply.refuses:
            raise Trouble(Code.UNKNOWN_ERROR, reply.text)
        return meaning or (Presence.OURS if reply.confirms else Presence.UNKNOWN), reply

    def _change(self, method: str, arguments: tuple[str | list[str], ...]) -> bool:
        """Call a method that changes something.

        Returns:
            True: done. False: what was to be changed is not there.

        Raises:
            Trouble: neither.
        """
        reply = self._call(method, arguments)
        meaning = self._meaning(reply)
        if meaning is None and not reply.confirms:
            code = Code.UNKNOWN_ERROR if reply.refuses else Code.UNKNOWN_RESPONSE
            raise Trouble(code, reply.text)
        if isinstance(meaning, Code):
            raise Trouble(meaning, reply.text)
        return meaning is None

    def _call(self, method: str, arguments: tuple[str | list[str], ...]) -> Reply:
        content = xmlrpc.client.dumps(arguments, method).encode()
        answer = self._connection.send("POST", "", content=content, headers=_HEADERS)
        try:
            reply = read_reply(answer.body)
        except ValueError:
            raise _unreadable(answer) from None
        if answer.status != 200 and self._meaning(reply) is None:
            raise answer.trouble(reply.text)
        return reply

    def _meaning(self, reply: Reply) -> Code | Presence | None:
        """What the table says of the text; None if it does not know it."""
        return next((meaning for text, meaning in self._texts if text.match(reply.text)), None)


def _unreadable(answer: Answer) -> Trouble:
    return Trouble(Code.UNKNOWN_RESPONSE) if answer.status == 200 else answer.trouble()


def _fault(value: Element) -> str:
    members = list(_only(value, "struct"))
    for member in members:
        if member.findtext("name", "").strip() == "faultString":
            return str(_scalar(_only(member, "value")))
    raise ValueError("a fault without a text")


def _is_array(value: Element) -> bool:
    return len(value) == 1 and value[0].tag == "array"


def _scalar(value: Element) -> bool | str:
    """A boolean, or anything else as text; without a type it is text."""
    if value.tag != "value" or len(value) > 1 or any(len(child) for child in value):
        raise ValueError("not a plain value")
    if not len(value):
        return (value.text or "").strip()
    text = (value[0].text or "").strip()
    if value[0].tag != "boolean":
        return text
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError("a boolean that is none") from None


def _only(parent: Element, tag: str) -> Element:
    """The one child of a tag; a member has a name beside it."""
    found = parent.findall(tag)
    if len(found) != 1:
        raise ValueError(f"not one {tag}")
    return found[0]
