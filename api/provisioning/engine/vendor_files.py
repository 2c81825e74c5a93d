"""Reading ``vendor.yaml`` files: every mistake is told with its file and line."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from provisioning.engine.dhcp.facts import WAYS, DhcpFactError, DhcpFacts, read_facts
from provisioning.engine.identification import UserAgentPattern
from provisioning.engine.scopes import Variables
from provisioning.engine.sip_event import EVENT_ALLOWED, is_event
from provisioning.engine.vendors import (
    FORMATS,
    MAC_GROUP,
    FileRule,
    Library,
    MacRange,
    Model,
    Series,
    Vendor,
)
from provisioning.engine.yaml_lines import line_of

_Members = Mapping[str, type | tuple[type, ...]]
_VERSION = (str, int, float)  # 2.0 without quotes is a number

_SERIES_MEMBERS: _Members = {"first_boot": dict, "not_established": list, "not_offered": list}
_DHCP_MEMBERS: _Members = {
    "filename_macro": str, "filename_macro_of_mac_ranges": str, "options": list,
    "refused_options": list, "vendor_classes": list,
}  # fmt: skip
_FIRST_BOOT_MEMBERS: _Members = {"dhcp": str, "pnp": bool, "redirect": bool}
_COMMON_MEMBERS: _Members = {
    "accounts": int, "facts": dict, "minimum_firmware": _VERSION, "variables": dict,
    "verified": bool,
}  # fmt: skip
_FAMILY_MEMBERS: _Members = {**_COMMON_MEMBERS, **_SERIES_MEMBERS, "series": str}
_MODEL_MEMBERS: _Members = {
    **_COMMON_MEMBERS, "family": str, "hardware": list, "mac_ranges": list, "name": str,
    "tancredi": dict, "user_agents": list,
}  # fmt: skip
_VENDOR_MEMBERS: _Members = {
    **_SERIES_MEMBERS,
    "accounts": int, "common": dict, "dhcp": dict, "facts": dict, "families": dict, "files": list,
    "firmware_page": str, "format": str, "mac_ranges": list, "minimum_firmware": _VERSION,
    "models": dict, "name": str, "notify": dict, "oui": list, "oui_unconfirmed": list,
    "templates": dict, "templates_from": str, "user_agents": list, "values": dict,
    "values_from": str,
}  # fmt: skip
_FILE_MEMBERS: _Members = {
    "content_type": str,
    "mac": str,
    "pattern": str,
    "role": str,
    "template": str,
}
_NOTIFY_MEMBERS: _Members = {"reboot": str, "reload": str}
_TANCREDI_MEMBERS: _Members = {"name": str, "variables": dict}
_WORDS: Mapping[object, str] = {
    int: "a whole number", dict: "a mapping", list: "a list", bool: "true or false",
}  # fmt: skip

# Text with references to groups: \1, \g<name>.
_REFERENCES = re.compile(r"(?:[^\\]|\\[1-9]\d?|\\g<\w+>)*")
_FILE = "vendor.yaml"
_CONTENT_TYPES = {"lines": "text/plain; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class VendorFileError(ValueError):
    """A ``vendor.yaml`` that cannot be used; the text names file, line and entry."""

    def __init__(self, file: Path, where: Sequence[str], reason: str):
        line = line_of(file, where)
        super().__init__(f"{file}:{line}: {'.'.join(where) or 'file'}: {reason}")
        self.file = file


def load_library(trees: Sequence[Path], *, without: Collection[Path] = ()) -> Library:
    """Read all vendors of some trees of vendor folders.

    Args:
        trees: directories that hold one folder for each vendor; a later tree adds to the earlier
            ones and wins where both say something (the site's own tree comes last). A folder that
            overrides only templates needs no ``vendor.yaml``.
        without: folders to leave out.

    Raises:
        VendorFileError: a file that cannot be used.
    """
    folders: dict[str, list[Path]] = {}
    for tree in trees:
        for folder in sorted(tree.glob("*/")):
            is_vendor = folder.name in folders or (folder / _FILE).exists()
            if is_vendor and folder not in without:
                folders.setdefault(folder.name, []).append(folder)
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
            self.file = folder / _FILE
            if self.file.exists():
                layer = _read_mapping(self.file)
                self._check(layer)
                self._overlay(layer)

    def _check(self, layer: Mapping[str, Any]) -> None:
        """Refuse a layer whose members are not of the form that everything below relies on."""
        self._check_members(layer, _VENDOR_MEMBERS, ())
        self._check_members(layer.get("common", {}), _COMMON_MEMBERS, ("common",))
        self._check_members(layer.get("notify", {}), _NOTIFY_MEMBERS, ("notify",))
        self._check_members(layer.get("dhcp", {}), _DHCP_MEMBERS, ("dhcp",))
        self._check_first_boot(layer, ())
        for wish, event in layer.get("notify", {}).items():
            if not is_event(event):
                self._fail(("notify", wish), f"{event!r} is not {EVENT_ALLOWED}")
        for name, entry in layer.get("families", {}).items():
            where = ("families", str(name))
            self._check_members(entry, _FAMILY_MEMBERS, where)
            if "series" not in entry and entry.keys() & _SERIES_MEMBERS.keys():
                self._fail(where, f"{', '.join(_SERIES_MEMBERS)} need the name of a series")
            self._check_first_boot(entry, where)
        for name, entry in layer.get("models", {}).items():
            where = ("models", str(name))
            if not isinstance(name, str):
                self._fail(where, "write the id of a model in quotes")
            self._check_members(entry, _MODEL_MEMBERS, where)
            self._check_members(entry.get("tancredi", {}), _TANCREDI_MEMBERS, (*where, "tancredi"))
        for number, entry in enumerate(layer.get("files", [])):
            self._check_members(entry, _FILE_MEMBERS, ("files", str(number)))

    def _check_first_boot(self, entry: Mapping[str, Any], where: Sequence[str]) -> None:
        first_boot, where = entry.get("first_boot", {}), (*where, "first_boot")
        self._check_members(first_boot, _FIRST_BOOT_MEMBERS, where)
        if first_boot.get("dhcp", WAYS[0]) not in WAYS:
            self._fail((*where, "dhcp"), f"is not one of {', '.join(WAYS)}")

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
        nearest = self.file
        self.format = data.get("format", "lines")
        if self.format not in FORMATS:
            self._fail(("format",), f"{self.format!r} is not one of {', '.join(FORMATS)}")
        prefixes = [*data.get("oui", []), *data.get("oui_unconfirmed", [])]
        files = tuple(self._file_rule(*entry) for entry in self.files)
        self.file = nearest  # the site's file is to blame for what its layer breaks
        return Vendor(
            id=self.id,
            name=self._name,
            format=self.format,
            accounts=data.get("accounts", 1),
            ranges=(
                *(self._prefix(p) for p in prefixes),
                *self._ranges(data, ()),
            ),
            prefixes=tuple(re.sub("[:-]", "", p).upper() for p in prefixes),
            files=files,
            templates=data.get("templates", {}),
            values={**self._value_maps(), **data.get("values", {})},
            user_agents=tuple(
                UserAgentPattern(self.id, self._regex(p, ("user_agents",)))
                for p in data.get("user_agents", [])
            ),
            folders=(*reversed(self.folders), *reversed(self._lent("templates_from"))),
            facts=data.get("facts", {}),
            dhcp=self._dhcp(),
            notify=data.get("notify", {}),
            firmware_page=data.get("firmware_page", ""),
            minimum_firmware=str(data.get("minimum_firmware", "")),
            series=tuple(self._series()),
        )

    def _dhcp(self) -> DhcpFacts:
        try:
            return read_facts(self.data.get("dhcp", {}))
        except DhcpFactError as mistake:
            self._fail(("dhcp", *mistake.where), str(mistake))

    @property
    def _name(self) -> str:
        return str(self.data.get("name", self.id.capitalize()))

    def _series(self) -> Iterator[Series]:
        """The vendor as one, and each family that has a name of its own."""
        families = self.data.get("families", {}).values()
        named = [(family["series"], family) for family in families if "series" in family]
        for name, entry in [(self._name, self.data), *named]:
            yield Series(
                name=name,
                **entry.get("first_boot", {}),
                not_offered=tuple(entry.get("not_offered", ())),
                not_established=tuple(entry.get("not_established", ())),
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
            series=str(_nearest(layers, "series", self._name)),
            name=str(entry.get("name", model_id)),
            accounts=_nearest(layers, "accounts", self.data.get("accounts", 1)),
            variables=self._text_values(layers, where),
            hardware=tuple(map(str, entry.get("hardware", ()))),
            user_agents=tuple(map(str, entry.get("user_agents", ()))),
            mac_ranges=tuple(self._ranges(entry, where)),
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
        for member in ("pattern", "role"):
            if member not in entry:
                self._fail(where, f"{member} is missing")
        role = entry["role"]
        pattern = self._regex(entry["pattern"].replace("{mac}", MAC_GROUP), where)
        self._check_references(entry.get("mac", ""), pattern, (*where, "mac"))
        return FileRule(
            vendor=self.id,
            pattern=pattern,
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
                values = _read_mapping(folder / _FILE).get("values", {})
                if not isinstance(values, dict):
                    raise VendorFileError(folder / _FILE, ("values",), "must be a mapping")
                maps.update(values)
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
        found = [folder for folder in lent if (folder / _FILE).is_file()]
        if not found:
            self._fail((member,), f"there is no vendor {lender!r}")
        return found

    def _prefix(self, prefix: str) -> MacRange:
        try:
            return MacRange.of_prefix(prefix)
        except (TypeError, ValueError) as mistake:
            self._fail(("oui",), f'wants prefixes in quotes, like "00:15:65": {mistake}')

    def _ranges(self, data: Mapping[str, Any], where: Sequence[str]) -> Iterator[MacRange]:
        for number, entry in enumerate(data.get("mac_ranges", [])):
            yield self._range(entry, (*where, "mac_ranges", str(number)))

    def _range(self, entry: Mapping[str, str], where: Sequence[str]) -> MacRange:
        try:
            first, last = (MacRange.of_prefix(entry[end]) for end in ("first", "last"))
        except (KeyError, TypeError, ValueError) as mistake:
            self._fail(where, f"wants first and last, each an address: {mistake}")
        if first.first > last.last:
            self._fail(where, "last lies before first")
        return MacRange(first.first, last.last)

    def _regex(self, pattern: str, where: Sequence[str]) -> re.Pattern[str]:
        try:
            return re.compile(pattern, re.IGNORECASE)
        except (re.error, TypeError) as mistake:
            self._fail(where, f"{pattern!r} is not a regular expression: {mistake}")

    def _check_references(self, mac: str, pattern: re.Pattern[str], where: Sequence[str]) -> None:
        """A reference that no group answers would fail at every request."""
        asked = {number or name for number, name in re.findall(r"\\(?:(\d+)|g<(\w+)>)", mac)}
        known = {*pattern.groupindex, *map(str, range(1, pattern.groups + 1))}
        if not _REFERENCES.fullmatch(mac) or not asked <= known:
            self._fail(where, f"{mac!r} refers to groups that {pattern.pattern!r} does not have")

    def _check_members(self, entry: object, members: _Members, where: Sequence[str]) -> None:
        if not isinstance(entry, dict):
            self._fail(where, "is not a mapping of names to values")
        for member, value in entry.items():
            wanted = members.get(member)
            if wanted is None:
                names = ", ".join(sorted(members))
                self._fail((*where, str(member)), f"unknown member; there are {names}")
            if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
                self._fail((*where, member), f"must be {_WORDS.get(wanted, 'text')}")

    def _fail(self, where: Sequence[str], reason: str) -> NoReturn:
        raise VendorFileError(self.file, where, reason)


def _read_mapping(file: Path) -> dict[str, Any]:
    try:
        data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as mistake:
        raise VendorFileError(file, (), str(mistake)) from mistake
    if not isinstance(data, dict):
        raise VendorFileError(file, (), "is not a mapping of names to values")
    return data


def _nearest(layers: Sequence[Mapping[str, Any]], member: str, fallback: Any) -> Any:
    return next((layer[member] for layer in reversed(layers) if member in layer), fallback)
