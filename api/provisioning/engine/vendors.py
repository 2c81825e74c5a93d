"""Vendors and models as data: what lies in ``templates/phones/<vendor>/``, typed and checked.

A vendor is found, not registered: a folder with a ``vendor.yaml`` is one. A second tree of the same
shape (the site's own) may add vendors, and override or add models, files, prefixes and templates.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from provisioning.engine.dhcp.facts import DhcpFacts
from provisioning.engine.identification import UserAgentPattern
from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Variables

FORMATS = ("lines", "xml")
"""Output formats; each owns its escaping (``engine.rendering``)."""

MAC_GROUP = "(?P<mac>[0-9a-f]{12})"


@dataclass(frozen=True, slots=True)
class MacRange:
    """A run of MAC addresses, both ends included; a prefix is one too."""

    first: int
    last: int

    @classmethod
    def of_prefix(cls, prefix: str) -> "MacRange":
        """The range of a prefix of whole bytes or nibbles, e.g. ``00:15:65``.

        Raises:
            ValueError: not hexadecimal, or longer than an address.
        """
        digits = re.sub("[:-]", "", prefix)
        if not re.fullmatch("[0-9a-fA-F]{6,12}", digits):
            raise ValueError(f"{prefix!r} is not a MAC prefix of 6 to 12 hexadecimal digits")
        missing = 12 - len(digits)
        return cls(int(digits + "0" * missing, 16), int(digits + "f" * missing, 16))

    @property
    def width(self) -> int:
        """How many addresses there are; the narrowest range decides about an address."""
        return self.last - self.first + 1

    def __contains__(self, mac: MacAddress) -> bool:
        return self.first <= mac.value <= self.last


@dataclass(frozen=True, slots=True)
class FileRule:
    """Which file names a device of a vendor asks for, and what answers them.

    ``pattern`` is matched with the whole name, ignoring case. Without ``mac``, the group ``mac``
    of the pattern (written ``{mac}`` in the YAML) is the device's address.
    """

    vendor: str
    pattern: re.Pattern[str]
    role: str
    template_variable: str
    """The setting that names the template: ``tmpl_phone``, ``tmpl_firmware``."""
    content_type: str
    mac: str | None = None
    """Makes the address from the groups, e.g. ``C0-74-AD-\\1-\\2-\\3``; for a site's own rules."""
    own: bool = False
    """The site's own rule: tried before all shipped ones."""

    def match(self, file_name: str) -> "FileMatch | None":
        """Match a file name; a name with an impossible address is no match."""
        match = self.pattern.fullmatch(file_name)
        if match is None:
            return None
        written = match.expand(self.mac) if self.mac else match.groupdict().get("mac")
        if not written:
            return FileMatch(self, None)
        try:
            return FileMatch(self, MacAddress.parse(written))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class FileMatch:
    """A file name that a rule knows, with the address in the name if there is one."""

    rule: FileRule
    mac: MacAddress | None


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """A template file of a vendor."""

    vendor: str
    file: str


@dataclass(frozen=True, slots=True)
class Series:
    """Phones of a vendor that share their software: what the manual says of them together."""

    name: str
    redirect: bool = False
    """A new phone asks the vendor's redirect service, which this product can feed."""
    pnp: bool = False
    """A new phone asks its network by SIP PnP."""
    dhcp: str = ""
    """What the value of a DHCP option ends with: the member of the vendor's ``dhcp`` with the macro
    that the phone expands, or else ``directory`` or ``own_address`` (each phone its own)."""
    not_offered: tuple[str, ...] = ()
    """Functions (``docs/functions.py``) that the vendor's phones do not have."""
    not_established: tuple[str, ...] = ()
    """Functions no source tells how to set."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model as it is shipped, or as the site's own YAML has it."""

    id: str
    vendor: str
    series: str
    """The name of the vendor's series it belongs to."""
    name: str
    accounts: int
    """SIP accounts the device can register."""
    variables: Mapping[str, str]
    """The settings the model presets, under Tancredi's names, capabilities (``cap_*``) included."""
    hardware: tuple[str, ...] = ()
    user_agents: tuple[str, ...] = ()
    """Hardware names as the device writes them in its user agent."""
    mac_ranges: tuple[MacRange, ...] = ()
    """Addresses that tell the model, where a vendor numbers its models so."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What only the vendor's own template asks for."""
    minimum_firmware: str = ""
    """The oldest release the template is written for, e.g. ``x.86``; ``x`` is any number."""
    verified: bool = True
    tancredi_name: str | None = None
    """The name that Tancredi's API shows, where ours corrects it."""
    tancredi_variables: Mapping[str, str] = field(default_factory=dict)
    """The values that Tancredi's API shows, where ours correct them."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor: how its devices are recognised, what they fetch, how its files are written."""

    id: str
    name: str
    format: str
    accounts: int
    """SIP accounts of a model nothing is known of."""
    ranges: tuple[MacRange, ...]
    prefixes: tuple[str, ...]
    """Whole OUIs, six upper-case digits."""
    files: tuple[FileRule, ...]
    templates: Mapping[str, str]
    """Template names as settings hold them (Tancredi's) to files of this folder."""
    values: Mapping[str, Mapping[str, object]]
    """The vendor's words: map name, our value, theirs; ``*`` stands for every other value."""
    user_agents: tuple[UserAgentPattern, ...]
    folders: tuple[Path, ...]
    """Where its templates are, the site's folder first."""
    facts: Mapping[str, object] = field(default_factory=dict)
    dhcp: DhcpFacts = field(default_factory=DhcpFacts)
    notify: Mapping[str, str] = field(default_factory=dict)
    """The SIP event (Event header of a NOTIFY) that asks for a ``reload`` of the configuration
    without a reboot, and for a ``reboot``; what a vendor's phones do not know is missing."""
    firmware_page: str = ""
    """Where the vendor offers firmware for download."""
    minimum_firmware: str = ""
    series: tuple[Series, ...] = ()
    """The vendor's phones as one, then the families that are told apart."""


