"""From flat settings to the typed phone.

A setting that makes no sense (text where a number belongs) never prevents a configuration: the
setting's documented fallback is used and the replacement is told in :attr:`Phone.replaced`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from provisioning.engine.identification import Identification
from provisioning.engine.keys import ExpansionModule, PhoneKeys, read_keys
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone import (
    Account,
    Asset,
    Clock,
    FeatureCodes,
    Ldap,
    Network,
    Phone,
    Provisioning,
    Proxy,
    Replaced,
    Ringtone,
    Screen,
)
from provisioning.engine.timezones import Zones
from provisioning.engine.vendors import Model

NIGHT_MINUTES = 180
"""Nightly fetches are spread from 01:00 over this many minutes."""

_MAX_KEYS = 500
_MAX_MODULES = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What a rendering depends on besides settings.

    ``file_exists(collection, name)`` tells whether an uploaded file is there: a phone told to fetch
    a missing file may refuse the rest.
    """

    url: str
    base_url: str
    complete: bool
    device: Identification
    file_exists: Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Subject:
    """The phone to build."""

    mac: MacAddress
    model: Model | None
    display_name: str
    hostname: str
    accounts: int
    """SIP accounts of the model."""


class _Reader:
    """Reads settings with their fallbacks and remembers what it replaced."""

    def __init__(self, variables: Mapping[str, str]):
        self.text = variables.get
        self.variables = variables
        self.replaced: list[Replaced] = []

    def flag(self, name: str) -> bool:
        return self.variables.get(name, "") not in ("", "0")

    def number(self, name: str, fallback: int, low: int, high: int) -> int:
        found = self.optional_number(name, low, high, told=str(fallback))
        return fallback if found is None else found

    def optional_number(self, name: str, low: int, high: int, *, told: str = "") -> int | None:
        """A number from low to high, clamped; None when unset, empty or not a number.

        ``told`` is what the admin reads was used in the place of something else than a number.
        """
        value = self.variables.get(name, "").strip()
        if not value:
            return None
        if not re.fullmatch(r"[+-]?\d{1,9}", value):
            self.replaced.append(Replaced(name, value, told))
            return None
        number = int(value)
        clamped = min(max(number, low), high)
        if clamped != number:
            self.replaced.append(Replaced(name, value, str(clamped)))
        return clamped

    def choice(self, name: str, allowed: tuple[str, ...], fallback: str) -> str:
        value = self.variables.get(name, "")
        if value in allowed:
            return value
        if value:
            self.replaced.append(Replaced(name, value, fallback))
        return fallback

    def vlan(self, name: str) -> int | None:
        """A VLAN id; 0, empty and everything that is none is untagged (802.1Q: 1 to 4094)."""
        value = self.variables.get(name, "").strip()
        if value in ("", "0"):
            return None
        if re.fullmatch(r"\d{1,4}", value) and 1 <= int(value) <= 4094:
            return int(value)
        self.replaced.append(Replaced(name, value, ""))
        return None


def build_phone(
    subject: Subject, variables: Mapping[str, str], request: Request, zones: Zones
) -> Phone:
    """Make the typed phone of merged settings."""
    read = _Reader(variables)
    text = read.text

    def asset(collection: str, variable: str) -> Asset | None:
        name = text(variable, "")
        if not name:
            return None
        if not request.file_exists(collection, name):
            read.replaced.append(Replaced(variable, name, ""))
            return None
        return Asset(name, f"{request.base_url}/{collection}/{name}")

    keys = _keys(read)
    return Phone(
        mac=subject.mac,
        model=subject.model,
        display_name=subject.display_name,
        hostname=subject.hostname,
        accounts=tuple(_account(read, subject, n) for n in range(1, subject.accounts + 1)),
        soft_keys=keys.soft_keys,
        line_keys=keys.line_keys,
        expansion_modules=keys.expansion_modules,
        codes=_feature_codes(text),
        screen=_screen(read, asset),
        ringtone=_ringtone(read, asset),
        clock=_clock(read, zones),
        ldap=_ldap(read, subject.hostname),
        network=Network(read.vlan("vlan_id_phone"), read.vlan("vlan_id_pcport")),
        provisioning=Provisioning(
            url=request.url,
            base_url=request.base_url,
            complete=request.complete,
            nightly=text("provisioning_freq", "everyday") != "never",
            night_minute=night_minute(subject.mac),
            firmware=asset("firmware", "firmware_file"),
        ),
        language=text("language") or "en",
        tone_zone=text("tonezone") or "us",
        transfer_mode=read.choice("dss_transfer", ("verify", "attended", "blind"), "attended"),
        call_waiting_tone=read.flag("call_waiting_tone"),
        admin_password=text("adminpw", ""),
        user_password=text("userpw", ""),
        command_source=text("http_command_source", "") or subject.hostname,
        firmware=request.device,
        replaced=tuple(read.replaced),  # last: by now everything has been read
    )


