"""Reading ``parameters.yaml``: every mistake is told with file, line and entry, all at once."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import yaml

from provisioning.engine.parameter import (
    Choice,
    Collection,
    Index,
    KeyValue,
    Parameter,
    Text,
    Type,
    Writer,
)
from provisioning.engine.values import ValueNotAllowed, VariablesRefused, stored_form

_SECTIONS = {"categories", "parameters"}
_MEMBERS = {
    "index", "type", "values", "also", "range", "unit", "default", "category", "secret", "writer",
    "reboot", "collection", "label", "help", "pattern", "allowed",
}  # fmt: skip
_CHOICE_MEMBERS = {"label", "value", "help"}
_ONLY_FOR = {
    "values": ("integer", "choice", "list"),
    "also": ("choice",),
    "range": ("integer",),
    "unit": ("integer",),
    "collection": ("file",),
    "pattern": ("text",),
    "allowed": ("text",),
}
_NEEDED_BY = {
    "values": ("choice", "list"),
    "collection": ("file",),
}


class CatalogueFileError(ValueError):
    """A ``parameters.yaml`` that cannot be used; the text has one line for each mistake."""

    def __init__(self, mistakes: list[str]):
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class _EntryError(ValueError):
    """What is wrong with one member of an entry."""


def read_catalogue(path: Path) -> tuple[dict[str, Text], list[Parameter]]:
    """Read categories and settings.

    Raises:
        CatalogueFileError: with all mistakes of the file.
    """
    data, lines, mistakes = _read(path)
    categories: dict[str, Text] = {}
    for name, entry in data["categories"].items():
        try:
            _refuse_unknown(entry, {"label"})
            categories[str(name)] = _text(entry, "label")
        except _EntryError as mistake:
            mistakes.append(f"{path.name}: category {name}: {mistake}")
    entries = data["parameters"]
    parameters: list[Parameter] = []
    for name, entry in entries.items():
        try:
            parameters.append(_parameter(name, entry, entries, categories))
        except _EntryError as mistake:
            mistakes.append(f"{path.name}:{lines.get(name, 1)}: {name}: {mistake}")
    if mistakes:
        raise CatalogueFileError(mistakes)
    return categories, parameters


def _read(path: Path) -> tuple[Mapping[str, Mapping[Any, Any]], dict[str, int], list[str]]:
    """Data, lines of the settings, and names that stand there twice (YAML keeps only the last)."""
    loader = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
    try:
        root = loader.get_single_node()
        data = loader.construct_document(root) if isinstance(root, yaml.MappingNode) else {}
    except yaml.YAMLError as error:
        raise CatalogueFileError([f"{path.name}: {error}"]) from error
    finally:
        loader.dispose()
    if set(data) != _SECTIONS or not all(isinstance(part, dict) for part in data.values()):
        raise CatalogueFileError([f"{path.name}: categories and parameters belong here"])
    lines: dict[str, int] = {}
    mistakes: list[str] = []
    for section, mapping in root.value if root else ():
        for key, _ in mapping.value if section.value == "parameters" else ():
            line = key.start_mark.line + 1
            if key.value in lines:
                mistakes.append(f"{path.name}:{line}: {key.value}: stands there twice")
            lines[key.value] = line
    return data, lines, mistakes


def _parameter(
    name: object, entry: Any, entries: Mapping[Any, Any], categories: Mapping[str, Text]
) -> Parameter:
    if not isinstance(name, str):
        raise _EntryError("YAML reads this name as another type; quote it")
    try:
        stored_form({name: None})
    except VariablesRefused as refused:
        raise _EntryError(refused.errors[0].detail) from refused
    _refuse_unknown(entry, _MEMBERS)
    type_: Type = _one_of(entry, "type", get_args(Type))
    for member, types in _ONLY_FOR.items():
        if member in entry and type_ not in types:
            raise _EntryError(f"{member} is not for the type {type_}")
    for member, types in _NEEDED_BY.items():
        if member not in entry and type_ in types:
            raise _EntryError(f"the type {type_} needs {member}")
    if ("pattern" in entry) != ("allowed" in entry):
        raise _EntryError("pattern and allowed (the pattern in words) belong together")
    low, high = _range(entry)
    listed = _listed(entry, entries)
    parameter = Parameter(
        name=name,
        type=type_,
        category=_one_of(entry, "category", tuple(categories)),
        label=_text(entry, "label"),
        help=_text(entry, "help"),
        index=_one_of(entry, "index", get_args(Index)) if "index" in entry else None,
        values=_choices(listed.get("values", [])),
        also=tuple(_word(word) for word in listed.get("also", [])),
        minimum=low,
        maximum=high,
        unit=_string(entry, "unit"),
        default=_string(entry, "default"),
        secret=_flag(entry, "secret"),
        writer=_one_of(entry, "writer", get_args(Writer)) if "writer" in entry else "admin",
        reboot=_flag(entry, "reboot"),
        collection=(
            _one_of(entry, "collection", get_args(Collection)) if "collection" in entry else None
        ),
        pattern=_pattern(entry),
        allowed=_text(entry, "allowed") if "allowed" in entry else None,
    )
    _check_own_values(parameter)
    return parameter


def _check_own_values(parameter: Parameter) -> None:
    own = {f"value {word}": word for word in parameter.words}
    if parameter.default is not None:
        own["default"] = parameter.default
        if parameter.index:
            raise _EntryError("default is for settings without index")
    for what, value in own.items():
        try:
            if parameter.check(value) == value:
                continue
        except ValueNotAllowed as refused:
            raise _EntryError(f"{what}: {refused.detail}") from refused
        raise _EntryError(f"{what}: it would be stored as {parameter.check(value)!r}")


def _listed(entry: Mapping[str, Any], entries: Mapping[Any, Any]) -> Mapping[str, Any]:
    """The entry that holds the values: this one, or another whose name stands for its values."""
    of = entry.get("values")
    if not isinstance(of, str):
        return entry
    other = entries.get(of)
    if not isinstance(other, dict) or not isinstance(other.get("values"), dict | list):
        raise _EntryError(f"values: {of} is not a setting with values")
    return other


def _choices(values: Any) -> tuple[Choice, ...]:
    if isinstance(values, list):
        return tuple(Choice(_word(word), Text(str(word), str(word))) for word in values)
    if not isinstance(values, dict):
        raise _EntryError("values: a list, a mapping, or the name of another setting is needed")
    return tuple(_choice(_word(word), entry) for word, entry in values.items())


def _choice(word: str, entry: Any) -> Choice:
    try:
        _refuse_unknown(entry, _CHOICE_MEMBERS)
        return Choice(
            value=word,
            label=_text(entry, "label"),
            key_value=_one_of(entry, "value", get_args(KeyValue)) if "value" in entry else "none",
            help=_text(entry, "help") if "help" in entry else None,
        )
    except _EntryError as mistake:
        raise _EntryError(f"value {word}: {mistake}") from mistake


def _word(word: object) -> str:
    if isinstance(word, bool) or not isinstance(word, str | int):
        raise _EntryError(f"YAML reads a value as {word!r}; quote it")
    return str(word)


def _refuse_unknown(entry: Any, members: set[str]) -> None:
    if not isinstance(entry, dict):
        raise _EntryError("members are missing")
    for member in entry:
        if member not in members:
            raise _EntryError(f"unknown member {member}")


def _text(entry: Mapping[str, Any], member: str) -> Text:
    found = entry.get(member)
    texts = found if isinstance(found, dict) else {}
    for language in ("en", "it"):
        text = texts.get(language)
        if not isinstance(text, str) or not text.strip():
            raise _EntryError(f"{member}: the text in {language} is missing")
    if len(texts) > 2:
        raise _EntryError(f"{member}: only en and it")
    return Text(texts["en"], texts["it"])


def _one_of(entry: Mapping[str, Any], member: str, values: tuple[str, ...]) -> Any:
    found = entry.get(member)
    if found not in values:
        raise _EntryError(f"{member}: {found!r} is not one of {', '.join(values)}")
    return found


def _string(entry: Mapping[str, Any], member: str) -> str | None:
    found = entry.get(member)
    if found is not None and not isinstance(found, str):
        raise _EntryError(f"{member}: {found!r} is not text; quote it")
    return found


def _flag(entry: Mapping[str, Any], member: str) -> bool:
    found = entry.get(member, False)
    if not isinstance(found, bool):
        raise _EntryError(f"{member}: true or false is needed")
    return found


def _range(entry: Mapping[str, Any]) -> tuple[int | None, int | None]:
    found = entry.get("range", [None, None])
    if "range" in entry:
        if not (isinstance(found, list) and [type(end) for end in found] == [int, int]):
            raise _EntryError("range: two whole numbers are needed")
        if found[0] > found[1]:
            raise _EntryError("range: the first number is the greater one")
    return found[0], found[1]


def _pattern(entry: Mapping[str, Any]) -> re.Pattern[str] | None:
    text = _string(entry, "pattern")
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise _EntryError(f"pattern: {error}") from error
