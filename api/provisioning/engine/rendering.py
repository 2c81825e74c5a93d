"""From the typed phone to bytes: sandboxed Jinja2 with output formats that own their escaping.

``lines``: one parameter a line (``key = value``); a value can never start a new line.
``xml``: everything that is printed is escaped, in attributes too; characters that XML does not
allow are dropped.
``words``: commands made of words; a value that is not exactly one harmless word fails the
rendering.

A template sees ``phone`` (:class:`~provisioning.engine.phone.Phone`), ``model`` (the shipped
model or none), ``facts`` (the vendor's, overlaid by the model's) and ``variables`` (the flat
settings, for a site's own templates). The filter ``code("map")`` gives the vendor's word for a
value: ``{{ key.type | code("linekey_type") }}``; ``on`` writes 1 or 0.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from provisioning.engine import identification, keys, phone, timezones, vendors
from provisioning.engine.phone import Phone
from provisioning.engine.vendors import Library, TemplateRef

# Line separators of every kind: C0 and C1 controls, DEL, Unicode's line and paragraph separator.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What XML 1.0 cannot hold, even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a command line takes as one argument: no blank, quote, comment sign or separator.
_WORD = re.compile(r"[A-Za-z0-9._:/+-]+")
_MISTAKES = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip


class RenderingError(Exception):
    """A template that is missing or fails; the text names template, line and reason."""


def dataclasses_of(*modules: ModuleType) -> frozenset[type]:
    """The dataclasses of some modules, for :class:`VendorTemplates`."""
    found = (thing for module in modules for thing in vars(module).values())
    return frozenset(t for t in found if isinstance(t, type) and dataclasses.is_dataclass(t))


_OF_PHONES = dataclasses_of(identification, keys, phone, timezones, vendors)


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox that lets our own dataclasses and ``loop`` pass: they hold nothing to protect.

    The maps in them are shared by all phones of a model: no template may change one.
    """

    harmless: frozenset[type] = frozenset()

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in self.harmless and not attribute.startswith("_"):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


def one_line(value: object) -> object:
    """A value for a line format: text without anything that could end the line."""
    if isinstance(value, str) and not value.isprintable():
        return _CONTROLS.sub("", value)
    return "" if value is None else value


def xml_text(value: object) -> object:
    """A value for XML, without characters that XML cannot hold; autoescape does the rest."""
    if type(value) is str and not value.isprintable():
        return _NOT_XML.sub("", value)
    return "" if value is None else value


def one_word(value: object) -> object:
    """A value for a command: one argument that no command line reads as more.

    Raises:
        ValueError: it is something else; the value itself, which may be secret, is not repeated.
    """
    text = str(value)
    if not _WORD.fullmatch(text):
        raise ValueError("a value is not one word of letters, digits and . _ : / + -")
    return text


_FINALIZE: Mapping[str, Callable[[object], object]] = {
    "lines": one_line,
    "words": one_word,
    "xml": xml_text,
}


class TemplateOwner(Protocol):
    """Whose templates they are: a vendor of phones, or a brand of gateways in one format."""

    @property
    def id(self) -> str:
        """Its name in what is said of a mistake."""

    @property
    def format(self) -> str:
        """``lines``, ``words`` or ``xml``."""

    @property
    def folders(self) -> Sequence[Path]:
        """Where its templates are, the first that has one wins."""

    @property
    def values(self) -> Mapping[str, Mapping[str, object]]:
        """Its words, for the filter ``code``."""


class VendorTemplates:
    """The compiled templates of one vendor.

    Args:
        vendor: their owner.
        harmless: the dataclasses that templates may read without the sandbox's checks.
    """

    def __init__(self, vendor: TemplateOwner, harmless: frozenset[type] = _OF_PHONES):
        self.vendor = vendor
        self._harmless = harmless | {LoopContext}

    @cached_property
    def environment(self) -> _Environment:
        """The vendor's sandbox: its folders, its format, its words."""
        environment = _Environment(
            loader=FileSystemLoader([str(folder) for folder in self.vendor.folders]),
            autoescape=self.vendor.format == "xml",
            finalize=_FINALIZE[self.vendor.format],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        environment.harmless = self._harmless
        environment.filters["code"] = self._code
        environment.filters["on"] = lambda flag: 1 if flag else 0
        return environment

    def _code(self, value: object, name: str) -> object:
        words = self.vendor.values[name]
        found = words.get(str(value))
        return words.get("*", "") if found is None else found

    def render(self, file: str, context: Mapping[str, object]) -> bytes:
        """Render a file of the vendor.

        Raises:
            RenderingError: the template is missing or fails.
        """
        try:
            return self.environment.get_template(file).render(context).encode("utf-8")
        except TemplateNotFound as missing:
            name = f"{self.vendor.id}/{missing.name}"
            raise RenderingError(f"template {name} does not exist") from missing
        except TemplateError as mistake:
            line = getattr(mistake, "lineno", None)
            where = f"{self.vendor.id}/{file}" + (f" line {line}" if line else "")
            raise RenderingError(f"template {where}: {mistake.message}") from mistake
        except _MISTAKES as mistake:  # a site's own template may do anything; it fails alone
            reason = f"{type(mistake).__name__}: {mistake}"
            raise RenderingError(f"template {self.vendor.id}/{file}: {reason}") from mistake


class Renderer:
    """Renders any template of a library."""

    def __init__(self, library: Library):
        self.library = library
        self._vendors = {v.id: VendorTemplates(v) for v in library.vendors.values()}

    def render(self, template: TemplateRef, phone: Phone, variables: Mapping[str, str]) -> bytes:
        """Render a template for a phone: the same input gives the same bytes, at any time.

        Raises:
            RenderingError: the template is missing or fails.
        """
        owner = self.library.vendors[template.vendor]
        model = phone.model
        context = {
            "phone": phone,
            "model": model,
            "facts": {**owner.facts, **(model.facts if model else {})},
            "variables": variables,
        }
        return self._vendors[owner.id].render(template.file, context)
