"""Files that devices fetch: wallpapers, firmware, ringtones, screensavers.

The folder is the truth: a file put there by hand counts like an uploaded one.
"""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provisioning.services.errors import BadName, NotFound
from provisioning.services.site import COLLECTIONS, Site
from provisioning.store import history, proofs
from provisioning.store.database import configuration_change

_NAME = re.compile(r"[A-Za-z0-9_()-][A-Za-z0-9_.()-]{0,199}")
NAME_ALLOWED = "letters, digits, - _ . ( ), not starting with a dot, at most 200 characters"

_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a collection."""

    name: str
    size: int
    """Bytes."""
    modified_at: int
    """Unix time, seconds."""
    version: str
    """Another one after each upload, also of the same bytes."""


def list_all(site: Site, collection: str) -> list[StoredFile]:
    """The files of a collection by name, without hidden ones and folders."""
    folder = site.collection(collection)
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        found = [
            _stored(entry.name, entry.stat())
            for entry in entries
            if not entry.name.startswith(".") and entry.is_file()
        ]
    return sorted(found, key=lambda file: file.name)


def path(site: Site, collection: str, name: str) -> Path | None:
    """Where a file is; None if there is no such file directly in the collection."""
    if collection not in COLLECTIONS or not _NAME.fullmatch(name):
        return None
    folder = site.collection(collection)
    found = folder / name
    # A link that leads elsewhere is no file of the collection.
    if not found.is_file() or found.resolve().parent != folder.resolve():
        return None
    return found


def find(site: Site, collection: str, name: str) -> StoredFile | None:
    """A file; None if there is no such file directly in the collection."""
    found = path(site, collection, name)
    return _stored(name, found.stat()) if found else None


def checked_name(site: Site, collection: str, name: str) -> str:
    """The name under which a file would be stored: what stands before the last slash is left out.

    Raises:
        BadName: a name with other characters than are allowed, or that of a folder.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    if not _NAME.fullmatch(name):
        raise BadName("file name", name, NAME_ALLOWED)
    if (site.collection(collection) / name).is_dir():
        raise BadName("file name", name, "a name that no folder has")
    return name


def save(
    site: Site,
    collection: str,
    name: str,
    content: IO[bytes],
    *,
    review: Callable[[StoredFile | None], None] = lambda _: None,
    by: str,
) -> StoredFile:
    """Store a file, whole or not at all; one of the same name is replaced.

    Args:
        site: the site.
        collection: one of :data:`COLLECTIONS`.
        name: its name; what stands before the last slash is left out.
        content: read to its end, in pieces.
        review: gets the file that is to be replaced, None: there is none, where nobody else writes
            any more; raises what it wants if that is not to be.
        by: who asked, for the history.

    Raises:
        BadName: see :func:`checked_name`.
    """
    name = checked_name(site, collection, name)
    folder = site.collection(collection)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as temporary:
        try:
            while piece := content.read(_CHUNK):
                temporary.write(piece)
            temporary.flush()
            os.fsync(temporary.fileno())
            with configuration_change():
                review(find(site, collection, name))
                Path(temporary.name).replace(folder / name)
                _sync(folder)
                proofs.touch_everyone()
                history.record(by, "file", f"{collection}/{name}", "create")
        except BaseException:
            Path(temporary.name).unlink(missing_ok=True)
            raise
    return _stored(name, (folder / name).stat())


def _stored(name: str, stat: os.stat_result) -> StoredFile:
    # Two uploads within a tick of the disk's clock are told apart by their inodes.
    version = f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"
    return StoredFile(name, stat.st_size, int(stat.st_mtime), version)


def _sync(folder: Path) -> None:
    """Bring a folder's names to the disk: a power cut must not take a confirmed file away."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def delete(site: Site, collection: str, name: str, *, by: str) -> None:
    """Remove a file.

    Raises:
        NotFound: there is no such file directly in the collection.
    """
    found = path(site, collection, name)
    if found is None:
        raise NotFound("file", f"{collection}/{name}"[:200])
    with configuration_change():
        found.unlink()
        proofs.touch_everyone()
        history.record(by, "file", f"{collection}/{name}", "delete")
