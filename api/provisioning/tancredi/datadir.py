"""Read the data directory of a Tancredi installation, of any version, into typed objects.

Reading changes nothing on disk and needs nothing but the directory. What comes out is cleaned and
brought to the names of the newest Tancredi: renamed models, addresses in one notation, repaired
values. Whatever was changed or left out on the way is a :class:`Finding` for the admin; a file that
cannot be read costs that file only. What needs knowledge of the shipped models is not done here:
finding out what a full copy of a model really changes, and phones whose model exists nowhere.

Findings hold no value of a setting and no whole token: they are shown, logged and exported.

Source: Tancredi 1.9 and its migrations, NethVoice's own among them.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import ScopeKind
from provisioning.tancredi.ini import IniError, IniFile, Sections, decode, parse

Severity = Literal["info", "warning", "error"]
TokenKind = Literal[1, 2]

COLLECTIONS = ("backgrounds", "firmware", "ringtones", "screensavers")
"""The folders of uploaded files, by their names in the API."""

_TOKEN_FOLDERS: tuple[tuple[TokenKind, str], ...] = (
    (1, "first_access_tokens"),
    (2, "tokens"),
)
_SHIPPED_PATTERN_FILES = {
    "akuvox.ini",
    "fanvil.ini",
    "gigaset.ini",
    "nethesis.ini",
    "sangoma.ini",
    "snom.ini",
    "variables.ini",
    "yealink.ini",
}
_YEALINK_RENAMES = {
    f"yealink-{old}": f"yealink-{new}"
    for old, new in {
        "T19P_E2": "T19",
        "T21P_E2": "T21",
        "T23G": "T23",
        "T27G": "T27",
        "T29G": "T29",
        "T40PG": "T40",
        "T41PS": "T41",
        "T42GS": "T42",
        "T43U": "T43",
        "T46GS": "T46",
        "T48GS": "T48",
        "T49G": "T49",
    }.items()
}
_NPX5V2, _NPX5, _NPX5_DISPLAY_NAME = "nethesis-NPX5v2", "nethesis-NPX5", "Nethesis NP-X5"
_NPX5_FIRMWARE = "nethesis-firmware.tmpl"
_NPX5V2_FIRMWARE = "nethesis-firmware-v2.tmpl"
_DEFAULT_CONTENT_TYPE = "text/plain; charset=utf-8"

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_MODEL_ID = re.compile(r"[A-Za-z0-9_.-]+")
_TOKEN = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]+")
_ASSET_NAME = re.compile(r"[A-Za-z0-9._()-]+")
_SOFT_KEY_TYPE = re.compile(r"softkey_type_[0-9]+")


class DataDirectoryError(ValueError):
    """The path is not a Tancredi data directory; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the admin should know: what was met, what it means, what to do.

    ``info``: repaired, nothing is lost. ``warning``: look at it. ``error``: something is left out.
    """

    where: str
    """A file, relative to the directory, or the id of a scope."""
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The defaults, a model or a phone, with what its own file sets."""

    id: str
    kind: ScopeKind
    display_name: str
    parent: str
    """Id of the model, which need not exist here (it may be a shipped one); often empty."""
    variables: Mapping[str, str]
    file: str
    """Name of the file the settings come from; the id may have changed since."""


@dataclass(frozen=True, slots=True)
class Token:
    """A secret part of a provisioning address, and the phone it stands for."""

    text: str
    kind: TokenKind
    """1: first access, ends with the first use of a permanent one. 2: permanent."""
    scope_id: str


@dataclass(frozen=True, slots=True)
class Asset:
    """An uploaded file; ``size`` in bytes."""

    collection: str
    name: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class PatternRule:
    """A rule of the site: which file names mean which phone.

    ``pattern`` is a PCRE for the whole file name, ``scope_id`` may hold ``$1`` to ``$9``. Both are
    as the site wrote them.
    """

    file: str
    name: str
    pattern: str
    scope_id: str
    template_variable: str
    content_type: str