def keys_of(variables: Mapping[str, str]) -> PhoneKeys:
    """The keys that a phone has by its merged settings, free ones too."""
    return _keys(_Reader(variables))


def night_minute(mac: MacAddress) -> int:
    """A minute of the night for a phone, from its address alone: the same at every rendering."""
    return int.from_bytes(blake2b(mac.bare.encode(), digest_size=4).digest()) % NIGHT_MINUTES


def _account(read: _Reader, subject: Subject, n: int) -> Account:
    text = read.text
    username = text(f"account_username_{n}", "")
    encryption = read.flag(f"account_encryption_{n}")
    proxy_port = 5061 if encryption else 5060

    def proxy(name: str) -> Proxy | None:
        host = text(f"{name}_{n}", "")
        if not host:
            return None
        return Proxy(host, read.number(f"{name}_port_{n}", proxy_port, 1, 65535))

    return Account(
        number=n,
        enabled=username != "",
        extension=text(f"account_extension_{n}", ""),
        username=username,
        password=text(f"account_password_{n}", ""),
        display_name=text(f"account_display_name_{n}", ""),
        encryption=encryption,
        dtmf=read.choice(f"account_dtmf_type_{n}", ("inband", "rfc4733", "sip_info"), "rfc4733"),
        voicemail=text(f"account_voicemail_{n}", ""),
        dnd_allowed=read.flag(f"account_dnd_allow_{n}"),
        forward_allowed=read.flag(f"account_fwd_allow_{n}"),
        dnd=read.flag(f"account_dnd_enable_{n}"),
        call_waiting=read.flag(f"account_call_waiting_{n}"),
        forward_always=text(f"account_always_fwd_target_{n}", ""),
        forward_busy=text(f"account_busy_fwd_target_{n}", ""),
        forward_timeout=text(f"account_timeout_fwd_target_{n}", ""),
        forward_timeout_seconds=_first(
            read.optional_number(f"account_cftimeout_{n}", 0, 3600),
            read.optional_number("cftimeout", 0, 3600),
        ),
        server=subject.hostname,
        port=read.number("sip_tls_port", 5061, 1, 65535)
        if encryption
        else read.number("sip_udp_port", 5060, 1, 65535),
        proxy=proxy("outbound_proxy"),
        backup_proxy=proxy("outbound_proxy2"),
    )


def _first(*candidates: int | None) -> int | None:
    return next((found for found in candidates if found is not None), None)


def _keys(read: _Reader) -> PhoneKeys:
    variables = read.variables
    return PhoneKeys(
        soft_keys=read_keys(variables, "softkey", read.number("cap_softkey_count", 0, 0, 50)),
        line_keys=read_keys(
            variables, "linekey", read.number("cap_linekey_count", 0, 0, _MAX_KEYS)
        ),
        expansion_modules=_expansion_modules(read),
    )


