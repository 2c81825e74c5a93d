"""What a service wrote, made fit to be shown: one short line without secrets.

Services repeat what they were sent, and Falconieri puts the vendor's text into its own: an address
with a token, a password, a signature may stand in any error.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

HIDDEN = "…"
MAX_CHARACTERS = 200

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:/{1,2}\S*", re.IGNORECASE)
# Tokens, signatures, digests: long, without a blank, with a digit. Error codes have no digit, and
# MAC addresses are shorter.
_TOKEN_LIKE = re.compile(r"(?=[^\s\d]*\d)[\w+/=.~%-]{20,}")
_MARKUP = re.compile(r"<[^<>]{0,200}>")
_SEPARATORS = re.compile(r"[/?&=#]+")
_MAX_READ = 4000
_MIN_PART = 6  # shorter parts of an address are no secrets: en, p, cfg


def cleaned(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, whatever looks like one, control characters and markup."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    if len(text) > _MAX_READ:  # The word that is cut may be half a secret.
        text = text[:_MAX_READ].rpartition(" ")[0]
    text = _ADDRESS.sub(HIDDEN, text)
    text = _TOKEN_LIKE.sub(HIDDEN, text)
    text = _MARKUP.sub(" ", text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1] + HIDDEN


def parts_of(url: str) -> Iterator[str]:
    """The parts of an address that must not be repeated: the whole, and each word of its path."""
    yield url
    _, _, path = url.partition("://")[2].partition("/")
    for form in (path, unquote(path)):
        yield from (part for part in (form, *_SEPARATORS.split(form)) if len(part) >= _MIN_PART)