@dataclass(frozen=True, slots=True)
class CustomTemplate:
    """A template of the site, in Twig.

    ``used_by`` are the scopes of this directory that name it. A shipped model may name it too: a
    site template with a shipped one's name takes its place.
    """

    name: str
    path: Path
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """What a data directory holds.

    ``scopes``: defaults, models, phones, each by id. ``tokens``: first access, then permanent, in
    byte order. A phone has one token for first access at most, but may have several permanent ones,
    all in service; the first of them is the one that Tancredi reported. ``patterns``: in the order
    in which they are tried.
    """

    scopes: tuple[Scope, ...]
    tokens: tuple[Token, ...]
    assets: tuple[Asset, ...]
    patterns: tuple[PatternRule, ...]
    custom_templates: tuple[CustomTemplate, ...]
    findings: tuple[Finding, ...]


def read(directory: Path) -> DataDirectory:
    """Read a data directory (Tancredi's ``rw_dir``) whole.

    Files that start with a dot are passed over in silence, and so is ``not_found_scopes``. A link
    is followed only within its folder, so that none can publish a file that is not meant to be.

    Raises:
        DataDirectoryError: no such directory, or it has no folder ``scopes``.
    """
    if not (directory / "scopes").is_dir():
        raise DataDirectoryError(
            f'{directory} has no folder "scopes". Give the directory that holds scopes, tokens and '
            "first_access_tokens; in NethVoice it is /var/lib/tancredi/data."
        )
    report = _Report(directory.resolve())
    scopes = _read_scopes(report)
    phones = frozenset(scope.id for scope in scopes if scope.kind == "phone")
    return DataDirectory(
        scopes=scopes,
        tokens=_read_tokens(report, phones),
        assets=tuple(_read_assets(report)),
        patterns=tuple(_read_patterns(report)),
        custom_templates=tuple(_read_templates(report, scopes)),
        findings=tuple(report.findings),
    )


