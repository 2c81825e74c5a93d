"""A plan in words, a brand at a time, for DHCP servers that we write no configuration for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

import yaml

from provisioning.engine.dhcp.cover import prefixes
from provisioning.engine.dhcp.plan import OWN, OwnPhone, PhoneClass, Plan
from provisioning.engine.parameter import Text

Language = Literal["en", "it"]

_BYTE_BITS = 8
_FEW = 8  # More prefixes than this are told as a range.
_MACRO = re.compile(r"\$\w+|%\w+|\{\w+\}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences, as ``templates/dhcp.yaml`` has them."""

    vendor_class: Text
    address: Text
    range: Text
    own: Text
    except_: Text
    except_own: Text
    option_66: Text
    option_67: Text
    option_114: Text
    refused: Text
    verbatim: Text
    only_phones: Text
    not_verified: Text

    @classmethod
    def load(cls, path: Path) -> "Sentences":
        """Read the file; its comments describe the members."""
        data = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        names = {field.name: field.name.rstrip("_") for field in fields(cls)}
        found = {name: Text(**data.pop(written)) for name, written in names.items()}
        return cls(**found, **data)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What to set for one brand, or for one phone."""

    title: str
    lines: tuple[str, ...]
    """Which phones, then which options."""


def describe(plan: Plan, sentences: Sentences, language: Language) -> tuple[Instruction, ...]:
    """The plan in words: phones with an address of their own, then the brands."""
    words = _Words(sentences, language)
    titles = {c.name: c.title for c in plan.classes}
    return (
        *(Instruction(phone.mac.colons, tuple(words.own(phone))) for phone in plan.own),
        *(
            Instruction(c.title, tuple(words.phone_class(c, titles)))
            for c in plan.classes
            if c.options
        ),
    )


def render(instructions: tuple[Instruction, ...]) -> str:
    """The instructions as plain text, an empty line between them."""
    blocks = ("".join([f"{i.title}\n", *(f"  {line}\n" for line in i.lines)]) for i in instructions)
    return "\n".join(blocks)


@dataclass(frozen=True, slots=True)
class _Words:
    sentences: Sentences
    language: Language

    def say(self, sentence: Text, **values: object) -> str:
        text: str = getattr(sentence, self.language)
        return text.format(**values)

    def own(self, phone: OwnPhone) -> Iterator[str]:
        yield self.say(self.sentences.own, mac=phone.mac.colons)
        for option in phone.options:
            yield self.option(option.code, option.value)

    def phone_class(self, c: PhoneClass, titles: Mapping[str, str]) -> Iterator[str]:
        if c.vendor_classes:
            shown = (
                known.prefix
                if known.verified
                else self.say(self.sentences.not_verified, value=known.prefix)
                for known in c.vendor_classes
            )
            yield self.say(self.sentences.vendor_class, values=", ".join(shown))
        yield from self.addresses(c)
        others = [titles[name] for name in c.after if name != OWN]
        if others:
            yield self.say(self.sentences.except_, values=", ".join(others))
        if OWN in c.after:
            yield self.say(self.sentences.except_own)
        for option in c.options:
            yield self.option(option.code, option.value)
        for code in c.refused:
            yield self.say(self.sentences.refused, code=code)
        macro = next(filter(None, (_MACRO.search(option.value) for option in c.options)), None)
        if macro:
            yield self.say(self.sentences.verbatim, macro=macro[0])
        yield self.say(self.sentences.only_phones)

    def addresses(self, c: PhoneClass) -> Iterator[str]:
        short: list[str] = []
        for found in c.ranges:
            shown = list(prefixes(found, _BYTE_BITS))
            if len(shown) <= _FEW:
                short += map(_colons, shown)
            else:
                first, last = (_colons(f"{end:012x}") for end in (found.first, found.last))
                yield self.say(self.sentences.range, first=first, last=last)
        if short:
            yield self.say(self.sentences.address, values=", ".join(short))

    def option(self, code: int, value: str) -> str:
        sentence: Text = getattr(self.sentences, f"option_{code}")
        return self.say(sentence, value=value)


def _colons(digits: str) -> str:
    return ":".join(digits[i : i + 2] for i in range(0, len(digits), 2)).upper()
