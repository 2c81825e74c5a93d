"""Bringing a Tancredi data directory in: its phones go on with the URLs they have.

Files come first: no phone may read in its configuration of a file that is not there yet. Defaults,
models and phones are one transaction. The import may be repeated: what is here already and equal
stays untouched.
"""

import filecmp
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Differences, differences
from provisioning.engine.vendors import shipped_variables
from provisioning.services import files
from provisioning.services.errors import BadName
from provisioning.services.phones import new_token
from provisioning.services.site import Site
from provisioning.store import devices, history, phones, scopes
from provisioning.store.database import configuration_change
from provisioning.tancredi import datadir
from provisioning.tancredi.datadir import (
    Asset,
    CustomTemplate,
    DataDirectory,
    Finding,
    PatternRule,
    Scope,
    Token,
)
from provisioning.tancredi.patterns import PatternRefused, file_rule

Action = Literal["create", "update", "unchanged", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report: what happens to a thing, or what the admin should know."""

    action: Action
    kind: str
    name: str
    text: str = ""


class _TakeBack(Exception):
    """Nothing of the transaction is to stay."""


def import_directory(site: Site, directory: Path, *, dry_run: bool, by: str) -> list[Row]:
    """Import a data directory.

    Args:
        site: the site.
        directory: Tancredi's writable data directory (``rw_dir``).
        dry_run: report what would happen; write nothing.
        by: who asked, for the history.

    Returns:
        A row for each thing, in the order of the import.

    Raises:
        DataDirectoryError: the path is no data directory.
    """
    data = datadir.read(directory)
    importer = _Importer(site, data, by, dry_run=dry_run)
    importer.files()
    try:
        with configuration_change():
            importer.settings()
            # Where nothing changed, running servers need not look at every phone anew.
            if dry_run or not importer.changed_settings:
                raise _TakeBack
    except _TakeBack:
        pass
    return importer.rows


class _Importer:
    def __init__(self, site: Site, data: DataDirectory, by: str, *, dry_run: bool):
        self._site = site
        self._data = data
        self._by = by
        self._dry_run = dry_run
        self.rows: list[Row] = []

    def files(self) -> None:
        """What goes into the state directory."""
        self._findings(self._data.findings)
        for asset in self._data.assets:
            self._asset(asset)
        self._patterns(self._data.patterns)
        for template in self._data.custom_templates:
            self._template(template)

    def settings(self) -> None:
        """What goes into the database."""
        for scope in self._data.scopes:
            if scope.kind == "defaults":
                self._defaults(scope)
            elif scope.kind == "model":
                self._model(scope)
        known = self._known_models()
        for scope in self._data.scopes:
            if scope.kind == "phone":
                self._phone(scope, known)

    @property
    def changed_settings(self) -> bool:
        """Whether the database has to keep anything."""
        return any(
            row.action in ("create", "update") and row.kind in ("defaults", "model", "phone")
            for row in self.rows
        )

    def _say(self, action: Action, kind: str, name: str, text: str = "") -> None:
        self.rows.append(Row(action, kind, name, text))

    def _findings(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._say(finding.severity, "file", finding.where, finding.text)

    def _known_models(self) -> frozenset[str]:
        own = {scope.id for scope in self._data.scopes if scope.kind == "model"}
        stored = {str(row.id) for row in scopes.models()}
        return frozenset(own | stored | self._site.library.models.keys())

    def _defaults(self, scope: Scope) -> None:
        own = scope.variables
        changes = differences(own, self._site.catalogue.defaults)
        before = scopes.defaults_differences()
        # A name the file lacks came with a later release: what applies here stays.
        kept: Differences = {name: value for name, value in changes.items() if name in own}
        after = {**{name: v for name, v in before.items() if name not in own}, **kept}
        if after == before:
            self._say("unchanged", "defaults", "defaults")
            return
        scopes.save_defaults(after)
        history.record(self._by, "defaults", "defaults", "import", before=before, after=after)
        self._say("update", "defaults", "defaults", f"{len(kept)} settings differ from the shipped")

    def _model(self, scope: Scope) -> None:
        base = self._site.library.base_of(scope.id)
        base_variables = shipped_variables(base) if base else {}
        kept = self._model_differences(scope.variables, base_variables)
        shipped = self._site.library.models.get(scope.id)
        same_name = shipped and scope.display_name in ("", shipped.name, shipped.tancredi_name)
        name = None if same_name else scope.display_name
        row = scopes.find_model(scope.id)
        base_id = base.id if base else None
        after = {"base": base_id, "display_name": name, "differences": kept}
        before = None
        if row is not None:
            before = {
                "base": row.base,
                "display_name": row.display_name,
                "differences": row.differences,
            }
        told = (
            f"{len(kept)} differences from {base_id}" if base_id else "not based on a known model"
        )
        if before == after or (before is None and shipped and not kept and name is None):
            self._say("unchanged", "model", scope.id, told)
            return
        scopes.save_model(scope.id, base=base_id, display_name=name, differences=kept)
        history.record(self._by, "model", scope.id, "import", before=before, after=after)
        self._say("update" if before else "create", "model", scope.id, told)

    def _model_differences(self, own: Mapping[str, str], base: Mapping[str, str]) -> Differences:
        """What a whole copy of a model changes.

        A setting that the copy lacks was cleared by somebody; a fact of the hardware that it lacks
        came with a later release.
        """
        return {
            name: value
            for name, value in differences(own, base).items()
            if value is not None or not self._describes_hardware(name)
        }

    def _describes_hardware(self, name: str) -> bool:
        parameter = self._site.catalogue.find(name)
        return name.startswith(("cap_", "tmpl_")) or (
            parameter is not None and parameter.writer == "model"
        )

    def _phone(self, scope: Scope, known_models: frozenset[str]) -> None:
        mac = str(MacAddress.parse(scope.id))
        after: dict[str, Any] = {
            "model": scope.parent,
            "display_name": scope.display_name,
            "variables": dict(scope.variables),
        }
        row = phones.find(mac)
        tokens = [token for token in self._data.tokens if token.scope_id == scope.id]
        if row is None:
            self._create_phone(mac, after, tokens)
            self._say("create", "phone", mac, scope.parent)
        else:
            before = {
                "model": row.model,
                "display_name": row.display_name,
                "variables": row.variables,
            }
            # Its first-access token has had its day here; a permanent one may be missing.
            added = self._add_tokens(mac, [token for token in tokens if token.kind == 2])
            if before != after:
                phones.update(mac, **after)
                history.record(self._by, "phone", mac, "import", before=before, after=after)
            changed = before != after or added
            self._say("update" if changed else "unchanged", "phone", mac, scope.parent)
        if scope.parent not in known_models:
            reason = "has no model" if not scope.parent else f"has the unknown model {scope.parent}"
            self._say("warning", "phone", mac, f"{reason}; only the defaults apply: choose a model")

    def _create_phone(self, mac: str, after: dict[str, Any], tokens: list[Token]) -> None:
        phones.insert(mac, **after)
        self._add_tokens(mac, tokens)
        if 2 not in phones.tokens(mac):
            phones.add_token(mac, new_token(), kind=2)
            told = "had no permanent token and has a new one: give the phone its new address"
            self._say("warning", "phone", mac, told)
        history.record(self._by, "phone", mac, "import", after=after)

    def _add_tokens(self, mac: str, tokens: Iterable[Token]) -> bool:
        added = False
        for token in tokens:
            owner = devices.token_owner(token.text)
            if owner and owner[0] != mac:
                told = (
                    f"one of its tokens belongs to {owner[0]} here and stays there: a phone that "
                    "holds it gets that configuration; give it its new address"
                )
                self._say("error", "phone", mac, told)
            if owner:
                continue
            shown = token.kind not in phones.tokens(mac)
            phones.add_token(mac, token.text, kind=token.kind, shown=shown)
            added = True
        return added

    def _asset(self, asset: Asset) -> None:
        name = f"{asset.collection}/{asset.name}"
        present = files.path(self._site, asset.collection, asset.name)
        if present and filecmp.cmp(present, asset.path, shallow=False):
            self._say("unchanged", "file", name)
            return
        try:
            files.checked_name(self._site, asset.collection, asset.name)
            if not self._dry_run:
                with asset.path.open("rb") as content:
                    files.save(self._site, asset.collection, asset.name, content, by=self._by)
        except BadName as refused:
            self._say(
                "error", "file", name, f"left out; rename it, also in the settings: {refused}"
            )
            return
        self._say("update" if present else "create", "file", name, f"{asset.size} bytes")

    def _patterns(self, rules: Iterable[PatternRule]) -> None:
        by_file: dict[str, list[PatternRule]] = {}
        for rule in rules:
            by_file.setdefault(Path(rule.file).stem, []).append(rule)
        for stem, own in by_file.items():
            entries = [entry for rule in own if (entry := self._file_rule(rule))]
            if entries:
                self._own_vendor(re.sub("[^a-z0-9_]", "_", stem.lower()), stem, entries)

    def _file_rule(self, rule: PatternRule) -> dict[str, str] | None:
        try:
            entry = file_rule(rule)
        except PatternRefused as mistake:
            told = f"{mistake}; left out: correct it and import again"
            self._say("error", "pattern", rule.name, told)
            return None
        if rule.scope_id and "mac" not in entry:
            told = f"scopeid {rule.scope_id!r} is no address: for phones with a token only"
            self._say("info", "pattern", rule.name, told)
        return entry

    def _own_vendor(self, vendor: str, name: str, entries: list[dict[str, str]]) -> None:
        """File rules of the site become a vendor folder of the site's own."""
        file = self._site.own_vendors / vendor / "vendor.yaml"
        shown = file.relative_to(self._site.state)
        try:
            present = yaml.safe_load(file.read_text("utf-8")) or {} if file.is_file() else None
            known = [] if present is None else list(present.get("files") or [])
        except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError):
            self._say("error", "pattern", vendor, f"{shown} cannot be read: correct or remove it")
            return
        missing = [entry for entry in entries if entry not in known]
        told = f"{len(entries)} file patterns, in {shown}"
        if not missing:
            self._say("unchanged", "pattern", vendor, told)
            return
        content: dict[str, object] = dict(present or {})
        if present is None and vendor not in self._site.library.vendors:
            content["name"] = name.capitalize()
        content["files"] = [*missing, *known]
        if not self._dry_run:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")
        self._say("create" if present is None else "update", "pattern", vendor, told)

    def _template(self, template: CustomTemplate) -> None:
        kept = self._site.state / "tancredi-templates" / template.name
        is_new = not kept.is_file() or not filecmp.cmp(kept, template.path, shallow=False)
        if is_new and not self._dry_run:
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(template.path, kept)
        used_by = ", ".join(template.used_by[:20]) or "nothing in this directory"
        told = (
            f"a Twig template used by {used_by}. It cannot run here and is kept in "
            "tancredi-templates for reference: write it anew in Jinja2 as "
            "templates/phones/<vendor>/<name>.j2 in the state directory and set tmpl_phone to "
            "<vendor>/<name>.j2"
        )
        if self._site.library.template(template.name):
            told += "; it replaced a shipped template, whose new form serves these devices now"
        else:
            told += "; until then these devices get no configuration"
        self._say("warning", "template", template.name, told)


def summary(rows: Iterable[Row]) -> dict[str, int]:
    """How many rows there are of each kind and action, e.g. ``{"phone create": 60}``."""
    counted: dict[str, int] = {}
    for row in rows:
        key = f"{row.kind} {row.action}"
        counted[key] = counted.get(key, 0) + 1
    return counted