class _Report:
    """The directory, and what was found on the way through it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.findings: list[Finding] = []

    def add(self, where: str, severity: Severity, text: str) -> None:
        self.findings.append(Finding(where, severity, text))

    def info(self, where: str, text: str) -> None:
        self.add(where, "info", text)

    def warning(self, where: str, text: str) -> None:
        self.add(where, "warning", text)

    def error(self, where: str, text: str) -> None:
        self.add(where, "error", text)

    def files(self, folder: str, *, secret_names: bool = False) -> Iterator[Path]:
        """The ordinary files of a folder in byte order, as paths that are safe to read."""
        top = self.root / folder
        if not top.is_dir() or not self.leads_into(self.root, top, folder):
            return
        try:
            paths = sorted(top.iterdir(), key=lambda path: os.fsencode(path.name))
        except OSError as error:
            self.error(folder, f"The folder cannot be read ({error.strerror}). Left out.")
            return
        for path in paths:
            name = _masked(path.name) if secret_names else _printable(path.name)
            where = f"{folder}/{name}"
            if path.name.startswith("."):
                continue
            if _printable(path.name) != path.name:
                self.error(where, "The name is not valid UTF-8. Left out; rename the file.")
            elif not self.leads_into(top, path, where):
                continue
            elif not path.is_file():
                self.warning(where, "This is not an ordinary file. Left out.")
            else:
                yield path

    def leads_into(self, folder: Path, path: Path, where: str) -> bool:
        """Whether a path, all links followed, lies directly in a folder."""
        try:
            if path.resolve().parent == folder:
                return True
        except (OSError, RuntimeError):  # a link in a circle
            pass
        self.error(
            where,
            "This link leads somewhere else and was not followed. "
            "Put what it points to in its place, if it belongs to Tancredi.",
        )
        return False

    def bytes_of(self, path: Path, where: str) -> bytes | None:
        try:
            return path.read_bytes()
        except OSError as error:
            self.error(where, f"The file cannot be read ({error.strerror}). Left out.")
            return None

    def ini(self, folder: str) -> Iterator[tuple[Path, str, Sections]]:
        """The INI files of a folder: path, name for findings, content."""
        for path in self.files(folder):
            where = f"{folder}/{path.name}"
            if path.suffix != ".ini" or (data := self.bytes_of(path, where)) is None:
                continue
            try:
                content: IniFile = parse(decode(data))
            except IniError as error:
                self.error(
                    where,
                    f"Line {error.line}: {error.reason}. Left out whole, as Tancredi could not "
                    "read it either; correct the line and import again.",
                )
                continue
            for remark in content.remarks:
                self.warning(where, f"Line {remark.line}: {remark.text}.")
            yield path, where, content.sections


@dataclass(frozen=True, slots=True)
class _Draft:
    """A scope as its file has it, before the migrations."""

    scope: Scope
    where: str
    version: int | None
    as_written: bool
    """The file name is the id, letter for letter."""


def _read_scopes(report: _Report) -> tuple[Scope, ...]:
    drafts: dict[str, _Draft] = {}
    for path, where, sections in report.ini("scopes"):
        draft = _draft(report, path, where, sections)
        if draft is None:
            continue
        other = drafts.get(draft.scope.id)
        if other is not None:
            # Tancredi addressed phones in capitals with hyphens only; that file was in use.
            draft, loser = (draft, other) if draft.as_written else (other, draft)
            report.error(
                loser.where,
                f"The same phone as {draft.where}, whose settings are taken. Left out; "
                "delete one of the two files.",
            )
        drafts[draft.scope.id] = draft
    _merge_npx5v2(report, drafts)
    migrated = _rename(report, drafts)
    cleaned = (_clean(report, scope) for scope in migrated)
    order: dict[ScopeKind, int] = {"defaults": 0, "model": 1, "phone": 2}
    return tuple(sorted(cleaned, key=lambda scope: (order[scope.kind], scope.id)))


def _draft(report: _Report, path: Path, where: str, sections: Sections) -> _Draft | None:
    metadata = sections.get("metadata", {})
    if not metadata:
        report.warning(
            where, "The file has no [metadata], as after an interrupted write. Check this scope."
        )
    identity = _identity(report, path.stem, where, metadata.get("scopeType", ""))
    if identity is None:
        return None
    kind, scope_id = identity
    version = metadata.get("version", "")
    return _Draft(
        scope=Scope(
            id=scope_id,
            kind=kind,
            display_name=metadata.get("displayName", ""),
            parent=_canonical(metadata.get("inheritFrom", "").strip()),
            variables=_named_well(report, where, sections.get("data", {})),
            file=path.name,
        ),
        where=where,
        version=int(version) if version.isdecimal() else None,
        as_written=scope_id == path.stem,
    )


def _identity(
    report: _Report, stem: str, where: str, scope_type: str
) -> tuple[ScopeKind, str] | None:
    """Kind and id of a scope. The file name decides; a stored kind that differs is reported."""
    mac = _mac(stem)
    kind: ScopeKind = "defaults" if stem == "defaults" else "phone" if mac else "model"
    if kind == "model" and scope_type == "phone":
        report.error(
            where, "A phone whose file name is not a MAC address. Left out; rename the file."
        )
        return None
    if scope_type not in ("", kind):
        report.warning(
            where, f"The file calls itself {scope_type[:20]!r}; by its name it is taken as {kind}."
        )
    if kind == "model" and not _MODEL_ID.fullmatch(stem):
        report.error(
            where,
            "A model's name may hold letters, digits, _ - and . only. Left out; rename the file, "
            "and correct inheritFrom in the phones that use it.",
        )
        return None
    if mac and str(mac) != stem:
        report.info(where, f"The phone is registered as {mac}.")
    return kind, str(mac) if mac else stem


def _named_well(report: _Report, where: str, data: Mapping[str, str]) -> dict[str, str]:
    variables = {name: value for name, value in data.items() if _VARIABLE_NAME.fullmatch(name)}
    if dropped := [name for name in data if name not in variables]:
        report.warning(
            where,
            f"Left out: {', '.join(_shortened(name) for name in dropped)}. The name of a setting "
            "starts with a letter or _, then letters, digits, _ - and . may follow.",
        )
    return variables


def _merge_npx5v2(report: _Report, drafts: dict[str, _Draft]) -> None:
    """Step 14 of Tancredi's migrations: one model for both hardware versions of the NP-X5."""
    source, target = drafts.pop(_NPX5V2, None), drafts.get(_NPX5)
    if source is None and target is None:
        return
    variables = dict(target.scope.variables) if target else {"tmpl_firmware": _NPX5_FIRMWARE}
    if source is not None:
        for name, value in _as_npx5(source).items():
            if variables.setdefault(name, value) != value:
                report.warning(
                    source.where,
                    f"{_NPX5V2} is part of {_NPX5} now, which has another value for {name}. "
                    f"The value of {_NPX5} stands; check the phones that used {_NPX5V2}.",
                )
        report.info(source.where, f"{_NPX5V2} is part of {_NPX5} now.")
    variables.setdefault("tmpl_firmware_v2", _NPX5V2_FIRMWARE)
    if target is not None:
        drafts[_NPX5] = replace(target, scope=replace(target.scope, variables=variables))
    elif source is not None:
        scope = replace(
            source.scope, id=_NPX5, display_name=_NPX5_DISPLAY_NAME, variables=variables
        )
        drafts[_NPX5] = replace(source, scope=scope)


