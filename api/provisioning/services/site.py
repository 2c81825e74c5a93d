"""The site: what the process works with besides the database.

The state directory holds ``provisioning.sqlite``, ``files/<collection>/`` with what was uploaded,
and ``templates/phones/<vendor>/`` and ``templates/gateways/<brand>/``, where the site may add or
override vendors, models, file patterns, dialogues and templates in the shape of the shipped
folders.
"""

import hashlib
import logging
import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.gateways.brand_files import BrandFileError, load_gateways
from provisioning.engine.gateways.rendering import GatewayRenderer
from provisioning.engine.rendering import Renderer
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import VendorFileError, load_library

_log = logging.getLogger(__name__)

COLLECTIONS = ("backgrounds", "firmware", "ringtones", "screensavers")
"""Kinds of files that devices fetch; also the names of their folders and URLs."""

_LOOK_SECONDS = 1.0

_Found = TypeVar("_Found", covariant=True)

_NETLOC = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


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
        if parts.scheme not in ("http", "https") or not _NETLOC.fullmatch(parts.netloc):
            raise ValueError(f"{text!r} is not a URL like https://pbx.example.org")
        # The paths are ours: devices know /provisioning.
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"{text!r} has more than scheme, host and port")
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
        self._shipped_gateways = data / "gateways"
        self.own_gateways = state / "templates" / "gateways"
        """What the site adds to or overrides in the shipped brands of gateways."""
        self._looked_at = time.monotonic()
        self._seen = self._signature()
        self._seen_files = self._signature_of_files()
        self._load()

    def _load(self) -> None:
        self.library = _tolerant(load_library, VendorFileError, self._shipped, self.own_vendors)
        self.renderer = Renderer(self.library)
        self.gateways = _tolerant(
            load_gateways, BrandFileError, self._shipped_gateways, self.own_gateways
        )
        self.gateway_renderer = GatewayRenderer(self.gateways)
        # Last: whoever sees the new digest also sees the new data.
        self.digest = _digest([self._shipped.parent, self.own_vendors])
        """Names the state of all data that phones get; part of every ETag."""

    def _signature(self) -> tuple[tuple[str, int, int], ...]:
        return (*_signature(self.own_vendors), *_signature(self.own_gateways))

    def refresh(self) -> bool:
        """Read the site's own vendors and templates again if a file changed.

        Looks at most once a second, so it may be called at each request.

        Returns:
            True if they were read again, or a file for devices came or went: everything rendered
            before may be outdated.
        """
        now = time.monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return False
        self._looked_at = now
        seen, files = self._signature(), self._signature_of_files()
        if seen == self._seen and files == self._seen_files:
            return False
        if seen != self._seen:
            self._load()
        self._seen, self._seen_files = seen, files
        return True

    def _signature_of_files(self) -> tuple[int, ...]:
        """Changes when a file comes or goes; which bytes it holds matters to no configuration."""
        folders = [self.collection(name) for name in COLLECTIONS]
        return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())

    def collection(self, name: str) -> Path:
        """The folder of a collection of files."""
        return self.state / "files" / name


class _Loader(Protocol[_Found]):
    def __call__(self, trees: Sequence[Path], /, *, without: Collection[Path] = ()) -> _Found: ...


def _tolerant(
    load: _Loader[_Found],
    mistakes: type[VendorFileError] | type[BrandFileError],
    shipped: Path,
    own: Path,
) -> _Found:
    """A mistake in one of the site's own folders must not stop the devices of the others."""
    left_out: set[Path] = set()
    while True:
        try:
            return load([shipped, own], without=left_out)
        except mistakes as mistake:
            theirs = [folder for folder in own.glob("*/") if mistake.file.is_relative_to(folder)]
            if not theirs:
                raise
            _log.error("the site's own folder %s is left out: %s", theirs[0].name, mistake)
            if theirs[0] in left_out:  # another of the site's folders borrows from it
                return load([shipped])
            left_out.add(theirs[0])


def _signature(tree: Path) -> tuple[tuple[str, int, int], ...]:
    found = []
    for path in sorted(tree.glob("**/*")):
        try:
            stat = path.stat()
        except OSError:  # gone between listing and looking: the next look tells
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def _digest(trees: Iterable[Path]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for tree in trees:
        for path in sorted(tree.glob("**/*")):
            try:
                content = path.read_bytes() if path.is_file() else b""
            except OSError as unreadable:  # or gone meanwhile: the next look tells
                content = str(unreadable).encode()
            name = str(path.relative_to(tree)).encode("utf-8", "surrogateescape")
            digest.update(repr((name, len(content))).encode())
            digest.update(content)
    return digest.digest()
