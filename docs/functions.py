"""The functions of a phone that the coverage table lists, and how each is tried on the templates.

Nothing here says which vendor has what. A function is *written* for a phone if other settings of it
give other bytes; what is not written must be declared in the ``vendor.yaml``: ``not_offered`` by
the vendor, or ``not_established`` by any source.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.engine.catalogue import Catalogue, Text
from provisioning.engine.identification import Identification
from provisioning.engine.mac import MacAddress
from provisioning.engine.phone_building import Request, Subject, build_phone
from provisioning.engine.rendering import Renderer
from provisioning.engine.scopes import merge
from provisioning.engine.timezones import Zones
from provisioning.engine.vendor_files import load_library
from provisioning.engine.vendors import Model, Series

TEMPLATES = Path(__file__).parents[1] / "templates"
CATALOGUE = Catalogue.load(TEMPLATES / "parameters.yaml")
LIBRARY = load_library([TEMPLATES / "phones"])

WRITTEN, NOT_OFFERED, NOT_ESTABLISHED = "written", "not_offered", "not_established"

_ZONES = Zones.load(TEMPLATES / "timezones.yaml")
_RENDERER = Renderer(LIBRARY)
_TOKEN = "token"  # noqa: S105  # no setting: stands for the token of the request
# A phone in use: with an account and the codes of a PBX, lest a line be left out.
_IN_USE = {
    "account_username_1": "201", "account_extension_1": "201", "account_password_1": "secret",
    "account_display_name_1": "Reception", "account_voicemail_1": "*97", "account_dnd_allow_1": "1",
    "account_fwd_allow_1": "1", "account_call_waiting_1": "1", "call_waiting_tone": "1",
    "dndon": "*78", "dndoff": "*79", "dndtoggle": "*76", "pickup_direct": "**",
    "pickup_group": "*8", "queuetoggle": "*45", "timezone": "Europe/Rome",
}  # fmt: skip

Variant = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Function:
    """Something a phone can do and a setting decides about."""

    id: str
    label: Text
    variants: tuple[Variant, ...]
    """Settings that all give other bytes if a template writes the function."""
    unlike: Variant | None = None
    """Settings that mean nothing: the last variant must give other bytes than these too."""
    or_else: tuple[Variant, ...] = ()
    """Variants to try where the first ones do nothing."""
    trace: str = ""
    """Where one setting decides about several functions: what a line of this one contains."""


@dataclass(frozen=True, slots=True)
class Group:
    """Functions that stand together in the table."""

    label: Text
    functions: tuple[Function, ...]


def _switch(name: str, *values: str, also: Variant | None = None) -> tuple[Variant, ...]:
    return tuple({**(also or {}), name: value} for value in values)


def _together(*names: str) -> tuple[Variant, ...]:
    """Without any of some settings, then with each of them on its own."""
    unset = dict.fromkeys(names, "")
    return (unset, *({**unset, name: f"*{n}1"} for n, name in enumerate(names, 4)))


def _key_types(kind: str, prefix: str) -> tuple[Function, ...]:
    """One function for each type of key that is offered."""
    return tuple(
        Function(
            f"{prefix}_{choice.value}",
            choice.label,
            _switch(f"{kind}_type_1", "", choice.value, also=value),
            unlike={f"{kind}_type_1": "no_such_type", **value},
        )
        for choice in CATALOGUE.parameters[f"{kind}_type"].values
        for value in [_value_of_key(kind, choice.value)]
    )


def _value_of_key(kind: str, type_: str) -> Variant:
    """What stands on a key beside its type; the type decides what value makes sense."""
    values = {
        "multicast_paging": "224.0.5.1:10000",
        "url": "http://www.example.org/",
        "dtmf": "12#",
    }
    return {f"{kind}_value_1": values.get(type_, "202"), f"{kind}_label_1": "Key"}


_BLF = {"linekey_type_1": "blf", "linekey_value_1": "202"}
_LDAPS = {"ldap_server": "ldap.example.org", "ldap_port": "636"}

GROUPS = (
    Group(
        Text("Accounts", "Account"),
        (
            Function(
                "several_accounts",
                Text("Several accounts", "Più account"),
                _switch("account_username_2", "", "202"),
            ),
            Function(
                "tls",
                Text("Encrypted signalling (TLS)", "Segnalazione cifrata (TLS)"),
                _switch("account_encryption_1", "", "1"),
                trace="trans",
            ),
            Function(
                "srtp",
                Text("Encrypted voice (SRTP)", "Voce cifrata (SRTP)"),
                _switch("account_encryption_1", "", "1"),
                trace="srtp|crypto",
            ),
            Function(
                "dtmf",
                Text("DTMF: events, in the voice, SIP INFO", "DTMF: eventi, nella voce, SIP INFO"),
                _switch("account_dtmf_type_1", "rfc4733", "inband", "sip_info"),
            ),
            Function(
                "voicemail",
                Text("Voice mail", "Casella vocale"),
                _switch("account_voicemail_1", "*97", "*98"),
            ),
            Function(
                "outbound_proxy",
                Text("Outbound proxy", "Proxy in uscita"),
                _switch("outbound_proxy_1", "", "proxy.example.org"),
            ),
            Function(
                "backup_proxy",
                Text("Backup proxy", "Proxy di riserva"),
                _switch(
                    "outbound_proxy2_1",
                    "",
                    "backup.example.org",
                    also={"outbound_proxy_1": "proxy.example.org"},
                ),
            ),
        ),
    ),
    Group(
        Text("Calls", "Chiamate"),
        (
            Function(
                "dnd",
                Text("Do not disturb", "Non disturbare"),
                _switch("account_dnd_enable_1", "", "1"),
            ),
            Function(
                "dnd_codes",
                Text("Do not disturb: codes", "Non disturbare: codici"),
                _together("dndon", "dndoff"),
            ),
            Function(
                "forward_always",
                Text("Unconditional forward", "Deviazione incondizionata"),
                _switch("account_always_fwd_target_1", "", "202"),
            ),
            Function(
                "forward_busy",
                Text("Forward on busy", "Deviazione su occupato"),
                _switch("account_busy_fwd_target_1", "", "202"),
            ),
            Function(
                "forward_no_answer",
                Text("Forward on no answer", "Deviazione su mancata risposta"),
                _switch("account_timeout_fwd_target_1", "", "202"),
            ),
            Function(
                "forward_codes",
                Text("Forwards: codes", "Deviazioni: codici"),
                _together(
                    "cfalwayson",
                    "cfalwaysoff",
                    "cfbusyon",
                    "cfbusyoff",
                    "cftimeouton",
                    "cftimeoutoff",
                ),
            ),
            Function(
                "no_answer_time",
                Text(
                    "Delay of the forward on no answer",
                    "Attesa della deviazione su mancata risposta",
                ),
                _switch(
                    "account_cftimeout_1", "12", "36", also={"account_timeout_fwd_target_1": "202"}
                ),
            ),
            Function(
                "call_waiting",
                Text("Call waiting", "Avviso di chiamata"),
                _switch("account_call_waiting_1", "", "1"),
            ),
            Function(
                "call_waiting_tone",
                Text("Call waiting tone", "Tono dell'avviso di chiamata"),
                _switch("call_waiting_tone", "", "1"),
            ),
            Function(
                "call_waiting_codes",
                Text("Call waiting: codes", "Avviso di chiamata: codici"),
                _together("call_waiting_on", "call_waiting_off"),
            ),
            Function(
                "transfer_mode",
                Text("Transfer mode of line keys", "Modalità di trasferimento dei tasti linea"),
                _switch("dss_transfer", "attended", "blind", also=_BLF),
            ),
            Function(
                "pickup_direct",
                Text("Directed pickup: code", "Risposta per assente: codice"),
                _switch("pickup_direct", "**", "*9", also=_BLF),
            ),
            Function(
                "pickup_group",
                Text(
                    "Group pickup: feature code", "Risposta per assente di gruppo: codice servizio"
                ),
                _switch("pickup_group", "*8", "*7", also={"softkey_type_1": "group_pickup"}),
            ),
            Function(
                "queue_toggle",
                Text(
                    "Queue login and logout: feature code",
                    "Login e logout dalle code: codice servizio",
                ),
                _switch("queuetoggle", "*45", "*46", also={"linekey_type_1": "queuetoggle"}),
            ),
        ),
    ),
    Group(
        Text("Preferences", "Preferenze"),
        (
            Function("language", Text("Language", "Lingua"), _switch("language", "en", "it", "de")),
            Function("tones", Text("Tones", "Toni"), _switch("tonezone", "us", "it")),
            Function(
                "time_zone",
                Text("Time zone and daylight saving time", "Fuso orario e ora legale"),
                _switch("timezone", "UTC", "Africa/Lagos", "Europe/Rome"),
            ),
            Function(
                "ntp",
                Text("Time server (NTP)", "Server orario (NTP)"),
                _switch("ntp_server", "", "ntp.example.org"),
            ),
            Function(
                "date_format",
                Text("Date format", "Formato data"),
                _switch("date_format", "DD MM YY", "MM DD YY"),
            ),
            Function(
                "time_format",
                Text("Time format", "Formato ora"),
                _switch("time_format", "24", "12"),
            ),
        ),
    ),
    Group(
        Text("Screen and ringtone", "Schermo e suoneria"),
        (
            Function(
                "ringtone",
                Text("Built-in ringtone", "Suoneria integrata"),
                _switch("ringtone", "1", "2"),
            ),
            Function(
                "ringtone_file",
                Text("Custom ringtone", "Suoneria personalizzata"),
                # Uploading alone does not ring: the file must make a difference, and choosing it.
                (
                    {"ringtone": "1", "ringtone_file": "one.wav"},
                    {"ringtone": "-1", "ringtone_file": "one.wav"},
                    {"ringtone": "-1", "ringtone_file": "two.wav"},
                ),
            ),
            Function(
                "background",
                Text("Background image", "Immagine di sfondo"),
                _switch("background_file", "", "background.png"),
                or_else=_switch("background_file", "", "background.bmp"),
            ),
            Function(
                "screensaver",
                Text("Screensaver image", "Immagine dello screensaver"),
                _switch("screensaver_file", "", "screensaver.png"),
            ),
            Function(
                "screensaver_time",
                Text("Screensaver timeout", "Avvio dello screensaver"),
                _switch("screensaver_time", "600", "1800"),
            ),
            Function(
                "backlight_time",
                Text("Backlight timeout", "Spegnimento dell'illuminazione"),
                _switch("backlight_time", "60", "600"),
            ),
            Function(
                "brightness", Text("Brightness", "Luminosità"), _switch("brightness", "2", "8")
            ),
            Function("contrast", Text("Contrast", "Contrasto"), _switch("contrast", "2", "8")),
        ),
    ),
    Group(
        Text("Soft keys", "Tasti funzione"),
        _key_types("softkey", "soft_key"),
    ),
    Group(
        Text("Line keys", "Tasti linea"),
        _key_types("linekey", "line_key"),
    ),
    Group(
        Text("Expansion modules", "Moduli di espansione"),
        (
            Function(
                "expansion_keys",
                Text("Keys of expansion modules", "Tasti dei moduli di espansione"),
                _switch("expkey_type_1", "", "blf", also={"expkey_value_1": "202"}),
            ),
        ),
    ),
    Group(
        Text("Phonebook", "Rubrica"),
        (
            Function(
                "ldap",
                Text("Central phonebook (LDAP)", "Rubrica centralizzata (LDAP)"),
                _switch("ldap_server", "", "ldap.example.org"),
            ),
            Function(
                "ldap_starttls",
                Text("Encrypted with STARTTLS", "Cifrata con STARTTLS"),
                _switch("ldap_tls", "none", "starttls", also=_LDAPS),
            ),
            Function(
                "ldap_tls",
                Text("Encrypted with TLS", "Cifrata con TLS"),
                _switch("ldap_tls", "none", "ldaps", also=_LDAPS),
            ),
        ),
    ),
    Group(
        Text("Network", "Rete"),
        (
            Function(
                "vlan_phone",
                Text("VLAN of the phone", "VLAN del telefono"),
                _switch("vlan_id_phone", "", "100"),
            ),
            Function(
                "vlan_pc_port",
                Text("VLAN of the PC port", "VLAN della porta PC"),
                _switch("vlan_id_pcport", "", "200"),
            ),
        ),
    ),
    Group(
        Text("Access and provisioning", "Accesso e provisioning"),
        (
            Function(
                "admin_password",
                Text("Admin password", "Password amministratore"),
                _switch("adminpw", "", "secret"),
            ),
            Function(
                "user_password",
                Text("User password", "Password utente"),
                _switch("userpw", "", "secret"),
            ),
            Function(
                "nightly",
                Text("Nightly provisioning", "Provisioning notturno"),
                _switch("provisioning_freq", "everyday", "never"),
            ),
            Function(
                "own_address",
                Text("New provisioning URL", "Nuovo URL di provisioning"),
                _switch(_TOKEN, "first", "second"),
            ),
            Function(
                "firmware",
                Text("Firmware", "Firmware"),
                _switch("firmware_file", "", "firmware-1.2.3.bin"),
            ),
        ),
    ),
)

FUNCTIONS = {function.id: function for group in GROUPS for function in group.functions}


@dataclass(frozen=True, slots=True)
class Column:
    """The phones of one column of the table."""

    series: Series
    models: tuple[Model, ...]

    def state(self, function: Function) -> str:
        """Whether the function is written, else what is declared of it.

        Raises:
            ValueError: it is neither written nor declared, or it is declared more than once.
        """
        found = [
            *([WRITTEN] if any(is_written(function, model) for model in self.models) else []),
            *([NOT_OFFERED] if function.id in self.series.not_offered else []),
            *([NOT_ESTABLISHED] if function.id in self.series.not_established else []),
        ]
        if len(found) != 1:
            said = " and ".join(found) or "neither written nor declared"
            raise ValueError(f"{self.series.name}: {function.id} is {said}")
        return found[0]


def columns() -> Iterator[Column]:
    """The series of all vendors that have models, in the order of the vendors' names."""
    for vendor in sorted(LIBRARY.vendors.values(), key=lambda vendor: vendor.name):
        for series in vendor.series:
            models = (
                model
                for model in LIBRARY.models.values()
                if (model.vendor, model.series) == (vendor.id, series.name)
            )
            if found := tuple(models):
                yield Column(series, found)


