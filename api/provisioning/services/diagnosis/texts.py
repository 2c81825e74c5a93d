"""The words of a diagnosis, ``templates/diagnosis.yaml``: what each finding means.

The file's head describes its members.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from provisioning.engine.parameter import Text
from provisioning.services.diagnosis.found import Value
from provisioning.services.site import shipped_data

Result = Literal["ok", "problem", "attention", "unknown", "not_applicable"]
RESULTS: tuple[Result, ...] = get_args(Result)

OPTIONAL = frozenset({"reason"})
"""Facts that a sentence names last and does without."""


class DiagnosisFileError(ValueError):
    """A ``diagnosis.yaml`` that cannot be used; the text has one line for each mistake."""


@dataclass(frozen=True, slots=True)
class FindingText:
    """What a finding means."""

    result: Result
    text: Text
    next: str | None
    """Code of the next step; every problem has one."""


@dataclass(frozen=True, slots=True)
class Texts:
    """All that a diagnosis may say, by code."""

    steps: Mapping[str, Text]
    findings: Mapping[str, FindingText]
    next_steps: Mapping[str, Text]

    @classmethod
    def load(cls, path: Path) -> "Texts":
        """Read ``diagnosis.yaml``.

        Raises:
            DiagnosisFileError: with all mistakes of the file.
        """
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        mistakes = list(_mistakes(data))
        if mistakes:
            raise DiagnosisFileError("\n".join(f"{path.name}: {mistake}" for mistake in mistakes))
        return cls(
            steps={code: _text(entry) for code, entry in data["steps"].items()},
            findings={
                code: FindingText(entry["result"], _text(entry), entry.get("next"))
                for code, entry in data["findings"].items()
            },
            next_steps={code: _text(entry) for code, entry in data["next_steps"].items()},
        )


def sentence(text: Text, facts: Mapping[str, Value]) -> Text:
    """A text with its facts put in; one that nobody knows reads ``?``."""
    shown = {name: "" if name in OPTIONAL else "?" for name in named_in(text)}
    shown |= {name: _shown(value) for name, value in facts.items()}
    return Text(*(written.format_map(shown).strip() for written in (text.en, text.it)))


def named_in(text: Text) -> set[str]:
    """The facts that a text names, in either language."""
    return _names(text.en) | _names(text.it)


def _names(written: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(written) if name is not None}


def _shown(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return str(value) if isinstance(value, str | int) else ", ".join(value)


def _text(entry: Mapping[str, str]) -> Text:
    return Text(entry["en"], entry["it"])


def _mistakes(data: Any) -> Any:
    if not isinstance(data, dict) or set(data) != {"steps", "findings", "next_steps"}:
        yield "steps, findings and next_steps belong here"
        return
    for section, entries in data.items():
        for code, entry in entries.items():
            for mistake in _mistakes_of(section, entry, data["next_steps"]):
                yield f"{section}: {code}: {mistake}"


def _mistakes_of(section: str, entry: Any, next_steps: Mapping[str, object]) -> Any:
    members = {"en", "it"} | ({"result", "next"} if section == "findings" else set())
    if not isinstance(entry, dict) or not entry.keys() <= members:
        yield f"only {', '.join(sorted(members))} belong here"
        return
    texts = [entry.get(language) for language in ("en", "it")]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        yield "the text in en or it is missing"
    elif _names(entry["en"]) != _names(entry["it"]):
        yield "the two languages name different facts"
    if section != "findings":
        return
    if entry.get("result") not in RESULTS:
        yield f"result is not one of {', '.join(RESULTS)}"
    if entry.get("result") == "problem" and "next" not in entry:
        yield "a problem needs a next step"
    if "next" in entry and entry["next"] not in next_steps:
        yield f"{entry['next']} is no next step"


TEXTS = Texts.load(shipped_data() / "diagnosis.yaml")
"""What is shipped."""
