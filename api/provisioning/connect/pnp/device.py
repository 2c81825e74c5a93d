"""Who asks by PnP: what a SUBSCRIBE claims about the phone that sent it.

Sources: see the package.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioning.connect.pnp.message import Malformed, Message
from provisioning.engine.identification import UserAgentPattern, identify
from provisioning.engine.mac import MacAddress

_REQUEST = re.compile(r"SUBSCRIBE (\S+) SIP/2\.0")
_SEQUENCE = re.compile(r"([0-9]{1,10})[ \t]+SUBSCRIBE")
_CALL_ID = re.compile(r"[!-~]{1,256}")
_EVENT = re.compile(r"ua-profile[ \t]*(?:;.*)?", re.IGNORECASE)
_EVENT_PARAMETER = re.compile(
    r';[ \t]*([\w-]+)[ \t]*(?:=[ \t]*("(?:[^"\\]|\\.)*"|[^;"\s]*))?[ \t]*'
)
# sip:MAC%3a0004132a0b3c@224.0.1.75, sip:MAC0015651a2b3c@…, sip:MAC=0c383e010203@…
_MAC = re.compile(
    r"sips?:MAC(?:%3a|[:=])?([0-9a-f]{12}|(?:[0-9a-f]{2}[-:]){5}[0-9a-f]{2})(?:[@;?].*)?",
    re.IGNORECASE,
)
# A name, which may stand in quotes, before <…>; or the URI alone, which has no parameters then.
_NAMED_URI = re.compile(r'(?:"(?:[^"\\]|\\.)*"[ \t]*|[^"<>]*)<([^<>]*)>(.*)')
_BARE_URI = re.compile(r"([^<>;\"\s]+)(.*)")
_URI = re.compile(r"sips?:[!#-;=?-~]{1,256}", re.IGNORECASE)
_TAG = re.compile(r";[ \t]*tag[ \t]*=[ \t]*[^\s;,]+", re.IGNORECASE)
_MAX_WORD = 64
_MAX_USER_AGENT = 200


@dataclass(frozen=True, slots=True)
class PnpDevice:
    """A phone that asks, as it describes itself; nothing of it is proven."""

    mac: MacAddress
    address: str
    """The IPv4 address that it asks from."""
    vendor: str
    """Id of the vendor whose user agent it sends, or else its own word for it in lower case."""
    model: str
    """As the phone writes it, e.g. ``SIP-T53W``."""
    version: str
    """Its firmware, e.g. ``96.87.0.16``."""
    user_agent: str

    @property
    def says(self) -> str:
        """Its user agent; of one that sends none, what its Event says, in the same form."""
        return self.user_agent or " ".join(filter(None, (self.vendor, self.model, self.version)))


@dataclass(frozen=True, slots=True)
class Subscription:
    """A SUBSCRIBE that can be answered: the headers that an answer repeats."""

    device: PnpDevice
    vias: tuple[str, ...]
    from_: str
    to: str
    call_id: str
    sequence: int
    contact: str
    """The URI of the phone."""
    event: str
    """The whole header."""


def read_subscription(
    message: Message, address: str, patterns: Iterable[UserAgentPattern]
) -> Subscription:
    """Read a SUBSCRIBE for ``ua-profile`` that begins a conversation.

    Args:
        message: what came.
        address: the IPv4 address it came from.
        patterns: the vendors' forms of user agents.

    Raises:
        Malformed: any other message, or a phone that does not say which one it is.
    """
    request = _REQUEST.fullmatch(message.start)
    sequence = _SEQUENCE.fullmatch(message.required("cseq"))
    call_id, event = message.required("call-id"), message.required("event")
    if request is None or sequence is None or int(sequence[1]) >= 2**31:
        raise Malformed("not a SUBSCRIBE")
    if not _CALL_ID.fullmatch(call_id) or not _EVENT.fullmatch(event):
        raise Malformed("not a conversation about ua-profile")
    from_, to = message.required("from"), message.required("to")
    from_uri, from_parameters = _address(from_)
    _, to_parameters = _address(to)
    if not _TAG.search(from_parameters) or _TAG.search(to_parameters):
        raise Malformed("not the beginning of a conversation")
    contact, _ = _address(message.required("contact"))
    vias = message.all("via")
    if not vias:
        raise Malformed("via is missing")
    device = _device(message, (request[1], from_uri), address, patterns)
    return Subscription(device, vias, from_, to, call_id, int(sequence[1]), contact, event)


def _device(
    message: Message,
    uris: tuple[str, ...],
    address: str,
    patterns: Iterable[UserAgentPattern],
) -> PnpDevice:
    user_agent = _word(message.optional("user-agent"), _MAX_USER_AGENT)
    told = identify(user_agent, patterns)
    words = _parameters(message.required("event"))
    # A model in the Event may be one for all phones of a vendor ("VOIP PHONE"): it comes second.
    return PnpDevice(
        mac=_claimed_mac(uris) or told.mac or _no_mac(),
        address=address,
        # Panasonic spells it vender.
        vendor=told.vendor or (words.get("vendor") or words.get("vender", "")).lower(),
        model=told.model or words.get("model", ""),
        version=told.version or words.get("version", ""),
        user_agent=user_agent,
    )


def _claimed_mac(uris: Iterable[str]) -> MacAddress | None:
    found = {
        MacAddress.parse(match[1]) for uri in uris if (match := _MAC.fullmatch(uri)) is not None
    }
    if len(found) > 1:
        raise Malformed("two MAC addresses")
    mac = next(iter(found), None)
    if mac and (mac.value == 0 or mac.value >> 40 & 1):
        raise Malformed("no phone has this MAC address")  # none, or one of a group
    return mac


def _no_mac() -> MacAddress:
    raise Malformed("no MAC address")


def _address(value: str) -> tuple[str, str]:
    """URI and parameters of a From, To or Contact."""
    match = _NAMED_URI.fullmatch(value) or _BARE_URI.fullmatch(value)
    if match is None or not _URI.fullmatch(match[1]):
        raise Malformed("not a SIP address")
    return match[1], match[2]


def _parameters(event: str) -> Mapping[str, str]:
    """The parameters of an Event; the first of a name counts."""
    _, semicolon, rest = event.partition(";")
    found: dict[str, str] = {}
    for match in _EVENT_PARAMETER.finditer(f"{semicolon}{rest}"):
        value = match[2] or ""
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found.setdefault(match[1].lower(), _word(value, _MAX_WORD))
    return found


def _word(text: str, most: int) -> str:
    return "".join(sign for sign in text if sign.isprintable())[:most].strip()
