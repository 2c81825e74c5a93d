"""SUBSCRIBEs as phones write them, for tests without a network."""

from collections.abc import Mapping

MAC = "001565000001"
URI = f"sip:MAC%3a{MAC}@224.0.1.75"
HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKphone;rport",
    "From": f"<{URI}>;tag=from-the-phone",
    "To": f"<{URI}>",
    "Call-ID": "a-call@192.0.2.7",
    "CSeq": "7 SUBSCRIBE",
    "Contact": "<sip:192.0.2.7:5060>",
    "Event": 'ua-profile;profile-type="device";vendor="Yealink";model="T53W";version="96.87.0.16"',
    "User-Agent": "Yealink SIP-T53W 96.87.0.16",
    "Expires": "0",
    "Content-Length": "0",
}


def subscribe(changed: Mapping[str, str | None] = {}, *, uri: str = URI) -> bytes:
    """A SUBSCRIBE with some headers changed, added or (None) left out."""
    headers = {**HEADERS, **changed}
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "".join(f"{line}\r\n" for line in (f"SUBSCRIBE {uri} SIP/2.0", *lines, "")).encode()


def read(message: bytes) -> tuple[str, dict[str, str], str]:
    """Start line, headers and body of a message of ours; no header may come twice but Via."""
    head, _, body = message.decode().partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    names = [name for name, _ in pairs if name != "Via"]
    assert len(names) == len(set(names)), names
    return start, dict(pairs), body