class Library:
    """All vendors and models, with the look-ups that need them all."""

    def __init__(self, vendors: Mapping[str, Vendor], models: Mapping[str, Model]):
        self.vendors = MappingProxyType(dict(vendors))
        self.models = MappingProxyType(dict(models))
        ranges = [(r, v.id) for v in self.vendors.values() for r in v.ranges]
        # The narrowest range wins: Gigaset P phones live inside Snom's 00:04:13.
        self._ranges = sorted(ranges, key=lambda entry: entry[0].width)
        self._all_rules = tuple(rule for v in self.vendors.values() for rule in v.files)
        self.user_agents = tuple(p for v in self.vendors.values() for p in v.user_agents)

    def vendor_of(self, mac: MacAddress) -> Vendor | None:
        """Whose address it is, by the narrowest range or longest prefix that holds it."""
        for candidate, vendor in self._ranges:
            if mac in candidate:
                return self.vendors[vendor]
        return None

    def vendor_of_model(self, model_id: str) -> Vendor | None:
        """The vendor a model id names before its first hyphen."""
        return self.vendors.get(model_id.partition("-")[0])

    def base_of(self, model_id: str) -> Model | None:
        """The shipped model that an id stands for or starts with.

        ``yealink-T46-reception`` is a variant of ``yealink-T46``; the longest id wins.
        """
        parts = model_id.split("-")
        for length in range(len(parts), 1, -1):
            model = self.models.get("-".join(parts[:length]))
            if model:
                return model
        return None

    def template(self, name: str) -> TemplateRef | None:
        """The template that a ``tmpl_*`` setting names.

        Either a name that a vendor lists (``yealink.tmpl``), or ``vendor/file.j2`` for any file in
        a vendor's folder, a site's own one too.
        """
        for vendor in self.vendors.values():
            if name in vendor.templates:
                return TemplateRef(vendor.id, vendor.templates[name])
        owner, _, file = name.partition("/")
        found = self.vendors.get(owner)
        if found is None or not re.fullmatch(r"[\w.()-]+\.j2", file):
            return None
        exists = any((folder / file).is_file() for folder in found.folders)
        return TemplateRef(found.id, file) if exists else None

    def route(self, file_name: str, *, vendor: str | None = None) -> FileMatch | None:
        """The rule that answers a file name.

        Args:
            file_name: the last segment of the request's path, in any case.
            vendor: whose device asks, if a token told; its rules come first, and the address in
                the name does not matter. Without it the name's address must be the vendor's own,
                or come from a rule that makes the address itself.
        """
        for rule in self._rules(vendor):
            match = rule.match(file_name)
            if match is None:
                continue
            if vendor is not None or rule.mac or match.mac is None:
                return match
            owner = self.vendor_of(match.mac)
            if owner and owner.id == rule.vendor:
                return match
        return None

    def address_in(self, file_name: str) -> MacAddress | None:
        """The address in a file name, whoever's it is."""
        found = (rule.match(file_name) for rule in self._rules(None))
        return next((match.mac for match in found if match and match.mac), None)

    def _rules(self, first: str | None) -> Iterable[FileRule]:
        """All rules: the site's own, then those of one vendor, then the others."""
        return sorted(self._all_rules, key=lambda rule: (not rule.own, rule.vendor != first))


def shipped_variables(model: Model) -> Variables:
    """The settings of a shipped model as Tancredi's API shows them."""
    return {**model.variables, **model.tancredi_variables}
