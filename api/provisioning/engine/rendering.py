"""From the typed phone to bytes: sandboxed Jinja2 with output formats that own their escaping.

``lines``: one parameter a line (``key = value``); a value can never start a new line.
``xml``: everything that is printed is escaped, in attributes too; characters that XML does not
allow are dropped.

A template sees ``phone`` (:class:`~provisioning.engine.phone.Phone`), ``model`` (the shipped
model or none), ``facts`` (the vendor's, overlaid by the model's) and ``variables`` (the flat
settings, for a site's own templates). The filter ``code("map")`` gives the vendor's word for a
value: ``{{ key.type | code("linekey_type") }}``; ``on`` writes 1 or 0.
"""

import dataclasses
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from provisioning.engine import identification, keys, phone, timezones, vendors
from provisioning.engine.phone import Phone
from provisioning.engine.vendors import Library, TemplateRef, Vendor

# Line separators of every kind: C0 and C1 controls, DEL, Unicode's line and paragraph separator.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What XML 1.0 cannot hold, even as a reference.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HARMLESS = {LoopContext} | {
    thing
    for module in (identification, keys, phone, timezones, vendors)
    for thing in vars(module).values()
    if isinstance(thing, type) and dataclasses.is_dataclass(thing)
}
_MISTAKES = (
    ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip


class RenderingError(Exception):
    """A template that is missing or fails; the text names template, line and reason."""


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox that lets our own dataclasses and ``loop`` pass: they hold nothing to protect.

    The maps in them are shared by all phones of a model: no template may change one.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) in _HARMLESS and not attribute.startswith("_"):
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


class VendorTemplates:
    """The compiled templates of one vendor."""

    def __init__(self, vendor: Vendor):
        self.vendor = vendor

    @cached_property
    def environment(self) -> _Environment:
        """The vendor's sandbox: its folders, its format, its words."""
        environment = _Environment(
            loader=FileSystemLoader([str(folder) for folder in self.vendor.folders]),
            autoescape=self.vendor.format == "xml",
            finalize=xml_text if self.vendor.format == "xml" else one_line,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
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
        vendor = self._vendors[template.vendor]
        model = phone.model
        context = {
            "phone": phone,
            "model": model,
            "facts": {**vendor.vendor.facts, **(model.facts if model else {})},
            "variables": variables,
        }
        return vendor.render(template.file, context)
