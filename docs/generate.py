"""Write the pages of the manual that exist as data: phones, settings, coverage, tables, gateways.

``python docs/generate.py`` writes them from ``templates/``, in English and Italian. The texts
around the tables are in ``docs/templates/``; a test compares the pages on disk with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import gateway_pages
from functions import CATALOGUE, FUNCTIONS, GROUPS, LIBRARY, TEMPLATES, Column, columns
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provisioning.engine import table_columns
from provisioning.engine.catalogue import Catalogue
from provisioning.engine.parameter import Parameter, Text
from provisioning.engine.table_columns import SETTING, load_columns
from provisioning.engine.table_errors import MAX_ERRORS
from provisioning.engine.table_file import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from provisioning.engine.vendors import Model, Vendor

DOCS = Path(__file__).parent
LANGUAGES = ("en", "it")
PAGES: Mapping[str, Text] = {
    "phones": Text("supported-phones.md", "telefoni-supportati.md"),
    "parameters": Text("parameters.md", "parametri.md"),
    "coverage": Text("coverage.md", "copertura.md"),
    "settings": Text("settings.md", "impostazioni.md"),
    "csv": Text("csv.md", "csv.md"),
    "supported_gateways": Text("supported-gateways.md", "gateway-supportati.md"),
    "gateways": Text("gateways.md", "gateway.md"),
}
"""Kinds of page and the names of their files, which their templates share."""

APPLICATION = Catalogue.load(TEMPLATES / "settings.yaml")
TABLES = load_columns(TEMPLATES / "tables.yaml")
_LIMITS = {
    "rows": MAX_ROWS, "bytes": MAX_BYTES, "columns": MAX_COLUMNS, "errors": MAX_ERRORS,
}  # fmt: skip
_BASE = "https://HOST/provisioning"
# A choice with more values than this gets a list of its own below the table.
_VALUES_IN_A_CELL = 4
_WORDS: Mapping[str, Text] = {
    "yes": Text("yes", "sì"),
    "name": Text("NAME", "NOME"),
    "no": Text("no", "no"),
    "none": Text("none", "nessuno"),
    "unknown": Text("not known", "non nota"),
    "unset": Text("not set", "non impostato"),
    "empty": Text("empty", "vuoto"),
    "on_or_empty": Text("`1` (on) or empty (off)", "`1` (sì) oppure vuoto (no)"),
    "to": Text("to", "a"),
    "1/s": Text("a second", "al secondo"),
    "below": Text("see below", "vedi sotto"),
    "own_address": Text("each phone's own address", "l'indirizzo proprio di ogni telefono"),
    "file": Text("file among", "file tra"),
    "as": Text("as", "come"),
    "several": Text("values of {}, separated by commas", "valori di {}, separati da virgole"),
    "text": Text("text", "testo"),
    "integer": Text("whole number", "numero intero"),
    "host": Text("host name or IP address", "nome host o indirizzo IP"),
    "url": Text("URL", "URL"),
    "timezone": Text("time zone, e.g. `Europe/Rome`", "fuso orario, per esempio `Europe/Rome`"),
    "admin": Text("admin", "amministratore"),
    "pbx": Text("PBX", "centralino"),
    "runtime": Text("this service", "questo servizio"),
    "model": Text("model", "modello"),
    "required": Text("required", "obbligatorio"),
    "optional": Text("optional", "facoltativo"),
    "backgrounds": Text("backgrounds", "sfondi"),
    "firmware": Text("firmware", "firmware"),
    "ringtones": Text("ringtones", "suonerie"),
    "screensavers": Text("screensavers", "screensaver"),
    "written": Text("written", "scritta"),
    "not_offered": Text("not offered", "non offerta"),
    "not_established": Text("not established", "non accertata"),
    "phones": Text("Phones", "Telefoni"),
    "users": Text("Users", "Utenti"),
    "keys": Text("Keys", "Tasti"),
    "gateways": Text("Gateways", "Gateway"),
}


def main() -> None:
    """Write all pages."""
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


@cache
def pages() -> Mapping[Path, str]:
    """The text of every page by its path, made once: it tries every function of every model."""
    # Markdown is no markup to escape: the filter `cell` keeps a value inside its cell.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(DOCS / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    shown = list(columns())
    states = {
        (column.series.name, function): column.state(FUNCTIONS[function])
        for column in shown
        for function in FUNCTIONS
    }
    made = {}
    for language in LANGUAGES:
        words = _Language(language)
        data = {
            "phones": {"vendors": [list(found) for _, found in groupby(shown, _vendor)]},
            "parameters": {"categories": CATALOGUE.categories.items()},
            "coverage": {"columns": shown, "groups": GROUPS, "states": states},
            "settings": {"categories": _in_categories(APPLICATION)},
            "csv": {"tables": TABLES, "limits": _LIMITS},
            "supported_gateways": gateway_pages.supported(),
            "gateways": gateway_pages.guide(),
        }
        for kind, name in PAGES.items():
            file = f"{language}/{words(name)}"
            template = environment.get_template(f"{file}.j2")
            made[DOCS / file] = template.render(t=words, **data[kind])
    return made


@dataclass(frozen=True, slots=True)
class _Language:
    """What the templates of a language may ask for: the facts in its words."""

    language: str

    def __call__(self, text: Text | str) -> str:
        """A text in this language; a word may be given by its name."""
        found = _WORDS[text] if isinstance(text, str) else text
        return str(getattr(found, self.language))

    def yes_no(self, value: bool) -> str:
        return self("yes" if value else "no")

    # Phones

    def vendor(self, series: list[Column]) -> Vendor:
        return _vendor_of(series[0])

    def dhcp(self, column: Column) -> list[str]:
        """What to set in the DHCP server: options with their values."""
        vendor = _vendor_of(column)
        options = vendor.dhcp.options
        if column.series.dhcp == "own_address":
            values = [self("own_address")]
        elif column.series.dhcp == "directory":
            values = [f"`{_BASE}`"]
        else:
            file = f"/{vendor.dhcp.file_name(column.series.dhcp)}"
            # With two options the second one is a path on the server of the first.
            server, _, path = _BASE.rpartition("/")
            values = (
                [f"`{server}`", f"`/{path}{file}`"] if len(options) > 1 else [f"`{_BASE}{file}`"]
            )
        return [f"{option} = {value}" for option, value in zip(options, values, strict=True)]

    def refused_options(self, column: Column) -> str:
        return ", ".join(map(str, _vendor_of(column).dhcp.refused_options))

    def hardware(self, model: Model) -> str:
        return ", ".join(model.hardware)

    def keys(self, model: Model, kind: str) -> str:
        return _setting(model, f"cap_{kind}_count") or self("none")

    def modules(self, model: Model) -> str:
        modules, keys = (_setting(model, f"cap_{kind}_count") for kind in ("expmodule", "expkey"))
        return f"{modules} \u00d7 {keys}" if modules and keys else self("none")

    def minimum_firmware(self, model: Model) -> str:
        return model.minimum_firmware or self("unknown")

    # Settings

    def parameters(self, category: str) -> list[Parameter]:
        return [found for found in CATALOGUE.parameters.values() if found.category == category]

    def name(self, parameter: Parameter) -> str:
        return f"`{parameter.name}{'_N' if parameter.index else ''}`"

    def values(self, parameter: Parameter) -> str:
        """What the setting may hold, short enough for a cell."""
        owner = _owner_of_values(parameter)
        if parameter.type == "list":
            return self("several").format(self.name(owner))
        if owner is not parameter:
            return f"{self('as')} {self.name(owner)}"
        if self.has_list(parameter):
            return self("below")
        match parameter.type:
            case "boolean":
                return self("on_or_empty")
            case "file":
                return f"{self('file')} *{self(str(parameter.collection))}*"
            case "text" if parameter.allowed:
                return self(parameter.allowed)
            case "choice" | "integer" if parameter.values or self.range(parameter):
                return "; ".join(filter(None, (self.range(parameter), self.offered(parameter))))
            case other:
                return self(other)

    def range(self, parameter: Parameter) -> str:
        """From where to where a number goes, with its unit; empty for other types."""
        if parameter.minimum is None:
            return ""
        ends = f"{parameter.minimum} {self('to')} {parameter.maximum}"
        unit = self(parameter.unit) if parameter.unit in _WORDS else parameter.unit
        return f"{ends} {unit}" if unit else ends

    def offered(self, parameter: Parameter) -> str:
        return "; ".join(f"`{choice.value}` {self(choice.label)}" for choice in parameter.values)

    def has_list(self, parameter: Parameter) -> bool:
        """Whether its values are listed below the table; those of another setting are not."""
        many = len(parameter.values) > _VALUES_IN_A_CELL or any(c.help for c in parameter.values)
        return many and parameter.type != "list" and _owner_of_values(parameter) is parameter

    def default(self, parameter: Parameter) -> str:
        if parameter.default is None:
            return self("unset")
        return f"`{parameter.default}`" if parameter.default else self("empty")

    # Tables

    def column(self, column: table_columns.Column) -> str:
        return f"`{SETTING}{self('name')}`" if column.name == SETTING else f"`{column.name}`"

    def count(self, number: int) -> str:
        return f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", ".")

    # Coverage


def _vendor(column: Column) -> str:
    return column.models[0].vendor


def _vendor_of(column: Column) -> Vendor:
    return LIBRARY.vendors[_vendor(column)]


def _setting(model: Model, name: str) -> str:
    """A count that the model presets; empty for none."""
    value = model.variables.get(name, CATALOGUE.defaults.get(name, ""))
    return "" if value == "0" else value


def _in_categories(catalogue: Catalogue) -> list[tuple[Text, list[Parameter]]]:
    found = catalogue.parameters.values()
    return [
        (label, [parameter for parameter in found if parameter.category == category])
        for category, label in catalogue.categories.items()
    ]


def _owner_of_values(parameter: Parameter) -> Parameter:
    """The setting whose entry lists the values of this one."""
    if not parameter.values:
        return parameter
    candidates = CATALOGUE.parameters.values()
    same = (c for c in candidates if c.values == parameter.values and c.type != "list")
    return next(same, parameter)  # a setting of the application is none of the candidates


def _cell(text: str) -> str:
    """A text that stays in its cell."""
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main()
