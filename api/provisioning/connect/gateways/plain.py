"""What a device writes, as plain text that no screen or log obeys."""

import re

_ESCAPES = re.compile(
    r"""
      (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]                      # cursor, colours
    | (?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])           # titles and the like, on one line
      [^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?
    | \x1b[ -/]*[0-~]                                       # everything else
    """,
    re.VERBOSE,
)
_ENDS = re.compile(r"\r+\n|\r")


def plain(received: bytes) -> str:
    """Text without terminal escapes and control characters, its lines ended by a line feed alone.

    Characters that turn the direction of writing go too: they could make a line show other words
    than it has.
    """
    text = received.replace(b"\0", b"").decode("utf-8", "replace")
    text = _ENDS.sub("\n", _ESCAPES.sub("", text)).replace("\t", " ")
    return "".join(c for c in text if c == "\n" or c.isprintable())
