"""The shipped library and what the tests of all vendors need to render its models.

Tests say ``from phones import render``: this folder is no package, so pytest puts it on the path.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from provisioning.engine.catalogue import Catalogue
from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone import Phone
from provisioning.engine.phone_building import Request, Subject, build_phone
from provisioning.engine.rendering import Renderer
from provisioning.engine.scopes import merge
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import load_library
from provisioning.engine.vendors import Model

TEMPLATES = Path(__file__).parents[2] / "templates"
LIBRARY = load_library([TEMPLATES / "phones"])
ZONES = Zones.load(TEMPLATES / "timezones.yaml")
RENDERER = Renderer(LIBRARY)
CATALOGUE = Catalogue.load(TEMPLATES / "parameters.yaml")
DEFAULTS = CATALOGUE.defaults

HOSTNAME = "pbx.example.org"
FIRST_ADDRESS = f"https://{HOSTNAME}/provisioning/TOKEN1"
ADDRESS = f"https://{HOSTNAME}/provisioning/TOKEN2"

SOFT_KEY_TYPES = (
    "", "forward", "dnd", "recall", "pick_up", "speed_dial", "group_pickup", "history", "menu",
    "status", "ldap", "prefix",
)  # fmt: skip
LINE_KEY_TYPES = (
    "", "blf", "conference", "direct_pickup", "dnd", "dtmf", "forward", "group_pickup", "hold",
    "ldap", "line", "multicast_paging", "phone_lock", "prefix", "queuetoggle", "recall", "record",
    "speed_dial", "transfer", "url", "voice_mail",
)  # fmt: skip

# What a PBX pushes and an admin types, so that nothing of a template stays without a value.
_SITE = {
    "adminpw": "admin-secret", "userpw": "user-secret", "timezone": "Europe/Rome",
    "language": "it", "tonezone": "it", "cfalwayson": "*72", "cfalwaysoff": "*73",
    "cfbusyon": "*90", "cfbusyoff": "*91", "cftimeouton": "*52", "cftimeoutoff": "*53",
    "cftimeout": "30", "dndon": "*78", "dndoff": "*79", "dndtoggle": "*76",
    "call_waiting_on": "*70", "call_waiting_off": "*71", "pickup_direct": "**",
    "pickup_group": "*8", "queuetoggle": "*45", "ringtone": "-1", "ringtone_file": "ring.wav",
    "background_file": "background.png", "screensaver_file": "screensaver.png",
    "firmware_file": "firmware-1.2.3.bin", "backlight_time": "60", "screensaver_time": "300",
    "brightness": "7", "contrast": "4", "ldap_server": "ldap.example.org", "ldap_port": "636",
    "ldap_tls": "ldaps", "ldap_user": "cn=phones,dc=example", "ldap_password": "ldap-secret",
    "vlan_id_phone": "100", "vlan_id_pcport": "200", "logo_text": "Example",
}  # fmt: skip
_ACCOUNT = {
    "extension": "{n}01", "username": "user{n}", "password": "sip-secret{n}",
    "display_name": "Name {n}", "encryption": "1", "dtmf_type": "sip_info",
    "voicemail": "*97{n}", "dnd_allow": "1", "fwd_allow": "1", "dnd_enable": "1",
    "call_waiting": "1", "always_fwd_target": "1{n}", "busy_fwd_target": "2{n}",
    "timeout_fwd_target": "3{n}", "cftimeout": "24",
}  # fmt: skip
_PROXY = {
    "outbound_proxy": "proxy{n}.example.org", "outbound_proxy_port": "506{n}",
    "outbound_proxy2": "backup{n}.example.org", "outbound_proxy2_port": "507{n}",
}  # fmt: skip


def models_of(vendor: str) -> list[str]:
    """The ids of all shipped models of a vendor."""
    return [model.id for model in LIBRARY.models.values() if model.vendor == vendor]


def settings(model_id: str, variables: Mapping[str, str] | None = None) -> dict[str, str]:
    """Defaults, the model's presets and the given settings, merged as for a phone."""
    return merge([DEFAULTS, LIBRARY.models[model_id].variables, variables or {}])


def first_mac(vendor: str) -> str:
    """An address of a vendor's own."""
    return LIBRARY.vendors[vendor].prefixes[0] + "AABB01"


