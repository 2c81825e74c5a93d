"""The files of a phone, as stored or as it would be stored, to hold one set against another.

Besides its configuration a phone may have a file that tells its firmware; a change may show in that
one alone.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from provisioning.engine.identification import Identification
from provisioning.engine.vendors import FileRule
from provisioning.services import configurations, secrets
from provisioning.services.configurations import Access, CannotServe, Configuration
from provisioning.services.errors import NotFound
from provisioning.services.scopes import FindPeople
from provisioning.services.secrets import MASK
from provisioning.services.site import Site
from provisioning.store import people as stored_people
from provisioning.store.devices import StoredDevice

OTHER_SECRET = f"{MASK} (new)"
"""Stands for a secret that a draft sets: both masks alike would hide that it changes."""

MAX_DIFF_CHARACTERS = 20_000
_NO_VENDOR = "nothing tells the vendor of this phone"


@dataclass(frozen=True, slots=True)
class Files:
    """What a phone would get, by the name of the template setting without ``tmpl_``."""

    bodies: Mapping[str, bytes] = field(default_factory=dict)
    configurations: Mapping[str, Configuration] = field(default_factory=dict)
    failure: str = ""
    """Why its configuration cannot be made, in words for the admin; empty: it can."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes in the files of a phone, secrets and tokens masked."""

    text: str
    """A unified diff; its file names are ``<file> now`` and ``<file> then``."""
    cut: bool
    """Whether it was longer."""


def files_of(
    site: Site,
    device: StoredDevice,
    asking: Identification,
    find_people: FindPeople = stored_people.find,
) -> Files:
    """Render everything a phone would get with its permanent token.

    Args:
        site: the site.
        device: the phone.
        asking: what it says of itself.
        find_people: looks up whom its keys refer to.
    """
    access = Access("tok2", device.tok2)
    try:
        found = dict(_configurations(site, device, access, asking, find_people))
        return Files({name: configurations.render(site, c) for name, c in found.items()}, found)
    except CannotServe as mistake:
        return Files(failure=str(mistake))


def reads(site: Site, files: Files, name: str, value: str | None) -> bool:
    """Whether a phone's files would be other ones if a setting had another value.

    Args:
        site: the site.
        files: of the phone.
        name: the setting; none that chooses template or address.
        value: the other value; None: not set.
    """
    for file, configuration in files.configurations.items():
        variables = {n: v for n, v in configuration.variables.items() if n != name}
        if value is not None:
            variables[name] = value
        try:
            body = configurations.render(site, replace(configuration, variables=variables))
        except CannotServe:
            return True
        if body != files.bodies[file]:
            return True
    return False


def diff(
    site: Site,
    before: StoredDevice,
    after: StoredDevice,
    asking: Identification,
    changed: Collection[str],
) -> Diff:
    """What would change in the files of a phone.

    Args:
        site: the site.
        before: the phone as it is.
        after: the phone as it would be.
        asking: what it says of itself.
        changed: the settings that would have another value.
    """
    old = _masked(site, before, asking, {})
    catalogue = site.catalogue
    new_secrets = {name: OTHER_SECRET for name in changed if catalogue.is_secret(name)}
    new = _masked(site, after, asking, new_secrets)
    lines = [
        line
        for name in {**old, **new}
        for line in difflib.unified_diff(
            old.get(name, "").splitlines(),
            new.get(name, "").splitlines(),
            f"{name} now",
            f"{name} then",
            lineterm="",
        )
    ]
    text = "".join(f"{line}\n" for line in lines)
    if len(text) <= MAX_DIFF_CHARACTERS:
        return Diff(text, cut=False)
    whole_lines, _, _ = text[:MAX_DIFF_CHARACTERS].rpartition("\n")
    return Diff(f"{whole_lines}\n", cut=True)


def _masked(
    site: Site, device: StoredDevice, asking: Identification, others: Mapping[str, str]
) -> dict[str, str]:
    """The files with masks in the place of secrets; those that can be made."""
    shown = {}
    with suppress(CannotServe):
        for name, found in _configurations(site, device, Access("tok2", MASK), asking):
            variables = secrets.hide_all(site.catalogue, found.variables)
            variables |= {n: mask for n, mask in others.items() if variables.get(n)}
            body = configurations.render(site, replace(found, variables=variables))
            shown[name] = body.decode("utf-8", "replace")
    return shown


def _configurations(
    site: Site,
    device: StoredDevice,
    access: Access,
    asking: Identification,
    find_people: FindPeople = stored_people.find,
) -> Iterator[tuple[str, Configuration]]:
    """Each file of a phone, its configuration first; a file that has no template is none.

    Raises:
        CannotServe: there is no template for its configuration.
    """
    for position, rule in enumerate(_rules(site, device)):
        try:
            found = configurations.find(site, device, access, rule, asking, find_people)
        except CannotServe:
            if position == 0:
                raise
            continue
        yield rule.template_variable.removeprefix("tmpl_"), found


def _rules(site: Site, device: StoredDevice) -> list[FileRule]:
    try:
        _, main = configurations.file_of(site, device, None)
    except NotFound:
        raise CannotServe(_NO_VENDOR) from None
    others = configurations.rules_by_template(site.library.vendors[main.vendor])
    return [main, *(r for name, r in others.items() if name != main.template_variable)]
