"""Reading ``vendor.yaml`` files: every mistake is told with its file and line."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from provisioning.engine.identification import UserAgentPattern
from provisioning.engine.scopes import Variables
from provisioning.engine.vendors import (
    FORMATS,
    MAC_GROUP,
    FileRule,
    Library,
    MacRange,
    Model,
    Vendor,
)

_VENDOR_MEMBERS = {
    "name", "format", "accounts", "oui", "oui_unconfirmed", "mac_ranges", "files", "templates",
    "templates_from", "values", "values_from", "user_agents", "facts", "dhcp", "firmware_page",
    "minimum_firmware", "common", "families", "models",
}  # fmt: skip
_MODEL_MEMBERS = {
    "name", "family", "accounts", "hardware", "user_agents", "minimum_firmware", "facts",
    "variables", "verified", "tancredi",
}  # fmt: skip
_FILE_MEMBERS = {"pattern", "role", "template", "content_type", "mac"}
_CONTENT_TYPES = {"lines": "text/plain; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class VendorFileError(ValueError):
    """A ``vendor.yaml`` that cannot be used; the text names file, line and entry."""

    def __init__(self, file: Path, where: Sequence[str], reason: str):
        line = _line_of(file, where)
        super().__init__(f"{file}:{line}: {'.'.join(where) or 'file'}: {reason}")


def load_library(trees: Sequence[Path]) -> Library:
    """Read all vendors of some trees of vendor folders.

    Args:
        trees: directories that hold one folder for each vendor; a later tree adds to the earlier
            ones and wins where both say something (the site's own tree comes last).

    Raises:
        VendorFileError: a file that cannot be used.
    """
    folders: dict[str, list[Path]] = {}
    for tree in trees:
        for file in sorted(tree.glob("*/vendor.yaml")):
            folders.setdefault(file.parent.name, []).append(file.parent)
    vendors: dict[str, Vendor] = {}
    models: dict[str, Model] = {}
    for vendor_id, found in folders.items():
        reader = _VendorReader(vendor_id, found, trees[0])
        vendors[vendor_id] = reader.vendor()
        models.update(reader.models())
    return Library(vendors, models)


class _VendorReader:
    """One vendor, its shipped folder overlaid by the site's."""

    def __init__(self, vendor_id: str, folders: Sequence[Path], shipped: Path):
        self.id = vendor_id
        self.shipped = shipped
        self.folders = folders
        self.data: dict[str, Any] = {}
        self.files: list[tuple[Path, int, Mapping[str, Any]]] = []
        for folder in folders:
            self.file = folder / "vendor.yaml"
            layer = _read_mapping(self.file)
            self._refuse_unknown(layer, _VENDOR_MEMBERS, ())
            self._overlay(layer)

    def _overlay(self, layer: dict[str, Any]) -> None:
        # A site's file rules are tried before the shipped ones.
        own_files = [(self.file, n, rule) for n, rule in enumerate(layer.pop("files", []))]
        self.files = [*own_files, *self.files]
        for member, value in layer.items():
            if member in ("oui", "mac_ranges", "user_agents", "oui_unconfirmed"):
                self.data[member] = [*value, *self.data.get(member, [])]
            elif isinstance(value, dict):
                self.data[member] = {**self.data.get(member, {}), **value}
            else:
                self.data[member] = value

    def vendor(self) -> Vendor:
        data = self.data
        self.format = data.get("format", "lines")
        if self.format not in FORMATS:
            self._fail(("format",), f"{self.format!r} is not one of {', '.join(FORMATS)}")
        prefixes = [*data.get("oui", []), *data.get("oui_unconfirmed", [])]
        return Vendor(
            id=self.id,
            name=data.get("name", self.id.capitalize()),
            format=self.format,
            accounts=data.get("accounts", 1),
            ranges=(
                *(self._prefix(p) for p in prefixes),
                *(self._range(n, r) for n, r in enumerate(data.get("mac_ranges", []))),
            ),
            prefixes=tuple(re.sub("[:-]", "", p).upper() for p in prefixes),
            files=tuple(self._file_rule(*entry) for entry in self.files),
            templates=data.get("templates", {}),
            values={**self._value_maps(), **data.get("values", {})},
            user_agents=tuple(
                UserAgentPattern(self.id, self._regex(p, ("user_agents",)))
                for p in data.get("user_agents", [])
            ),
            folders=(*reversed(self.folders), *reversed(self._lent("templates_from"))),
            facts=data.get("facts", {}),
            dhcp=data.get("dhcp", {}),
            firmware_page=data.get("firmware_page", ""),
            minimum_firmware=data.get("minimum_firmware", ""),
        )

    def models(self) -> dict[str, Model]:
        return {
            model_id: self._model(model_id, entry)
            for model_id, entry in self.data.get("models", {}).items()
        }

    def _model(self, model_id: str, entry: Mapping[str, Any]) -> Model:
        where = ("models", model_id)
        if model_id.partition("-")[0] != self.id:
            self._fail(where, f"the id of a model starts with {self.id}-")
        self._refuse_unknown(entry, _MODEL_MEMBERS, where)
        layers = [self.data.get("common", {})]
        if "family" in entry:
            families = self.data.get("families", {})
            if entry["family"] not in families:
                self._fail((*where, "family"), f"{entry['family']!r} is not in families")
            layers.append(families[entry["family"]])
        layers.append(entry)
        tancredi = entry.get("tancredi", {})
        return Model(
            id=model_id,
            vendor=self.id,
            name=str(entry.get("name", model_id)),
            accounts=_nearest(layers, "accounts", self.data.get("accounts", 1)),
            variables=self._text_values(layers, where),
            hardware=tuple(map(str, entry.get("hardware", ()))),
            user_agents=tuple(map(str, entry.get("user_agents", ()))),
            facts={k: v for layer in layers for k, v in layer.get("facts", {}).items()},
            minimum_firmware=str(
                _nearest(layers, "minimum_firmware", self.data.get("minimum_firmware", ""))
            ),
            verified=_nearest(layers, "verified", True),
            tancredi_name=tancredi.get("name"),
            tancredi_variables=self._text_values([tancredi], (*where, "tancredi")),
        )

    def _text_values(self, layers: Sequence[Mapping[str, Any]], where: Sequence[str]) -> Variables:
        """Overlay settings as text; null takes a family's value away."""
        merged: dict[str, Any] = {}
        for layer in layers:
            merged.update(layer.get("variables", {}))
        for name, value in merged.items():
            if not isinstance(value, str | int | None) or isinstance(value, bool):
                self._fail((*where, "variables", name), 'quote it: settings are text, "1" or ""')
        return {name: str(value) for name, value in merged.items() if value is not None}

    def _file_rule(self, file: Path, number: int, entry: Mapping[str, Any]) -> FileRule:
        self.file = file
        where = ("files", str(number))
        self._refuse_unknown(entry, _FILE_MEMBERS, where)
        for member in ("pattern", "role"):
            if member not in entry:
                self._fail(where, f"{member} is missing")
        role = entry["role"]
        return FileRule(
            vendor=self.id,
            pattern=self._regex(entry["pattern"].replace("{mac}", MAC_GROUP), where),
            role=role,
            template_variable=entry.get("template", f"tmpl_{role}"),
            content_type=entry.get("content_type", _CONTENT_TYPES[self.format]),
            mac=entry.get("mac"),
            own=not file.is_relative_to(self.shipped),
        )

    def _value_maps(self) -> dict[str, Any]:
        """Long value maps, each in a file of its own: ``values/<map>.yaml``.

        ``values_from`` names a vendor whose maps this one shares, those in its ``vendor.yaml`` too;
        its own come on top.
        """
        maps: dict[str, Any] = {}
        lent = self._lent("values_from")
        for folder in [*lent, *self.folders]:
            maps.update((f.stem, _read_mapping(f)) for f in sorted(folder.glob("values/*.yaml")))
            if folder in lent:
                maps.update(_read_mapping(folder / "vendor.yaml").get("values", {}))
        return maps

    def _lent(self, member: str) -> list[Path]:
        """The folders of the vendor that a member names, in the trees where this one has folders.

        ``templates_from`` lends templates: a file that the vendor's own folders lack is looked for
        there, so that a vendor that sells another's hardware writes only what differs.
        """
        lender = self.data.get(member)
        if not lender:
            return []
        lent = [folder.parent / lender for folder in self.folders]
        found = [folder for folder in lent if (folder / "vendor.yaml").is_file()]
        if not found:
            self._fail((member,), f"there is no vendor {lender!r}")
        return found

    def _prefix(self, prefix: str) -> MacRange:
        try:
            return MacRange.of_prefix(prefix)
        except ValueError as mistake:
            self._fail(("oui",), str(mistake))

    def _range(self, number: int, entry: Mapping[str, str]) -> MacRange:
        where = ("mac_ranges", str(number))
        try:
            first, last = (MacRange.of_prefix(entry[end]) for end in ("first", "last"))
        except (KeyError, ValueError) as mistake:
            self._fail(where, f"wants first and last, each an address: {mistake}")
        if first.first > last.last:
            self._fail(where, "last lies before first")
        return MacRange(first.first, last.last)

    def _regex(self, pattern: str, where: Sequence[str]) -> re.Pattern[str]:
        try:
            return re.compile(pattern, re.IGNORECASE)
        except re.error as mistake:
            self._fail(where, f"{pattern!r} is not a regular expression: {mistake}")

    def _refuse_unknown(
        self, entry: Mapping[str, Any], known: set[str], where: Sequence[str]
    ) -> None:
        for member in entry:
            if member not in known:
                names = ", ".join(sorted(known))
                self._fail((*where, str(member)), f"unknown member; there are {names}")

    def _fail(self, where: Sequence[str], reason: str) -> NoReturn:
        raise VendorFileError(self.file, where, reason)


def _read_mapping(file: Path) -> dict[str, Any]:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as mistake:
        raise VendorFileError(file, (), str(mistake)) from mistake
    if not isinstance(data, dict):
        raise VendorFileError(file, (), "is not a mapping of names to values")
    return data


def _nearest(layers: Sequence[Mapping[str, Any]], member: str, fallback: Any) -> Any:
    return next((layer[member] for layer in reversed(layers) if member in layer), fallback)


def _line_of(file: Path, where: Sequence[str]) -> int:
    """The line of an entry, found by walking the file's nodes once more."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        return 1
    line = 1
    for step in where:
        if isinstance(node, yaml.MappingNode):
            found = [pair for pair in node.value if pair[0].value == step]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and step.isdigit():
            node = node.value[int(step)]
            line = node.start_mark.line + 1
    return line