def _expansion_modules(read: _Reader) -> tuple[ExpansionModule, ...]:
    keys = read.number("cap_expkey_count", 0, 0, _MAX_KEYS)
    modules = read.number("cap_expmodule_count", 0, 0, _MAX_MODULES)
    if not keys:
        return ()
    return tuple(
        ExpansionModule(m, read_keys(read.variables, "expkey", keys, (m - 1) * keys + 1))
        for m in range(1, modules + 1)
    )


def _feature_codes(text: Callable[[str, str], str]) -> FeatureCodes:
    return FeatureCodes(
        forward_always_on=text("cfalwayson", ""),
        forward_always_off=text("cfalwaysoff", ""),
        forward_busy_on=text("cfbusyon", ""),
        forward_busy_off=text("cfbusyoff", ""),
        forward_timeout_on=text("cftimeouton", ""),
        forward_timeout_off=text("cftimeoutoff", ""),
        dnd_on=text("dndon", ""),
        dnd_off=text("dndoff", ""),
        dnd_toggle=text("dndtoggle", ""),
        call_waiting_on=text("call_waiting_on", ""),
        call_waiting_off=text("call_waiting_off", ""),
        pickup_direct=text("pickup_direct", ""),
        pickup_group=text("pickup_group", ""),
        queue_toggle=text("queuetoggle", ""),
    )


def _screen(read: _Reader, asset: Callable[[str, str], Asset | None]) -> Screen:
    background = read.flag("cap_background_file")
    screensaver = read.flag("cap_screensaver_file")
    return Screen(
        background=asset("backgrounds", "background_file") if background else None,
        screensaver=asset("screensavers", "screensaver_file") if screensaver else None,
        supports_background=background,
        supports_screensaver=screensaver,
        backlight_seconds=read.optional_number("backlight_time", 0, 21600),
        screensaver_seconds=read.optional_number("screensaver_time", 0, 21600),
        brightness=_level(read, "brightness"),
        contrast=_level(read, "contrast"),
    )


def _level(read: _Reader, name: str) -> int | None:
    """A level of 0 to 9 where the model has the function; an unusable one is the middle."""
    return read.number(name, 5, 0, 9) if read.flag(f"cap_{name}") else None


def _ringtone(read: _Reader, asset: Callable[[str, str], Asset | None]) -> Ringtone:
    file = asset("ringtones", "ringtone_file")
    count = read.number("cap_ringtone_count", 1, 1, 100)
    number = read.number("ringtone", 1, -1, count)
    # A custom tone without its file would leave the phone mute.
    return Ringtone(1 if number == -1 and file is None else number, count, file)


def _clock(read: _Reader, zones: Zones) -> Clock:
    name = read.text("timezone", "") or "UTC"
    zone = zones.find(name)
    if zone is None:
        read.replaced.append(Replaced("timezone", name, "UTC"))
        zone = zones.utc
    return Clock(
        zone=zone,
        ntp_server=read.text("ntp_server", "") or "pool.ntp.org",
        hours=12 if read.text("time_format") == "12" else 24,
        date_format=read.text("date_format", ""),
    )


def _ldap(read: _Reader, hostname: str) -> Ldap:
    text = read.text
    tls = read.choice("ldap_tls", ("none", "starttls", "ldaps"), "none")
    main, mobile, other = (
        text(f"ldap_{kind}phone_number_attr", "") for kind in ("main", "mobile", "other")
    )
    port = read.number("ldap_port", 389, 1, 65535)
    return Ldap(
        server=text("ldap_server", "") or hostname,
        # 389 is the default whatever the transport is; nobody speaks LDAPS there.
        port=636 if (tls, port) == ("ldaps", 389) else port,
        tls=tls,
        user=text("ldap_user", ""),
        password=text("ldap_password", ""),
        base=text("ldap_base", ""),
        name_display=text("ldap_name_display", ""),
        name_attributes=text("ldap_name_attr", ""),
        number_attributes=" ".join(filter(None, (main, mobile, other))),
        main_number=main,
        mobile_number=mobile,
        other_number=other,
        name_filter=text("ldap_name_filter", ""),
        number_filter=text("ldap_number_filter", ""),
    )
