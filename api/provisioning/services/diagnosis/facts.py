"""What the steps of a diagnosis look at: read once, the same for all of them.

Times are Unix seconds. No secret and no token stands here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioning.engine.concerns import Concern
from provisioning.engine.mac import MacAddress


@dataclass(frozen=True, slots=True)
class RedirectState:
    """How far a phone's registration with its vendor's redirect service has come."""

    word: str
    """A state of ``services.redirections``."""
    at: float | None
    reason: str = ""
    """Of a failure, in words."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A request of a device."""

    at: float
    access: str
    """``tok1``, ``tok2``, ``tokenless`` or ``unknown``."""
    address: str
    file: str
    status: int
    outcome: str
    """As delivery names it, e.g. ``served``, ``refused``, ``unknown_phone``."""
    reason: str = ""
    says: str = ""
    """Vendor and model as the device writes them; empty: it does not say."""
    other: str = ""
    """MAC id of another device, which its user agent or the file's name tells; empty: none."""
    marked: bool = True
    """Its file's name or user agent bears the phone's address, or a token of the phone opened it;
    else it only came from the address where the phone was heard last."""

    @property
    def by_token(self) -> bool:
        """Whether a token of the phone opened it."""
        return self.access in ("tok1", "tok2")

    @property
    def good(self) -> bool:
        """Whether the device got what it asked for."""
        return self.outcome in ("served", "unchanged")


@dataclass(frozen=True, slots=True)
class PbxWork:
    """The newest operation by which the PBX was to learn of an account."""

    operation: int
    state: str
    """Of its item: ``waiting``, ``working``, ``done``, ``failed``, ``skipped``."""
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the phone that is linked to a user."""

    number: str
    user: str
    locked: bool = False
    gone_at: float | None = None
    """Since when the user is gone from the user domain."""
    confirmed: bool = True
    work: PbxWork | None = None
    """None: nothing was ever asked of the PBX."""


@dataclass(frozen=True, slots=True)
class Firmware:
    """What firmware the phone runs, and what it should run."""

    running: str = ""
    """As it said last; empty: it never said."""
    minimum: str = ""
    """The oldest release its template is written for, e.g. ``x.86``."""
    file: str = ""
    """What it is to load; empty: nothing is assigned."""
    file_exists: bool = True


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """What is known of a registered phone."""

    model: str
    model_known: bool
    model_vendor: str = ""
    """Name of the vendor whose phone it is by model and template."""
    concerns: Sequence[Concern] = ()
    """What it said at its last contact, held against its model."""
    series: str = ""
    """Which phones of its vendor it belongs to; empty: nothing tells."""
    redirect: bool = False
    """New phones of this series ask a redirect service that can be fed."""
    dhcp_options: Sequence[int] = ()
    nightly: bool = True
    """It is to fetch every night, and its series does."""
    vlan: str = ""
    address_to_reach: str = ""
    """``scheme://host/path`` from which it is to fetch."""
    first_access: bool = True
    """Its first-access token still opens its configuration."""
    first_served_at: float | None = None
    """When it first got something, since it is registered."""
    heard_at: float | None = None
    heard_from: str = ""
    permanent_at: float | None = None
    """When it last asked with its permanent token."""
    rendering_error: str = ""
    """Why its configuration cannot be made now; empty: it can."""
    findings: Sequence[str] = ()
    """Settings that will not work as they are set."""
    accounts: Sequence[Account] = ()
    account_of_settings: str = ""
    """User name of its first account where no link but a setting gives it."""
    fetched_at: float | None = None
    """When it last got its configuration with its permanent token."""
    wants_another: bool = False
    """What it has fetched is not what it would get now."""
    saved_at: float | None = None
    asked_at: float | None = None
    asking_ended: str = ""
    """What became of the last request to fetch, in words."""
    tells_registrations: bool = False
    """The settings name a Manager of Asterisk that tells who is registered."""
    registered: bool | None = None
    registered_at: float | None = None
    registered_from: str = ""
    behind_proxy: bool = False
    """A SIP proxy stands between: the PBX sees its address, not the phone's."""
    firmware: Firmware = field(default_factory=Firmware)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a diagnosis rests on."""

    mac: MacAddress
    now: float
    vendor: str = ""
    """Name of the vendor to whom the address belongs; empty: nobody known."""
    said_vendor: str = ""
    """Name of the vendor that the device claimed at its last request; empty: it did not."""
    suggested_model: str = ""
    """What it probably is; empty: nothing tells."""
    requests: Sequence[Heard] = ()
    """Of this address, newest first."""
    unknown_tokens: Sequence[Heard] = ()
    """Recent requests with a token that opens nothing, newest first."""
    redirect: RedirectState | None = None
    """None: a device that is not registered here."""
    phone: PhoneFacts | None = None
    """None: no phone of this address is registered here."""
