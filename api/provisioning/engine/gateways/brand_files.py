"""Reading ``brand.yaml`` files into brands and models: every mistake is told with file and line."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from provisioning.engine.gateways.brands import (
    Brand,
    Country,
    Family,
    GatewayFile,
    GatewayLibrary,
    GatewayModel,
    LineType,
    Need,
    NumberTable,
    Secrets,
)
from provisioning.engine.gateways.dialogue_entries import read_dialogue
from provisioning.engine.gateways.yaml_entry import BrandFileError, Entry, Layers
from provisioning.engine.vendors import MacRange

__all__ = ["BrandFileError", "load_gateways"]

_FILE = "brand.yaml"
_FORMATS = ("lines", "words", "xml")
_BRAND_MEMBERS = (
    "admin_user", "checks_certificates", "countries", "default_login", "dialogue", "facts",
    "families", "fetches", "files", "first_port", "line_types", "max_time_zone", "models", "name",
    "never_send", "oui", "secrets", "trunk_prefix", "user_account",
)  # fmt: skip
_MODEL_MEMBERS = ("ethernet", "facts", "family", "key", "label", "line", "name", "ports", "units")
_RUN = re.compile(r"([1-9][0-9]?)(?:-([1-9][0-9]?))?")
_PLACES = re.compile(r"\{(mac|model)\}")
_FILE_NAME = re.compile(r"[A-Za-z0-9._-]+")


def load_gateways(trees: Sequence[Path], *, without: Collection[Path] = ()) -> GatewayLibrary:
    """Read all brands of some trees of brand folders.

    Args:
        trees: directories that hold one folder for each brand; a later tree adds to the earlier
            ones and wins where both say something (the site's own tree comes last). A folder that
            overrides only templates needs no ``brand.yaml``.
        without: folders to leave out.

    Raises:
        BrandFileError: a file that cannot be used.
    """
    folders: dict[str, list[Path]] = {}
    for tree in trees:
        for folder in sorted(tree.glob("*/")):
            is_brand = folder.name in folders or (folder / _FILE).exists()
            if is_brand and folder not in without:
                folders.setdefault(folder.name, []).append(folder)
    brands: dict[str, Brand] = {}
    models: dict[str, GatewayModel] = {}
    for brand_id, found in folders.items():
        reader = _BrandReader(brand_id, found)
        brands[brand_id] = reader.brand
        models.update(reader.models)
    return GatewayLibrary(brands, models)


class _BrandReader:
    """One brand, its shipped folder overlaid by the site's."""

    def __init__(self, brand_id: str, folders: Sequence[Path]):
        self.id = brand_id
        self.folders = tuple(reversed(folders))
        self.layers = Layers([folder / _FILE for folder in folders if (folder / _FILE).exists()])
        top = self.layers.top
        top.members(*_BRAND_MEMBERS)
        self.facts = _free(top.get("facts", {}))
        self.line_types = {n: _line_type(n, e) for n, e in top.get("line_types").items()}
        self.families = {n: self._family(n, e) for n, e in top.get("families").items()}
        self.brand = self._brand(top)
        self.models = {n: self._model(n, e) for n, e in top.get("models").items()}

    def _brand(self, top: Entry) -> Brand:
        return Brand(
            id=self.id,
            name=top.get("name").text(),
            trunk_prefix=self._trunk_prefix(top.get("trunk_prefix")),
            first_port=top.get("first_port").integer(),
            ranges=tuple(_range(e) for e in top.get("oui").entries()),
            admin_user=top.get("admin_user").text(),
            default_login=_login(top.get("default_login")),
            user_account=top.get("user_account").flag(),
            checks_certificates=top.get("checks_certificates").flag(),
            fetches=top.get("fetches").flag(),
            files={name: self._file(name, entry) for name, entry in top.get("files").items()},
            secrets=_secrets(top.get("secrets")),
            never_send=_numbers(top.get("never_send", [])),
            max_time_zone=top.get("max_time_zone").integer() if "max_time_zone" in top else None,
            line_types=self.line_types,
            countries={n: _country(n, e) for n, e in top.get("countries").items()},
            families=self.families,
            dialogue=read_dialogue(top.get("dialogue")),
            folders=self.folders,
            unverified=tuple(sorted(".".join(where) for where in self.layers.unverified)),
        )

    def _trunk_prefix(self, entry: Entry) -> str:
        if not re.fullmatch("[A-Za-z0-9]{1,20}", entry.text()):
            entry.fail("must be 1 to 20 letters and digits")
        return entry.text()

    def _file(self, kind: str, entry: Entry) -> GatewayFile:
        entry.members("content_type", "format", "name", "template")
        template = entry.get("template")
        if not any((folder / template.text()).is_file() for folder in self.folders):
            template.fail(f"there is no template {template.text()!r}")
        name = entry.get("name")
        if not _FILE_NAME.fullmatch(_PLACES.sub("x", name.text())):
            name.fail("is not the name of a file, with {mac} and {model} if need be")
        return GatewayFile(
            kind=kind,
            format=entry.get("format").one_of(_FORMATS),
            template=template.text(),
            name=name.text(),
            content_type=entry.get("content_type").text(),
        )

    def _family(self, name: str, entry: Entry) -> Family:
        entry.members("accounts", "facts", "ports", "rtp_ports")
        rtp_ports = {
            _port(port, where): where.integer()
            for port, where in entry.get("rtp_ports", {}).items()
        }
        return Family(
            id=name,
            facts={**self.facts, **_free(entry.get("facts", {}))},
            accounts=_table(entry.get("accounts", {})),
            ports=_table(entry.get("ports", {})),
            rtp_ports=rtp_ports,
        )

    def _model(self, model_id: str, entry: Entry) -> GatewayModel:
        entry.members(*_MODEL_MEMBERS)
        if model_id.partition("-")[0] != self.id:
            entry.fail(f"the id of a model starts with {self.id}-")
        family = self.families[entry.get("family").one_of(tuple(self.families))]
        ports = entry.get("ports")
        if not 1 <= ports.integer() <= 48:
            ports.fail("must be 1 to 48")
        self._check_numbers(entry, family, ports.integer())
        return GatewayModel(
            id=model_id,
            brand=self.id,
            name=entry.get("name").text(),
            label=entry.get("label").label(),
            key=entry.get("key").text(),
            family=family,
            line=self.line_types[entry.get("line").one_of(tuple(self.line_types))],
            ports=ports.integer(),
            ethernet=entry.get("ethernet", 1).integer(),
            units=tuple(_ignoring_case(e) for e in entry.get("units").entries()),
            facts={**family.facts, **_free(entry.get("facts", {}))},
            verified=entry.verified and entry.get("units").verified,
        )

    def _check_numbers(self, entry: Entry, family: Family, ports: int) -> None:
        """No parameter may stand for two things, and every port must have all attributes."""
        seen: dict[int, str] = {}
        numbers = [
            *(("account", a, family.accounts.of(a)) for a in family.rtp_ports),
            *(("port", n, family.ports.of(n)) for n in range(1, ports + 1)),
        ]
        for kind, n, found in numbers:
            if kind == "port" and found.keys() != family.ports.runs.keys():
                entry.fail(f"port {n} lacks parameters of its family")
            for attribute, number in found.items():
                name = f"{attribute} of {kind} {n}"
                if number in seen:
                    entry.fail(f"P{number} is {seen[number]} and {name}")
                seen[number] = name


def _line_type(name: str, entry: Entry) -> LineType:
    entry.members("channels", "label", "needs", "protocols", "trunk_word")
    needs = frozenset(e.one_of(get_args(Need)) for e in entry.get("needs", []).entries())
    protocols = {n: e.label() for n, e in entry.get("protocols", {}).items()}
    if ("protocol" in needs) != bool(protocols):
        entry.fail("who needs a protocol has protocols, and only who needs one")
    return LineType(
        id=name,
        label=entry.get("label").label(),
        trunk_word=entry.get("trunk_word", "").text(),
        channels=entry.get("channels").integer(),
        needs=needs,  # type: ignore[arg-type]  # each was one of them
        protocols=protocols,
    )


def _country(name: str, entry: Entry) -> Country:
    label = entry.get("label").label()
    values = {n: e.value for n, e in entry.items() if n != "label"}
    return Country(id=name, label=label, values=values)


def _secrets(entry: Entry) -> Secrets:
    entry.members("admin_password", "masked", "patterns", "write_only")
    return Secrets(
        admin_password=(
            entry.get("admin_password").integer() if "admin_password" in entry else None
        ),
        write_only=_numbers(entry.get("write_only", [])),
        masked=_numbers(entry.get("masked", [])),
        patterns=tuple(e.pattern("secret") for e in entry.get("patterns", []).entries()),
    )


def _login(entry: Entry) -> Mapping[str, str]:
    entry.members("password", "user")
    return {name: entry.get(name).text() for name in ("user", "password")}


def _numbers(entry: Entry) -> frozenset[int]:
    return frozenset(e.integer() for e in entry.entries())


def _table(entry: Entry) -> NumberTable:
    """Runs such as ``{1-30: 4060, 31-32: 4240}`` by attribute."""
    table: dict[str, tuple[tuple[int, int, int], ...]] = {}
    for attribute, runs in entry.items():
        found: list[tuple[int, int, int]] = []
        for ports, first in runs.items():
            match = _RUN.fullmatch(ports)
            if match is None:
                first.fail("wants ports like 3 or 1-20")
            low, high = int(match[1]), int(match[2] or match[1])
            if low > high or any(low <= last and high >= before for before, last, _ in found):
                first.fail("ports count upwards and stand in one run")
            found.append((low, high, first.integer()))
        table[attribute] = tuple(found)
    return NumberTable(table)


def _port(text: str, entry: Entry) -> int:
    if not _RUN.fullmatch(text) or "-" in text:
        entry.fail("wants the number of an account")
    return int(text)


def _free(entry: Entry) -> Mapping[str, Any]:
    """Members that only the brand's templates know."""
    return {name: found.value for name, found in entry.items()}


def _range(entry: Entry) -> MacRange:
    try:
        return MacRange.of_prefix(entry.text())
    except ValueError as mistake:
        entry.fail(f'wants prefixes in quotes, like "00:0B:82": {mistake}')


def _ignoring_case(entry: Entry) -> re.Pattern[str]:
    return re.compile(entry.pattern().pattern, re.IGNORECASE)
