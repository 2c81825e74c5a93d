"""What a SIP NOTIFY asks of a phone: its Event header, e.g. ``check-sync;reboot=false``."""

import re

# An event and its parameters (RFC 6665 8.4) as plain words without blanks: phones compare the whole
# text, and Asterisk's Manager takes a comma or a quote as the end of a value.
_WORD = r"[A-Za-z0-9.!%*_+`'~-]+"
_EVENT = re.compile(rf"{_WORD}(?:;{_WORD}(?:={_WORD})?)*")
_MAX_LENGTH = 100

EVENT_ALLOWED = "an event and its parameters without blanks, like check-sync;reboot=false"


def is_event(text: str) -> bool:
    """Whether a text may be the value of an Event header."""
    return len(text) <= _MAX_LENGTH and _EVENT.fullmatch(text) is not None