def phone(
    model_id: str,
    variables: Mapping[str, str] | None = None,
    *,
    mac: str | None = None,
    complete: bool = True,
    user_agent: str = "",
    files: Collection[str] | None = None,
    tokenless: bool = False,
) -> Phone:
    """The typed phone that :func:`render` writes out; the arguments are the same."""
    model = LIBRARY.models[model_id]
    merged = settings(model_id, variables)
    address = MacAddress.parse(mac or first_mac(model.vendor))
    base = FIRST_ADDRESS if tokenless else ADDRESS
    file_name = merged.get("provisioning_url_filename", "")
    for placeholder in ("%25MACD", "%MACD", "{mac}", "$mac"):
        file_name = file_name.replace(placeholder, address.bare)
    if tokenless:
        merged = _without_secrets(merged)
    return build_phone(
        Subject(
            mac=address,
            model=model,
            display_name=merged.get("display_name", ""),
            hostname=merged.get("hostname") or HOSTNAME,
            accounts=model.accounts,
        ),
        merged,
        Request(
            url="" if tokenless else f"{base}/{file_name}".rstrip("/"),
            base_url=base,
            complete=complete and not tokenless,
            device=identify(user_agent, LIBRARY.user_agents),
            file_exists=lambda collection, name: files is None or f"{collection}/{name}" in files,
        ),
        ZONES,
    )


def render(
    model_id: str,
    variables: Mapping[str, str] | None = None,
    *,
    mac: str | None = None,
    complete: bool = True,
    user_agent: str = "",
    files: Collection[str] | None = None,
    tokenless: bool = False,
    template: str = "tmpl_phone",
) -> str:
    """Render a shipped model as the delivery does.

    Args:
        model_id: a shipped model.
        variables: the phone's own settings, over the model's and the defaults.
        mac: its address; without, one of the vendor's own.
        complete: the request carries the permanent token.
        user_agent: of the request.
        files: uploaded files as ``collection/name``; without, every file is there.
        tokenless: the request carries no token: secrets are blank, no address may be learned.
        template: the setting that names the template, e.g. ``tmpl_firmware``.
    """
    made = phone(
        model_id,
        variables,
        mac=mac,
        complete=complete,
        user_agent=user_agent,
        files=files,
        tokenless=tokenless,
    )
    merged = settings(model_id, variables)
    if tokenless:
        merged = _without_secrets(merged)
    found = LIBRARY.template(merged[template])
    assert found is not None, f"{merged[template]} is no template"
    return RENDERER.render(found, made, merged).decode("utf-8")


def everything_set(model_id: str) -> dict[str, str]:
    """Every setting that templates read, all accounts and all keys included, with a value."""
    variables = dict(_SITE)
    for n in range(1, LIBRARY.models[model_id].accounts + 1):
        variables |= {f"account_{name}_{n}": v.format(n=n) for name, v in _ACCOUNT.items()}
        variables |= {f"{name}_{n}": v.format(n=n) for name, v in _PROXY.items()}
    return variables | keys_of_every_type(model_id)


def keys_of_every_type(model_id: str, shift: int = 0) -> dict[str, str]:
    """All keys of a model, the types taking turns; ``shift`` moves the first type on."""
    variables = {}
    for kind, count in key_counts(LIBRARY.models[model_id]).items():
        types = SOFT_KEY_TYPES[1:] if kind == "softkey" else LINE_KEY_TYPES[1:]
        for n in range(1, count + 1):
            variables[f"{kind}_type_{n}"] = types[(n - 1 + shift) % len(types)]
            variables[f"{kind}_value_{n}"] = f"2{n:03d}"
            variables[f"{kind}_label_{n}"] = f"{kind} {n}"
    return variables


def everything_empty(model_id: str) -> dict[str, str]:
    """Every setting, the model's own too, explicitly none."""
    names = {*DEFAULTS, *everything_set(model_id), *LIBRARY.models[model_id].variables}
    return {name: "" for name in names if not name.startswith(("cap_", "tmpl_"))}


def key_counts(model: Model) -> dict[str, int]:
    """How many keys of each kind a model has; those of all expansion modules together."""
    variables = {**DEFAULTS, **model.variables}

    def count(name: str) -> int:
        return int(variables.get(name) or 0)

    return {
        "softkey": count("cap_softkey_count"),
        "linekey": count("cap_linekey_count"),
        "expkey": count("cap_expkey_count") * count("cap_expmodule_count"),
    }


def _without_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """What is left for a request without a token."""
    return {
        name: "" if name.startswith("account_") or CATALOGUE.is_secret(name) else value
        for name, value in variables.items()
    }
