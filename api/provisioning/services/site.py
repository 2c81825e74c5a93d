"""The site: what the process works with besides the database.

The state directory holds ``provisioning.sqlite``, ``files/<collection>/`` with what was uploaded,
and ``templates/phones/<vendor>/``, where the site may add or override vendors, models, file
patterns and templates in the shape of the shipped folders.
"""

import hashlib
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.rendering import Renderer
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import VendorFileError, load_library
from provisioning.engine.vendors import Library

_log = logging.getLogger(__name__)

COLLECTIONS = ("backgrounds", "firmware", "ringtones", "screensavers")
"""Kinds of files that devices fetch; also the names of their folders and URLs."""

_LOOK_SECONDS = 1.0


def shipped_data() -> Path:
    """The folder of the shipped catalogue, vendors and time zones."""
    package = Path(__file__).parent.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """The address that devices use, from ``PROVISIONING_PUBLIC_URL``."""

    scheme: str
    netloc: str

    @classmethod
    def parse(cls, text: str) -> "PublicUrl":
        """Read scheme and host of a URL.

        Raises:
            ValueError: not ``http://host`` or ``https://host``, with a port or not.
        """
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{text!r} is not a URL like https://pbx.example.org")
        return cls(parts.scheme, parts.netloc)

    @property
    def hostname(self) -> str:
        """The host without a port."""
        return urlsplit(f"//{self.netloc}").hostname or self.netloc


class Site:
    """Shipped data, overlaid by the site's own, and the folders of the state directory."""

    def __init__(self, state: Path, public_url: PublicUrl):
        self.state = state
        self.public_url = public_url
        data = shipped_data()
        self.catalogue = Catalogue.load(data / "parameters.yaml")
        self.zones = Zones.load(data / "timezones.yaml")
        self._shipped = data / "phones"
        self.own_vendors = state / "templates" / "phones"
        """What the site adds to or overrides in the shipped vendors."""
        self._looked_at = time.monotonic()
        self._seen = _signature(self.own_vendors)
        self._load()

    def _load(self) -> None:
        self.library = self._library()
        self.renderer = Renderer(self.library)
        self.digest = _digest(
            [self._shipped.parent / "parameters.yaml", self._shipped.parent / "timezones.yaml"],
            [self._shipped, self.own_vendors],
        )
        """Names the state of all shipped and own data; part of every ETag."""

    def _library(self) -> Library:
        """A mistake in the site's own files must not stop the phones that do not need them."""
        try:
            return load_library([self._shipped, self.own_vendors])
        except VendorFileError as mistake:
            _log.error("the site's own vendors are left out: %s", mistake)
            return load_library([self._shipped])

    def refresh(self) -> bool:
        """Read the site's own vendors and templates again if a file changed.

        Looks at most once a second, so it may be called at each request.

        Returns:
            True if they were read again: everything rendered before may be outdated.
        """
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = now
        seen = _signature(self.own_vendors)
        if seen == self._seen:
            return False
        self._seen = seen
        self._load()
        return True

    def collection(self, name: str) -> Path:
        """The folder of a collection of files."""
        return self.state / "files" / name


def _signature(tree: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in sorted(tree.glob("**/*")):
        try:
            stat = path.stat()
        except OSError:  # gone between listing and looking: the next look tells
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _digest(files: Iterable[Path], trees: Iterable[Path]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for path in [*files, *(p for tree in trees for p in sorted(tree.glob("**/*")) if p.is_file())]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.digest()
