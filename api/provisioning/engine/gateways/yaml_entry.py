"""Entries of a ``brand.yaml`` read as what they must be; a mistake is told with file and line.

A guess is written ``{value: …, verified: false}``, or as an entry with a member
``verified: false``. Either is read as if ``verified`` were not there, and its place is kept.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from provisioning.engine.parameter import Text
from provisioning.engine.yaml_lines import line_of

Where = tuple[str, ...]
_MISSING: Any = object()
_LANGUAGES = ("en", "it")


class BrandFileError(ValueError):
    """A ``brand.yaml`` that cannot be used; the text names file, line and entry."""

    def __init__(self, file: Path, where: Sequence[str], reason: str):
        line = line_of(file, where)
        super().__init__(f"{file}:{line}: {'.'.join(where) or 'file'}: {reason}")
        self.file = file


class Entry:
    """One entry of the file, or of several that overlay each other, with its place."""

    def __init__(self, layers: "Layers", value: Any, where: Where = ()):
        self._layers = layers
        self.value = value
        self.where = where

    def fail(self, reason: str) -> NoReturn:
        """Refuse the entry.

        Raises:
            BrandFileError: always.
        """
        raise BrandFileError(self._layers.file_of(self.where), self.where, reason)

    @property
    def verified(self) -> bool:
        """Whether neither the entry nor one it lies in is a guess."""
        return not any(self.where[: len(guess)] == guess for guess in self._layers.unverified)

    def __contains__(self, member: str) -> bool:
        return isinstance(self.value, dict) and member in self.value

    def members(self, *names: str) -> None:
        """Refuse an entry that is no mapping, or has members of other names."""
        for name, member in self.items():
            if name not in names:
                member.fail(f"unknown member; there are {', '.join(sorted(names))}")

    def items(self) -> Iterator[tuple[str, "Entry"]]:
        """The members of a mapping, by name."""
        if not isinstance(self.value, dict):
            self.fail("is not a mapping of names to values")
        for name, value in self.value.items():
            yield str(name), Entry(self._layers, value, (*self.where, str(name)))

    def get(self, member: str, default: Any = _MISSING) -> "Entry":
        """A member of a mapping; without a default it must be there."""
        for name, found in self.items():
            if name == member:
                return found
        if default is _MISSING:
            self.fail(f"{member} is missing")
        return Entry(self._layers, default, (*self.where, member))

    def entries(self) -> list["Entry"]:
        """The entries of a list."""
        if not isinstance(self.value, list):
            self.fail("must be a list")
        return [
            Entry(self._layers, value, (*self.where, str(n))) for n, value in enumerate(self.value)
        ]

    def text(self) -> str:
        """The entry as text."""
        if not isinstance(self.value, str):
            self.fail("must be text; quote it")
        return self.value

    def one_of(self, allowed: Sequence[str]) -> str:
        """The entry as one of some words."""
        if self.value not in allowed:
            self.fail(f"{self.value!r} is not one of {', '.join(allowed)}")
        return str(self.value)

    def flag(self) -> bool:
        """The entry as true or false."""
        if not isinstance(self.value, bool):
            self.fail("must be true or false")
        return self.value

    def integer(self) -> int:
        """The entry as a whole number that is not negative."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            self.fail("must be a whole number")
        return self.value

    def seconds(self) -> float:
        """The entry as a duration in seconds."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.fail("must be a number of seconds")
        if not 0 <= self.value <= 3600:
            self.fail("must be 0 to 3600 seconds")
        return float(self.value)

    def pattern(self, *groups: str) -> re.Pattern[str]:
        """The entry as a regular expression that has these groups."""
        try:
            pattern = re.compile(self.text())
        except re.error as mistake:
            self.fail(f"is not a regular expression: {mistake}")
        for group in groups:
            if group not in pattern.groupindex:
                self.fail(f"needs the group (?P<{group}>…)")
        return pattern

    def label(self) -> Text:
        """The entry as a text in both languages."""
        self.members(*_LANGUAGES)
        for language in _LANGUAGES:
            if not self.get(language).text().strip():
                self.fail(f"the text in {language} is missing")
        return Text(self.value["en"], self.value["it"])


class Layers:
    """The files of a brand, the shipped one first, read as one."""

    def __init__(self, files: Sequence[Path]):
        self._files: list[tuple[Path, dict[str, Any]]] = []
        self.unverified: set[Where] = set()
        merged: Any = {}
        for file in files:
            content = _read(file)
            self._files.append((file, content))
            merged = _overlaid(merged, content)
        self.top = Entry(self, self._settled(merged, ()))

    def file_of(self, where: Where) -> Path:
        """The last file that has an entry, or part of the way to it."""
        depths = [(_depth(content, where), n) for n, (_, content) in enumerate(self._files)]
        return self._files[max(depths)[1]][0]

    def _settled(self, value: Any, where: Where) -> Any:
        """The value without the marks of guesses, which are kept apart."""
        if isinstance(value, list):
            return [self._settled(found, (*where, str(n))) for n, found in enumerate(value)]
        if not isinstance(value, dict):
            return value
        rest = dict(value)
        if "verified" in rest:
            verified = rest.pop("verified")
            if not isinstance(verified, bool):
                Entry(self, verified, (*where, "verified")).fail("must be true or false")
            if not verified:
                self.unverified.add(where)
            # A pattern alone may be written as {pattern: …, verified: false} too.
            if len(rest) == 1 and rest.keys() <= {"value", "pattern"}:
                return self._settled(next(iter(rest.values())), where)
        return {name: self._settled(found, (*where, str(name))) for name, found in rest.items()}


def _overlaid(below: Any, above: Any) -> Any:
    """Mappings are merged, everything else is replaced."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    merged = dict(below)
    for name, value in above.items():
        merged[name] = _overlaid(below[name], value) if name in below else value
    return merged


def _depth(content: Any, where: Where) -> int:
    for depth, step in enumerate(where):
        names = {str(name): name for name in content} if isinstance(content, dict) else {}
        if isinstance(content, list) and step.isdigit() and int(step) < len(content):
            content = content[int(step)]
        elif step in names:
            content = content[names[step]]
        else:
            return depth
    return len(where)


def _read(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text(encoding="utf-8")
        root = yaml.compose(text, yaml.CSafeLoader)
        data = yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as mistake:
        raise BrandFileError(file, (), str(mistake)) from mistake
    if not isinstance(data, dict):
        raise BrandFileError(file, (), "is not a mapping of names to values")
    for where in _twice(root, ()):
        raise BrandFileError(file, where, "stands there twice")
    return data


def _twice(node: yaml.Node | None, where: Where) -> Iterator[Where]:
    """Names that a mapping has twice: YAML would keep the last and say nothing."""
    if isinstance(node, yaml.MappingNode):
        names: set[object] = set()
        for key, value in node.value:
            place = (*where, str(key.value))
            if key.value in names:
                yield place
            names.add(key.value)
            yield from _twice(value, place)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _twice(value, (*where, str(number)))
