"""The phone as templates see it: typed, counted, every number checked, nothing undefined.

``engine.phone_building`` makes it of the flat settings.
"""

from dataclasses import dataclass

from provisioning.engine.identification import Identification
from provisioning.engine.keys import ExpansionModule, Key
from provisioning.engine.mac import MacAddress
from provisioning.engine.timezones import Zone
from provisioning.engine.vendors import Model


@dataclass(frozen=True, slots=True)
class Replaced:
    """A setting whose value could not be used, and what was used instead."""

    name: str
    value: str
    used: str


@dataclass(frozen=True, slots=True)
class Proxy:
    """An outbound proxy of an account."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Account:
    """A SIP account; a free one has ``enabled`` false and empty texts."""

    number: int
    enabled: bool
    """A user name is set; templates clear the credentials of free accounts."""
    extension: str
    username: str
    password: str
    display_name: str
    encryption: bool
    """TLS signalling and SRTP."""
    dtmf: str
    """``inband``, ``rfc4733`` or ``sip_info``."""
    voicemail: str
    """Number of the mailbox."""
    dnd_allowed: bool
    forward_allowed: bool
    dnd: bool
    """Do not disturb is on now."""
    call_waiting: bool
    forward_always: str
    """Target now; empty is off. Likewise the two below."""
    forward_busy: str
    forward_timeout: str
    forward_timeout_seconds: int | None
    server: str
    port: int
    proxy: Proxy | None
    backup_proxy: Proxy | None


@dataclass(frozen=True, slots=True)
class FeatureCodes:
    """What a phone dials to switch a function of the PBX; empty: the PBX has no such code."""

    forward_always_on: str
    forward_always_off: str
    forward_busy_on: str
    forward_busy_off: str
    forward_timeout_on: str
    forward_timeout_off: str
    dnd_on: str
    dnd_off: str
    dnd_toggle: str
    call_waiting_on: str
    call_waiting_off: str
    pickup_direct: str
    pickup_group: str
    queue_toggle: str


@dataclass(frozen=True, slots=True)
class Asset:
    """A file the phone fetches from us."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Screen:
    """Display settings; None where the model lacks the function."""

    background: Asset | None
    screensaver: Asset | None
    supports_background: bool
    supports_screensaver: bool
    backlight_seconds: int | None
    """0 is always on; None: the model has no backlight timer, or clears the setting."""
    screensaver_seconds: int | None
    """0 is never."""
    brightness: int | None
    """0 to 9."""
    contrast: int | None
    """0 to 9."""


@dataclass(frozen=True, slots=True)
class Ringtone:
    """What rings."""

    number: int
    """-1 custom file, 0 silent, else a built-in tone up to ``count``."""
    count: int
    """The highest built-in tone."""
    file: Asset | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and how it is shown."""

    zone: Zone
    ntp_server: str
    hours: int
    """12 or 24."""
    date_format: str
    """One of the catalogue's patterns, e.g. ``DD MM YY``."""


@dataclass(frozen=True, slots=True)
class Ldap:
    """The phonebook."""

    server: str
    port: int
    tls: str
    """``none``, ``starttls`` or ``ldaps``."""
    user: str
    password: str
    base: str
    name_display: str
    name_attributes: str
    """Separated by blanks; likewise ``number_attributes``."""
    number_attributes: str
    main_number: str
    mobile_number: str
    other_number: str
    name_filter: str
    number_filter: str


@dataclass(frozen=True, slots=True)
class Network:
    """VLANs; None is untagged."""

    vlan_phone: int | None
    """1 to 4094."""
    vlan_pc: int | None


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Where and when the phone fetches its configuration."""

    url: str
    """The address to keep; empty when the phone must not learn one."""
    base_url: str
    """``scheme://host/path/token`` without a file name and without a slash at the end."""
    complete: bool
    """The phone has asked with its permanent token: this request used it."""
    nightly: bool
    """Fetch every night; else only at start."""
    night_minute: int
    """Minutes after 01:00, the same for a phone every night, spread over all phones."""
    firmware: Asset | None


@dataclass(frozen=True, slots=True)
class Phone:
    """Everything a template may ask of a phone."""

    mac: MacAddress
    model: Model | None
    """The shipped model it is, or descends from."""
    display_name: str
    hostname: str
    accounts: tuple[Account, ...]
    """All accounts of the model, free ones too."""
    soft_keys: tuple[Key, ...]
    line_keys: tuple[Key, ...]
    expansion_modules: tuple[ExpansionModule, ...]
    codes: FeatureCodes
    screen: Screen
    ringtone: Ringtone
    clock: Clock
    ldap: Ldap
    network: Network
    provisioning: Provisioning
    language: str
    tone_zone: str
    transfer_mode: str
    """What a line key does during a call: ``verify``, ``attended`` or ``blind``."""
    call_waiting_tone: bool
    admin_password: str
    user_password: str
    command_source: str
    """From where the phone takes HTTP commands (click-to-call): addresses, else the PBX's name."""
    firmware: Identification
    """What the asking device says of itself."""
    replaced: tuple[Replaced, ...]
