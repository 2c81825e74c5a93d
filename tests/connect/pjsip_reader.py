"""Reads ``pjsip.conf`` by Asterisk's rules, to see what became of the values we wrote."""

import re

Section = tuple[str, list[tuple[str, str]]]


def read(text: str) -> list[Section]:
    """The sections in order: name, and settings in order."""
    sections: list[Section] = []
    # Asterisk knows no line break but "\n"; what others take for one must not hide here either.
    for line in map(_without_comment, text.split("\n")):
        if not line:
            continue
        assert len(line.encode()) < 8192, "Asterisk refuses lines as long as this"
        assert line[0] not in "#", "an #include or #exec"
        if line[0] == "[":
            sections.append((re.fullmatch(r"\[([^\[\]]+)\]", line)[1], []))
        else:
            name, _, value = line.partition("=")
            assert not value.startswith(">")
            assert not name.endswith("+")
            sections[-1][1].append((name.strip(), value.strip()))
    return sections


def read_caller_id(value: str) -> tuple[str, str]:
    """Name and number of ``"Name" <number>``."""
    name, number = re.fullmatch(r'"((?:[^"\\]|\\.)*)" <([^<>]*)>', value).groups()
    return re.sub(r"\\(.)", r"\1", name), number


def _without_comment(line: str) -> str:
    start = 0
    while (found := line.find(";", start)) >= 0:
        if found > start and line[found - 1] == "\\":
            line = line[: found - 1] + line[found:]
            start = found
        else:
            assert not line.startswith(";--", found), "a comment of several lines"
            line = line[:found]
            break
    return line.strip("".join(map(chr, range(33))))
