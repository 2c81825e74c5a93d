"""The INI dialect of Tancredi's files, read as PHP reads it in its normal mode.

Python's ``configparser`` would misread these files without a word: here ``no`` is the empty string,
``"a" "b"`` is ``ab``, a quoted value runs over several lines, and a backslash means three
different things. One mistake voids a whole file, as it did for Tancredi.

Where we differ, on purpose: ``${NAME}`` stays as it is written. PHP put a setting of the server or
an environment variable in its place, so that a display name could read out the server's secrets.
Operators (``a|b``) are refused, not calculated, and a single quote that is never closed is refused
too: PHP dropped the rest of the file there.

Sources: what Tancredi 1.9 writes, and the answers of PHP 8.2, which the tests repeat.
"""

import re
from dataclasses import dataclass
from typing import NoReturn

Sections = dict[str, dict[str, str]]

_KEYWORDS = dict.fromkeys(("true", "on", "yes"), "1") | dict.fromkeys(
    ("false", "off", "no", "none", "null"), ""
)
_BLANKS = " \t"
_LINE_ENDS = "\r\n"

_REST_OF_LINE = re.compile(r"[^\r\n]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_BLANK_RUN = re.compile(r"[ \t]*")
_SECTION = re.compile(r"\[([^\]\r\n;]*)\]")
_NAME = re.compile(r"""[^=;\r\n\[{}|&~!()^"$]*""")
_INDEX = re.compile(r"\[[^\]\r\n]*\][ \t]*")
_WORD = re.compile(r"""[^ \t\r\n;"'=|&^~!()]+""")
_PLAIN_IN_QUOTES = re.compile(r'[^"\\]+')


class IniError(ValueError):
    """A file that PHP would not read either; nothing in it can be trusted.

    The reason never repeats a value: it may be a password.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in a readable file that is not in the result, or that hides something else."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class IniFile:
    """What a file says, and what had to be said about it."""

    sections: Sections
    remarks: tuple[Remark, ...]


def read_ini(text: str) -> Sections:
    """Read a file: section, then name, then value. All values are text, ``007`` too.

    Of a name that occurs twice in a section the later value stands; of a section that occurs twice
    the later one stands, whole. A line without ``=`` says nothing.

    Raises:
        IniError: what PHP calls a syntax error.
    """
    return parse(text).sections


def parse(text: str) -> IniFile:
    """Read a file as :func:`read_ini` does, with remarks on what the result does not show.

    These are lists (``name[] = …``), which Tancredi stored by accident and which are left out,
    entries before the first section, and sections that a later one of the same name replaces.

    Raises:
        IniError: what PHP calls a syntax error.
    """
    return _Reader(text).read()


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, with or without a byte order mark, else latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


class _Reader:
    """One pass over a text, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.sections: Sections = {}
        self.section: dict[str, str] | None = None
        self.remarks: list[Remark] = []

    def read(self) -> IniFile:
        nul = self.text.find("\0")
        if nul >= 0:
            self.fail("a NUL byte; the file is damaged", at=nul)
        self.take(_SPACE)
        while self.at < len(self.text):
            match self.text[self.at]:
                case ";":
                    self.take(_REST_OF_LINE)
                case "[":
                    self.read_section()
                case _:
                    self.read_entry()
            self.take(_SPACE)
        return IniFile(self.sections, tuple(self.remarks))

    def read_section(self) -> None:
        found = _SECTION.match(self.text, self.at)
        if found is None:
            self.fail("a section name that is not closed with ] on its line")
        name = found[1]
        if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
            name = name[1:-1]
        if name in self.sections:
            # Also the trace of a value that broke out of its quotes in Tancredi's writer.
            self.remark(
                f"a second section [{name}]; Tancredi read only the last one, and so do we. "
                "If nobody wrote it by hand, a value has forged it: look at both"
            )
        self.section = self.sections[name] = {}
        self.at = found.end()

    def read_entry(self) -> None:
        start = self.at
        name = self.take(_NAME).strip(_BLANKS)
        following = self.text[self.at : self.at + 1]
        if following in ("", ";", *_LINE_ENDS):
            return
        index = self.take(_INDEX) if following == "[" else ""
        if not self.text.startswith("=", self.at):
            self.fail("a character that cannot stand in a name")
        if not name:
            self.fail("no name before =", at=start)
        if name.lower() in _KEYWORDS:
            self.fail("a word that means a value (yes, no, null …) where a name belongs", at=start)
        self.at += 1
        value = self.read_value()
        if self.section is None:
            self.remark(f"{name} stands before the first section and was not read", at=start)
        elif index:
            self.section.pop(name, None)
            self.remark(f"{name} is a list; settings are texts, so it was left out", at=start)
        else:
            self.section[name] = value

    def read_value(self) -> str:
        """Read up to the end of the line or a comment, and join the pieces.

        Blanks between words belong to the value; those on either side of a double quote do not.
        """
        start = self.at
        pieces: list[str] = []
        blanks = ""
        keyword = False
        self.take(_BLANK_RUN)
        while (char := self.text[self.at : self.at + 1]) not in ("", ";", *_LINE_ENDS):
            if char == '"':
                piece = self.read_double_quoted()
                self.take(_BLANK_RUN)
                blanks = ""
            elif char == "'":
                piece = self.read_single_quoted()
            elif char in _BLANKS:
                blanks = self.take(_BLANK_RUN)
                continue
            elif piece := self.take(_WORD):
                keyword = keyword or piece.lower() in _KEYWORDS
                piece = _KEYWORDS.get(piece.lower(), piece)
            else:
                self.fail("one of = | & ^ ~ ! ( ) in a value without quotes")
            pieces += (blanks, piece)
            blanks = ""
        if char == ";":
            self.take(_REST_OF_LINE)
        if keyword and len(pieces) > 2:
            self.fail("a word like yes, no or null beside others, without quotes", at=start)
        return "".join(pieces)

    def read_double_quoted(self) -> str:
        start = self.at
        self.at += 1
        pieces: list[str] = []
        while self.at < len(self.text):
            pieces.append(self.take(_PLAIN_IN_QUOTES))
            char, following = self.text[self.at : self.at + 1], self.text[self.at + 1 : self.at + 2]
            if char == '"':
                self.at += 1
                return "".join(pieces)
            # A quote at the end of a line closes the text even after a backslash: Tancredi writes
            # a value that ends in a backslash without a second one.
            last = self.text[self.at + 2 : self.at + 3] in ("", *_LINE_ENDS)
            if following and (following in "\\$" or (following == '"' and not last)):
                pieces.append(following)
                self.at += 2
            else:
                pieces.append(char)
                self.at += 1
        return self.fail("a double quote that is never closed", at=start)

    def read_single_quoted(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            self.fail("a single quote that is never closed; put the value in double quotes")
        start, self.at = self.at + 1, end + 1
        return self.text[start:end]

    def take(self, pattern: re.Pattern[str]) -> str:
        """What the pattern finds at this place, perhaps nothing; goes past it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found.group()

    def line(self, at: int | None) -> int:
        """The number of the line that a place is in, from 1."""
        before = self.text[: self.at if at is None else at]
        return 1 + before.count("\n") + before.replace("\r\n", "").count("\r")

    def remark(self, text: str, at: int | None = None) -> None:
        self.remarks.append(Remark(self.line(at), text))

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise IniError(self.line(at), reason)