def _as_npx5(source: _Draft) -> dict[str, str]:
    """The settings of the second hardware version under the names of the merged model."""
    variables = dict(source.scope.variables)
    firmware = variables.pop("tmpl_firmware", _NPX5V2_FIRMWARE)
    if source.version is None or source.version < 13:
        firmware = _NPX5V2_FIRMWARE  # step 13, which came before
    return {"tmpl_firmware_v2": firmware} | variables


def _rename(report: _Report, drafts: dict[str, _Draft]) -> Iterator[Scope]:
    """Steps 1 and 14 of Tancredi's migrations and 15 of NethVoice's, on ids and parents.

    A data directory whose defaults have a version has been through step 1. A model with an old name
    in it is the site's own, made later; only parents that lead nowhere are corrected then.
    """
    defaults = drafts.get("defaults")
    before_step_1 = defaults is None or defaults.version is None
    renames = {_NPX5V2: _NPX5} | {
        old: new for old, new in _YEALINK_RENAMES.items() if before_step_1 or old not in drafts
    }
    for scope_id, draft in drafts.items():
        scope = draft.scope
        new_id = renames.get(scope_id, scope_id)
        if new_id != scope_id and new_id in drafts:
            report.error(
                draft.where,
                f"Tancredi renamed {scope_id} to {new_id}, and there is a {new_id} as well, which "
                "stands. Left out; copy what you still need from one file to the other.",
            )
            continue
        if new_id != scope_id:
            report.info(draft.where, f"The model {scope_id} is called {new_id} now.")
        parent = renames.get(scope.parent, scope.parent)
        if parent != scope.parent:
            report.info(draft.where, f"Its model {scope.parent} is called {parent} now.")
        variables = dict(scope.variables)
        if scope_id.startswith(f"{_NPX5V2}-"):
            variables.setdefault("tmpl_firmware_v2", _NPX5V2_FIRMWARE)
        yield replace(scope, id=new_id, parent=parent, variables=variables)


def _clean(report: _Report, scope: Scope) -> Scope:
    """Repair values that Tancredi's own migrations damaged or renamed later."""
    variables = dict(scope.variables)
    blacklist = variables.get("cap_ringtone_blacklist", "")
    if len(blacklist) > 1 and blacklist[0] == blacklist[-1] == '"':
        variables["cap_ringtone_blacklist"] = blacklist[1:-1]
        report.info(
            scope.id, "cap_ringtone_blacklist: quotes that a Tancredi upgrade left, removed."
        )
    model = scope.parent if scope.kind == "phone" else scope.id
    if model.startswith("sangoma-"):
        for name in variables:
            if _SOFT_KEY_TYPE.fullmatch(name) and variables[name] == "pickup":
                variables[name] = "group_pickup"
                report.info(scope.id, f"{name}: pickup is called group_pickup now.")
    return replace(scope, variables=variables)