def is_written(function: Function, model: Model) -> bool:
    """Whether the model's template writes the function: other settings give other bytes."""
    return _differ(function, function.variants, model) or (
        bool(function.or_else) and _differ(function, function.or_else, model)
    )


def _differ(function: Function, variants: Sequence[Variant], model: Model) -> bool:
    texts = [_render(model, variant) for variant in variants]
    if len(set(texts)) < len(texts):
        return False
    if function.unlike is not None and texts[-1] == _render(model, function.unlike):
        return False
    first, *others = (set(text.splitlines()) for text in texts)
    differing = set().union(*(first ^ other for other in others))
    return any(re.search(function.trace, line, re.IGNORECASE) for line in differing)


def _render(model: Model, variant: Variant) -> str:
    """The phone file of a model, as the delivery makes it for a request with a token."""
    variables = merge([CATALOGUE.defaults, model.variables, _IN_USE, variant])
    base_url = f"https://pbx.example.org/provisioning/{variables.pop(_TOKEN, 'first')}"
    mac = MacAddress.parse(LIBRARY.vendors[model.vendor].prefixes[0] + "000001")
    phone = build_phone(
        Subject(mac, model, "", "pbx.example.org", model.accounts),
        variables,
        Request(base_url, base_url, True, Identification(), lambda _collection, _name: True),
        _ZONES,
    )
    template = LIBRARY.template(variables["tmpl_phone"])
    if template is None:
        raise ValueError(f"{model.id}: {variables['tmpl_phone']} is no template")
    return _RENDERER.render(template, phone, variables).decode()