def _read_tokens(report: _Report, phones: frozenset[str]) -> tuple[Token, ...]:
    tokens: dict[str, Token] = {}
    for kind, folder in _TOKEN_FOLDERS:
        seen: defaultdict[str, int] = defaultdict(int)
        for path in report.files(folder, secret_names=True):
            token = _token(report, kind, path, f"{folder}/{_masked(path.name)}", phones)
            if token is None:
                continue
            where = f"{folder}/{_masked(token.text)}"
            seen[token.scope_id] += 1
            if token.text in tokens:
                # Tancredi looked in the other folder first.
                report.warning(where, "Also a token for first access, which stands. Left out.")
            elif kind == 1 and seen[token.scope_id] > 1:
                report.warning(
                    where,
                    f"{token.scope_id} has another token for first access, the one that Tancredi "
                    "showed. Left out; a phone that holds this one needs the new address.",
                )
            else:
                tokens[token.text] = token
        if kind == 2:
            for scope_id, count in seen.items():
                if count > 1:
                    report.info(
                        scope_id, f"{count} permanent tokens; all stay valid, the first is shown."
                    )
    return tuple(tokens.values())


def _token(
    report: _Report, kind: TokenKind, path: Path, where: str, phones: frozenset[str]
) -> Token | None:
    if not _TOKEN.fullmatch(path.name):
        report.error(
            where, "A token may hold letters, digits, . _ and - only. Left out; make a new one."
        )
        return None
    data = report.bytes_of(path, where)
    if data is None:
        return None
    scope_id = _canonical(decode(data).strip())
    if scope_id not in phones:
        report.warning(
            where,
            f"It stands for {_shortened(scope_id)}, which is not among the phones. Left out: "
            "a phone that still holds it will get nothing."
            if scope_id
            else "The file is empty. Left out.",
        )
        return None
    return Token(path.name, kind, scope_id)


def _read_assets(report: _Report) -> Iterator[Asset]:
    for collection in COLLECTIONS:
        for path in report.files(collection):
            if _ASSET_NAME.fullmatch(path.name):
                yield Asset(collection, path.name, path.resolve(), path.stat().st_size)
            else:
                report.error(
                    f"{collection}/{path.name}",
                    "A file's name may hold letters, digits, - _ . ( and ) only. Left out; rename "
                    "the file, also in the settings that name it.",
                )


def _read_patterns(report: _Report) -> Iterator[PatternRule]:
    for path, where, sections in report.ini("patterns.d"):
        if path.name in _SHIPPED_PATTERN_FILES:
            report.warning(
                where,
                "The file replaced the rules that Tancredi shipped under this name. Its rules are "
                "taken as additions, tried first; the built-in rules stay.",
            )
        for name, rule in sections.items():
            if not rule.get("pattern") or not rule.get("template"):
                report.error(
                    where, f"The rule [{_shortened(name)}] needs pattern and template. Left out."
                )
                continue
            yield PatternRule(
                file=path.name,
                name=name,
                pattern=rule["pattern"],
                scope_id=rule.get("scopeid", ""),
                template_variable=rule["template"],
                content_type=rule.get("content_type") or _DEFAULT_CONTENT_TYPE,
            )


def _read_templates(report: _Report, scopes: Sequence[Scope]) -> Iterator[CustomTemplate]:
    for path in report.files("templates-custom"):
        users = tuple(scope.id for scope in scopes if path.name in _templates_of(scope))
        yield CustomTemplate(path.name, path.resolve(), users)


def _templates_of(scope: Scope) -> Iterable[str]:
    return (value for name, value in scope.variables.items() if name.startswith("tmpl_"))


def _mac(text: str) -> MacAddress | None:
    try:
        return MacAddress.parse(text)
    except ValueError:
        return None


def _canonical(scope_id: str) -> str:
    """The id under which a scope is known here: MAC addresses in one notation, others as is."""
    mac = _mac(scope_id)
    return str(mac) if mac else scope_id


def _masked(token: str) -> str:
    """Enough of a token to find its file, too little to use it."""
    return _printable(token)[:6] + "…"


def _shortened(text: str) -> str:
    return ascii(text[:40])[1:-1] if not text.isprintable() else text[:40]


def _printable(name: str) -> str:
    """A file name as text, with bytes that are no UTF-8 written out."""
    return name.encode("utf-8", "backslashreplace").decode()
