"""What Fanvil and Linkvil phones fetch."""

import re
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phones import (
    HOSTNAME,
    LIBRARY,
    LINE_KEY_TYPES,
    SOFT_KEY_TYPES,
    ZONES,
    everything_empty,
    everything_set,
    keys_of_every_type,
    models_of,
    render,
)

from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import shipped_variables

MODELS = models_of("fanvil")
X3_LAYOUT = ["fanvil-H2", "fanvil-H5", "fanvil-X3", "fanvil-X3SG-PRO", "fanvil-X4"]
NEW_DATES = ["X3U", "X4U", "X5U", "X6U", "X7C", "X210", "X301", "X303", "V67", "V65", "V64", "V62"]
X3, X5U, X210 = "fanvil-X3", "fanvil-X5U", "fanvil-X210"
LINE = re.compile(r"|<[A-Z0-9 ]+ MODULE>|--[\w ]+-- *:|[A-Z][^:\n]*:[^\r\n]*")
ACCOUNT = {
    "account_username_1": "201",
    "account_password_1": "secret",
    "account_display_name_1": "Reception",
}


def read(body: str) -> dict[str, str]:
    """The file as a phone reads it: ``[sub section/]key`` to value; nothing is written twice."""
    header, *lines, end, last = body.split("\n")
    assert re.fullmatch(r"<<VOIP CONFIG FILE>>Version:2\.(0{10}|0002) +", header)
    assert (end, last) == ("<<END OF FILE>>", "")
    found: dict[str, str] = {}
    keys = ""
    for line in lines:
        assert LINE.fullmatch(line), line
        if line.startswith("<"):
            keys = ""
        elif line.startswith("--"):
            name = line.strip(":").strip().strip("-")
            keys = f"{name}/" if name.startswith(("Sidekey", "Dsskey", "SoftDss")) else ""
        elif line:
            key, _, value = line.partition(":")
            name = keys + key.rstrip()
            assert name not in found, f"{name} is written twice"
            found[name] = value
    return found


def rendered(model=X5U, variables=None, **request):
    """What a phone reads of the file it is given; the arguments are those of ``render``."""
    return read(render(model, variables, **request))


# Every model


@pytest.mark.parametrize("model", MODELS)
def test_every_model_renders_whatever_is_set(model):
    for variables in ({}, everything_set(model), everything_empty(model)):
        assert len(rendered(model, variables)) > 150


@pytest.mark.parametrize("model", MODELS)
def test_every_key_takes_every_type(model):
    for shift in range(len(LINE_KEY_TYPES) - 1):
        assert rendered(model, keys_of_every_type(model, shift))


@pytest.mark.parametrize("model", MODELS)
def test_a_tokenless_answer_is_a_whole_file_without_secrets_or_address(model):
    body = render(model, everything_set(model), tokenless=True)
    assert read(body)
    assert "secret" not in body
    assert "TOKEN" not in body
    assert not re.search("Flash Server|Download Server|Account1 Password|PNP|DHCP Option *:", body)


@pytest.mark.parametrize("model", MODELS)
def test_the_layout_is_that_of_the_model(model):
    x3 = "2.0002 " in render(model).split("\n")[0]
    assert x3 == (model in X3_LAYOUT)


@pytest.mark.parametrize("model", X3_LAYOUT)
def test_keys_of_the_x3_layout_have_at_most_19_characters(model):
    """The phone cuts them."""
    assert max(map(len, rendered(model, everything_set(model)))) <= 19


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=60)
@given(data=st.data(), model=st.sampled_from([X3, X5U, "fanvil-V67", "fanvil-W610W"]))
def test_no_value_breaks_the_file(data, model):
    names = sorted(everything_set(model))
    chosen = data.draw(st.dictionaries(st.sampled_from(names), WORDS, max_size=60))
    assert rendered(model, {**everything_set(model), **chosen})


@given(text=WORDS)
def test_a_text_can_never_write_a_second_parameter(text):
    names = [*ACCOUNT, "logo_text", "linekey_label_1", "ldap_base", "adminpw"]
    variables = {**ACCOUNT, "linekey_type_1": "dnd"}
    changed = {**variables, **dict.fromkeys(names, text)}
    assert list(rendered(X5U, changed)) == list(rendered(X5U, variables))


@pytest.mark.parametrize("model", MODELS)
def test_the_same_settings_give_the_same_bytes(model):
    assert render(model, everything_set(model)) == render(model, everything_set(model))


# Presets, as Tancredi's API shows them


def test_there_are_the_29_shipped_models_and_the_x7a():
    assert len(MODELS) == 30
    assert not LIBRARY.models["fanvil-X7A"].verified


def test_presets_of_an_x5u_are_tancredis():
    assert shipped_variables(LIBRARY.models[X5U]) == {
        "cap_ldap_tls_blacklist": "", "provisioning_url_filename": "$mac.cfg",
        "tmpl_phone": "fanvil-X5.tmpl", "cap_linekey_type_blacklist": "",
        "cap_softkey_count": "4", "cap_softkey_type_blacklist": "", "cap_expkey_count": "",
        "cap_expkey_type_blacklist": "", "cap_ringtone_count": "9", "cap_ringtone_blacklist": "-1",
        "cap_dss_transfer_blacklist": "", "linekey_type_1": "line", "linekey_type_2": "line",
        "cap_background_file": "1", "cap_screensaver_file": "", "screensaver_time": "600",
        "backlight_time": "30", "cap_contrast": "1", "contrast": "4", "cap_brightness": "1",
        "brightness": "5", "cap_screensaver_time_blacklist": "",
        "cap_backlight_time_blacklist": "", "softkey_type_1": "history", "softkey_type_2": "ldap",
        "softkey_type_3": "group_pickup", "softkey_type_4": "menu", "fanvil_sidekey_count": "4",
        "fanvil_sidepages_count": "1", "cap_linekey_count": "34",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "name", "presets"),
    [
        (
            "fanvil-H2",
            "Fanvil H2",
            {
                "tmpl_phone": "fanvil-X3.tmpl",
                "softkey_type_1": None,
                "linekey_type_1": "",
                "screensaver_time": "0",
            },
        ),
        ("fanvil-H5", "Fanvil H5", {"fanvil_lkpages_count": "1", "cap_linekey_count": "6"}),
        ("fanvil-V50G", "Fanvil V50G", {"cap_expkey_count": "0", "linekey_type_1": None}),
        (
            "fanvil-V67",
            "Fanvil V67",
            {
                "tmpl_phone": "fanvil-V67.tmpl",
                "fanvil_sidepages_count": "1",
                "softkey_type_1": "history",
            },
        ),
        (
            "fanvil-W620W",
            "Linkvil W620W",
            {"cap_softkey_count": "2", "softkey_type_1": "group_pickup", "softkey_type_3": None},
        ),
        (
            "fanvil-X3",
            "Fanvil X3S/SP/G",
            {"cap_brightness": "", "brightness": "", "fanvil_lkpages_count": None},
        ),
        ("fanvil-X301", "Fanvil X301P/G/W;", {"cap_linekey_count": "0", "linekey_type_1": "line"}),
        ("fanvil-X303", "Fanvil X303P/G/W;", {"fanvil_sidekey_count": "3"}),
    ],
)
def test_presets_and_names_are_those_tancredi_shows(model, name, presets):
    shipped = LIBRARY.models[model]
    assert (shipped.tancredi_name or shipped.name) == name
    assert {key: shipped_variables(shipped).get(key) for key in presets} == presets


# Finding a phone


@pytest.mark.parametrize("prefix", ["0c383e", "00a859", "00a85a"])
def test_all_prefixes_are_served(prefix):
    """00:A8:5A was mistyped in the file rule and got 404 (seen in Tancredi)."""
    match = LIBRARY.route(f"{prefix}010203.cfg")
    assert match.rule.role == "phone"
    assert match.rule.content_type == "text/plain; charset=utf-8"
    assert match.mac == MacAddress.parse(f"{prefix}010203")


@pytest.mark.parametrize(
    "name",
    [
        "f0X3shw1.100.cfg", "f0X3sghw1.100.cfg", "f0X4hw1.100.cfg", "F0V00X5S0000.cfg",
        "F0V00X600000.cfg", "F0V5UV200000.cfg", "F0V0V6700000.cfg", "F0V610W00000.cfg",
        "F0000X600000.cfg", "F0VV61G00000.cfg", "fanvil_x5u_v2_hwv2_0.txt",
        "fanvil_v67_hw1_1.txt",
    ],
)  # fmt: skip
def test_boot_files_and_descriptors_are_known(name):
    assert LIBRARY.route(name).rule.role == "boot"


def test_a_boot_file_is_never_taken_for_another_vendors_phone():
    match = LIBRARY.route("f01653abcdef.cfg")
    assert match is None or match.rule.role == "phone"


@pytest.mark.parametrize(
    ("text", "model", "version"),
    [
        ("Fanvil X4 2.10.2.6887 0c383e010203", "X4", "2.10.2.6887"),
        ("Fanvil X6U Pro 0.0.10 0c383e010203", "X6U Pro", "0.0.10"),
        ("Fanvil X5U-V2 2.12.16.17 0c383e010203", "X5U-V2", "2.12.16.17"),
        ("Fanvil W620W 2.16.10", "W620W", "2.16.10"),
    ],
)
def test_the_user_agent_tells_hardware_firmware_and_address(text, model, version):
    device = identify(text, LIBRARY.user_agents)
    assert (device.vendor, device.model, device.version) == ("fanvil", model, version)
    assert device.mac in (None, MacAddress.parse("0c383e010203"))


def test_every_hardware_of_the_products_list_has_a_model():
    known = {name for model in MODELS for name in LIBRARY.models[model].hardware}
    assert {"X1", "X3", "X7A", "X3U Pro", "X4U-V2", "X5U-V2", "X6U-V2", "H2U-V2"} <= known


# Accounts


def test_every_account_is_written_and_free_ones_are_cleared():
    for model, count in ((X3, 2), ("fanvil-X4", 4), (X5U, 16), (X210, 20)):
        file = rendered(model, ACCOUNT)
        assert [f"SIP{n} Enable Reg" in file for n in (1, count, count + 1)] == [True, True, False]
        assert file["SIP2 Enable Reg"] == "0"
        secrets = ("Phone Number", "Register User", "Register Pswd", "Register Addr")
        assert {file[f"SIP2 {key}"] for key in secrets} == {""}


def account(number, **values):
    """Settings of an account by their short names."""
    return {f"account_{name}_{number}": value for name, value in values.items()}


@pytest.mark.parametrize("model", [X3, X5U])
@pytest.mark.parametrize(
    ("variables", "key", "value"),
    [
        ({}, "Phone Number", "201"),
        ({}, "Sip Name", "201"),
        ({}, "Display Name", "Reception"),
        ({}, "Register Addr", HOSTNAME),
        ({}, "Register Port", "5060"),
        ({"sip_udp_port": "5070"}, "Register Port", "5070"),
        (account(1, encryption="1"), "Register Port", "5061"),
        ({}, "Register User", "201"),
        ({}, "Register Pswd", "secret"),
        ({}, "Register TTL", "3600"),
        ({}, "Enable Reg", "1"),
        ({}, "Transport", "0"),
        (account(1, encryption="1"), "Transport", "3"),
        ({}, "Media Crypto", "0"),
        (account(1, encryption="1"), "Media Crypto", "2"),
        (account(1, dtmf_type="inband"), "DTMF Mode", "0"),
        (account(1, dtmf_type="rfc4733"), "DTMF Mode", "1"),
        (account(1, dtmf_type="sip_info"), "DTMF Mode", "2"),
        (account(1, voicemail="*97"), "MWI Num", "*97"),
        ({"pickup_direct": "**"}, "Pickup Num", "**"),
        ({}, "Proxy Addr", ""),
        ({}, "Proxy Port", "5060"),
        (account(1, encryption="1"), "Proxy Port", "5061"),
        (
            {"outbound_proxy_1": "p.example.org", "outbound_proxy_port_1": "5080"},
            "Proxy Port",
            "5080",
        ),
        ({"outbound_proxy2_1": "b.example.org"}, "BakProxy Addr", "b.example.org"),
        (account(1, dnd_enable="1"), "Enable DND", "1"),
        ({}, "Enable DND", "0"),
        (account(1, always_fwd_target="300"), "Always FWD", "1"),
        (account(1, always_fwd_target="300"), "Always FWD Num", "300"),
        ({}, "Always FWD", "0"),
        (account(1, busy_fwd_target="301"), "Busy FWD Num", "301"),
        (account(1, timeout_fwd_target="302"), "No Answer FWD", "1"),
        ({"dndon": "*178"}, "DNDOn SvcCode", "*178"),
        ({"cfalwaysoff": "*173"}, "CFUOff SvcCode", "*173"),
        ({"cfbusyon": "*190"}, "CFBOn SvcCode", "*190"),
        ({"cftimeoutoff": "*153"}, "CFNOff SvcCode", "*153"),
        ({"call_waiting_on": "*170"}, "CW On Code", "*170"),
    ],
)
def test_an_account_is_written_in_the_phones_words(model, variables, key, value):
    assert rendered(model, {**ACCOUNT, **variables})[f"SIP1 {key}"] == value


def test_codes_have_defaults_in_the_x5_layout_only():
    codes = ("DNDOn", "DNDOff", "CFUOn", "CFUOff", "CFBOn", "CFBOff", "CFNOn", "CFNOff")
    usual = ["*78", "*79", "*72", "*73", "*90", "*91", "*52", "*53"]
    assert [rendered(X5U)[f"SIP1 {code} SvcCode"] for code in codes] == usual
    assert {rendered(X3)[f"SIP1 {code} SvcCode"] for code in codes} == {""}


@pytest.mark.parametrize(("model", "key"), [(X3, "NoAnswer FWD N"), (X5U, "NoAnswer FWD Num")])
def test_the_no_answer_target_has_the_layouts_key(model, key):
    assert rendered(model, account(1, timeout_fwd_target="302"))[f"SIP1 {key}"] == "302"


@pytest.mark.parametrize("model", [X3, X5U])
def test_the_backup_proxys_port_is_used(model):
    """A misspelt variable kept it from being used (seen in Tancredi)."""
    variables = {"outbound_proxy2_1": "b.example.org", "outbound_proxy2_port_1": "5099"}
    file = rendered(model, variables)
    assert file["SIP1 BakProxy Port"] == "5099"
    assert [value for key, value in file.items() if key.startswith("SIP1 Enable Failb")] == ["1"]
    assert rendered(model)["SIP1 BakProxy Port"] == "5060"


def test_the_sip_name_of_the_x3_layout_is_the_user():
    """It was the display name (seen in Tancredi)."""
    assert rendered(X3, ACCOUNT)["SIP1 Sip Name"] == "201"


@pytest.mark.parametrize("model", [X3, X5U])
def test_the_no_answer_time_is_the_accounts(model):
    """It was fixed at 5 (seen in Tancredi)."""
    for variables, seconds in (
        ({}, "5"),
        ({"cftimeout": "30"}, "30"),
        (account(1, cftimeout="24"), "24"),
    ):
        file = rendered(model, variables)
        assert (file["SIP1 FWD Timer"], file["SIP1 NoAnswerTime"]) == (seconds, seconds)


# Everything else, value by value


@pytest.mark.parametrize(
    ("variables", "x5", "x3", "value"),
    [
        (account(1, call_waiting="1"), "P1 CallWaiting", "P1 CallWaiting", "1"),
        ({}, "P1 CallWaiting", "P1 CallWaiting", "0"),
        ({"call_waiting_tone": ""}, "P1 CWaiting Tone", "P1 CWaiting Tone", "0"),
        ({"adminpw": "a:b"}, "Account1 Password", "Account1 Password", "a:b"),
        ({}, "Account1 Password", "Account1 Password", "admin"),
        ({"userpw": "4321"}, "Account2 Password", "Account2 Password", "4321"),
        ({}, "Account2 Password", "Account2 Password", "1234"),
        ({"tonezone": "it"}, "Select Your Tone", "Signal Standard", "21"),
        ({"tonezone": "uk"}, "Select Your Tone", "Signal Standard", "13"),
        ({"tonezone": "no"}, "Select Your Tone", "Signal Standard", "6"),
        ({"tonezone": "il"}, "Select Your Tone", "Signal Standard", "3"),
        ({"tonezone": "zz"}, "Select Your Tone", "Signal Standard", "13"),
        ({"tonezone": "it"}, "Emergency Call", "Emergency Call", "118"),
        ({"tonezone": "fr"}, "Emergency Call", "Emergency Call", ""),
        ({}, "LCD Title", "LCD Title", "Fanvil"),
        ({"logo_text": "Bakery"}, "LCD Title", "LCD Title", "Bakery"),
        ({"ntp_server": "ntp.example.org"}, "SNTP Server", "SNTP Server", "ntp.example.org"),
        ({"ntp_server": ""}, "SNTP Server", "SNTP Server", "pool.ntp.org"),
        ({"time_format": "12"}, "Time Display Style", "Time Display Style", "1"),
        ({"time_format": ""}, "Time Display Style", "Time Display Style", "0"),
        ({"ringtone": "0"}, "P1 Mute Ringing", "P1 Mute Ringing", "1"),
        ({"ringtone": "3"}, "P1 Mute Ringing", "P1 Mute Ringing", "0"),
        ({"screensaver_time": "120"}, "Timeout To Screensaver", "ScrnSaver Wait Time", "120"),
        ({"screensaver_time": "9999"}, "Timeout To Screensaver", "ScrnSaver Wait Time", "0"),
        ({"screensaver_time": ""}, "Timeout To Screensaver", "ScrnSaver Wait Time", "0"),
        ({"backlight_time": "0"}, "Backlight Off Time", "Backlight Off Time", "0"),
        ({"backlight_time": "bright"}, "Backlight Off Time", "Backlight Off Time", "30"),
        ({"contrast": "0"}, "LCD Constrast", "LCD Constrast", "1"),
        ({"contrast": "9"}, "LCD Constrast", "LCD Constrast", "16"),
        ({"dss_transfer": "blind"}, "Memory Key to BXfer", "Memory Key to BXfer", "1"),
        ({"dss_transfer": "attended"}, "Memory Key to BXfer", "Memory Key to BXfer", "2"),
        ({"dss_transfer": "verify"}, "Memory Key to BXfer", "Memory Key to BXfer", "3"),
        ({}, "LDAP1 Server", "LDAP1 Server", HOSTNAME),
        ({"ldap_server": "l.example.org"}, "LDAP1 Server", "LDAP1 Server", "l.example.org"),
        ({}, "LDAP1 port", "LDAP1 port", "389"),
        ({"ldap_tls": "ldaps", "ldap_port": ""}, "LDAP1 port", "LDAP1 port", "636"),
        ({"ldap_tls": "none"}, "LDAP1 Use SSL", "LDAP1 Use SSL", "0"),
        ({"ldap_tls": "ldaps"}, "LDAP1 Use SSL", "LDAP1 Use SSL", "1"),
        ({"ldap_tls": "starttls"}, "LDAP1 Use SSL", "LDAP1 Use SSL", "2"),
        ({}, "LDAP1 Base", "LDAP1 Base", "dc=phonebook"),
        ({}, "LDAP1 Displayname", "LDAP1 Displayname", "cn o"),
        ({}, "LDAP1 Mobile Attr", "LDAP1 Mobile Attr", "mobile"),
        ({}, "LDAP1 Name Filter", "LDAP1 Filter Name", "(|(cn=%)(o=%))"),
        ({"vlan_id_phone": "100"}, "Enable VLAN", "Enable VLAN", "1"),
        ({"vlan_id_phone": "100"}, "VLAN ID", "VLAN ID", "100"),
        ({"vlan_id_phone": "4095"}, "Enable VLAN", "Enable VLAN", "0"),
        ({"vlan_id_pcport": "200"}, "Enable PVID", "Enable PVID", "2"),
        ({"vlan_id_pcport": "200"}, "PVID Value", "PVID Value", "200"),
        ({}, "Enable PVID", "Enable PVID", "1"),
        ({}, "Flash Server IP", "Download Server IP", HOSTNAME),
        ({}, "Flash File Name", "Config File Name", "provisioning/TOKEN2/$mac.cfg"),
        ({}, "Flash Protocol", "Download Protocol", "5"),
        (
            {"background_file": "b.BMP"},
            "Auto Etc Url",
            "Auto Etc Url",
            f"https://{HOSTNAME}/provisioning/TOKEN2/backgrounds/b.BMP",
        ),
        ({"background_file": "b.png"}, "Auto Etc Url", "Auto Etc Url", ""),
        (
            {"firmware_file": "f.z"},
            "Auto Image Url",
            "Auto Image Url",
            f"https://{HOSTNAME}/provisioning/TOKEN2/firmware/f.z",
        ),
        ({}, "Auto Image Url", "Auto Image Url", ""),
        ({}, "Enable Auto Upgrade", "Enable Auto Upgrade", "0"),
    ],
)
def test_settings_are_written_in_the_phones_words(variables, x5, x3, value):
    assert rendered(X5U, variables)[x5] == value
    assert rendered(X3, variables)[x3] == value


@pytest.mark.parametrize(("number", "tone"), [("1", "1"), ("9", "9"), ("0", "1"), ("12", "9")])
def test_ringtones_are_numbers_or_types(number, tone):
    assert rendered(X5U, {"ringtone": number})["Ring Type"] == f"Type {tone}"
    assert rendered(X3, {"ringtone": number})["Ring Type"] == tone


def test_a_ringtone_file_is_replaced_by_the_first_tone():
    variables = {"ringtone": "-1", "ringtone_file": "bell.wav"}
    assert rendered(X5U, variables)["Ring Type"] == "Type 1"


def test_brightness_has_the_displays_levels():
    levels = [rendered(X5U, {"brightness": str(n)})["LCD Luminance Level"] for n in range(10)]
    assert levels == ["1", "4", "8", "9", "10", "12", "13", "14", "15", "16"]


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", "0", "en"), ("zh", "1", "cn"), ("nl", "3", "nl"), ("fr", "4", "fr"),
        ("pl", "5", "pl"), ("ru", "6", "ru"), ("it", "7", "it"), ("es", "10", "es"),
        ("sk", "13", "slo"), ("de", "16", "de"), ("cs", "18", "cz"), ("uk", "0", "ua"),
        ("xx", "0", "en"), ("", "0", "en"),
    ],
)  # fmt: skip
def test_all_languages_of_the_phone_can_be_chosen(language, number, text):
    """Only English and Italian could, and by number on every model (seen in Tancredi)."""
    variables = {"language": language}
    assert rendered(X3, variables)["Language"] == number
    assert rendered("fanvil-X5", variables)["Default Language"] == number
    for model in (X5U, "fanvil-V67", "fanvil-W610W", "fanvil-H2U"):
        assert rendered(model, variables)["Default Language"] == text


@pytest.mark.parametrize(
    ("pattern", "old", "new"),
    [
        ("DD MMM WW", "0", "0"), ("DD MMM YY", "0", "0"), ("DD MMM YYYY", "0", "0"),
        ("MMM DD WW", "1", "2"), ("WWW DD MMM", "2", "4"), ("WWW MMM DD", "3", "6"),
        ("DD MM YY", "4", "8"), ("DD MM YYYY", "5", "9"), ("MM DD YY", "6", "10"),
        ("MM DD YYYY", "7", "11"), ("YY MM DD", "8", "12"), ("YYYY MM DD", "9", "13"),
        ("", "2", "4"),
    ],
)  # fmt: skip
def test_dates_follow_the_hardwares_scheme(pattern, old, new):
    """With the request's user agent as only source a preview showed other numbers (Tancredi)."""
    for model in (X3, "fanvil-X6", "fanvil-V61", "fanvil-W620W"):
        assert rendered(model, {"date_format": pattern})["Date Display Style"] == old
    for hardware in NEW_DATES:
        assert rendered(f"fanvil-{hardware}", {"date_format": pattern})["Date Display Style"] == new


@pytest.mark.parametrize(
    ("zone", "offset", "name"),
    [
        ("UTC", "0", "UTC"), ("Europe/Rome", "4", "UTC+1"), ("Asia/Kathmandu", "23", "UTC+5:45"),
        ("Pacific/Marquesas", "-38", "UTC-9:30"), ("America/New_York", "-20", "UTC-5"),
        ("No/Where", "0", "UTC"),
    ],
)  # fmt: skip
def test_every_time_zone_has_its_offset(zone, offset, name):
    """All but Rome and UTC were missing (seen in Tancredi)."""
    for model in (X3, X5U):
        file = rendered(model, {"timezone": zone})
        assert (file["Time Zone"], file["Time Zone Name"]) == (offset, name)


def test_daylight_saving_is_written_out_by_weeks():
    parts = ("Mon", "Week", "Wday", "Hour")
    edges = [f"DST {edge} {part}" for edge in ("Start", "End") for part in parts]
    rome = rendered(X5U, {"timezone": "Europe/Rome"})
    assert [rome[key] for key in edges] == ["3", "5", "0", "2", "10", "5", "0", "3"]
    assert (rome["DST Type"], rome["DST Rule Mode"], rome["DST Min Offset"]) == ("2", "2", "60")
    assert rome["DST Location"] == "13"
    old = rendered(X3, {"timezone": "Europe/Rome"})
    assert [old[key] for key in edges] == ["3", "5", "0", "2", "10", "5", "0", "3"]
    assert (old["Enable DST"], old["DST Fixed Type"], old["Location"]) == ("2", "2", "13")
    assert rendered(X5U, {"timezone": "Australia/Lord_Howe"})["DST Min Offset"] == "30"
    assert rendered(X5U, {"timezone": "Asia/Tokyo"})["DST Type"] == "0"


def test_all_places_of_the_phones_list_are_zones():
    places = set(LIBRARY.vendors["fanvil"].values["dst_location"]) - {"*"}
    zones = [ZONES.find(place) for place in places]
    assert {zone.name for zone in zones if zone} == places


@pytest.mark.parametrize("tls", ["none", "starttls", "ldaps"])
@pytest.mark.parametrize("model", [X3, X5U])
def test_ldap_credentials_are_used_whatever_the_encryption(model, tls):
    """They were with LDAPS only; the X3 layout wrote the key twice (seen in Tancredi)."""
    file = rendered(model, {"ldap_tls": tls, "ldap_user": "cn=phones", "ldap_password": "pw"})
    used = (file["LDAP1 Authenticate"], file["LDAP1 Username"], file["LDAP1 Password"])
    assert used == ("3", "cn=phones", "pw")
    assert rendered(model, {"ldap_tls": tls})["LDAP1 Authenticate"] == "0"


def test_the_transfer_mode_is_a_number():
    """The X5 layout wrote the word, the X3 layout always 0 (seen in Tancredi)."""
    for model in MODELS:
        assert rendered(model, {"dss_transfer": "blind"})["Memory Key to BXfer"] == "1"


# Wi-Fi


@pytest.mark.parametrize(
    ("model", "hardware", "enabled"),
    [
        ("fanvil-W610W", "", "1"), ("fanvil-W611W", "W611W", "1"), ("fanvil-W620W", "W620W", "1"),
        ("fanvil-V62", "V62", "1"), ("fanvil-V64", "", "1"), ("fanvil-V65", "", "1"),
        ("fanvil-X301", "X301W", "1"), ("fanvil-X301", "X301G", "0"), ("fanvil-X301", "", None),
        ("fanvil-X303", "X303W", "1"), ("fanvil-X1S", "X1W", "1"), ("fanvil-X3SG", "X3SW", "1"),
        ("fanvil-X5U", "X5U", "0"), ("fanvil-X5U", "", "0"), ("fanvil-V67", "V67", None),
    ],
)  # fmt: skip
def test_wifi_is_on_where_the_hardware_has_it(model, hardware, enabled):
    agent = f"Fanvil {hardware} 2.4.1 0c383e010203" if hardware else ""
    assert rendered(model, user_agent=agent).get("WIFI Enable") == enabled


# Keys


@pytest.mark.parametrize(
    ("key_type", "number", "x5", "x3"),
    [
        ("", "0", "", ""),
        ("blf", "1", "202@1/ba**202", "202@1/ba**202"),
        ("conference", "1", "202@1/bf**202", "202@1/bf**202"),
        ("speed_dial", "1", "202@1/f", "202@1/f"),
        ("forward", "1", "202@1/a", "202@1/a"),
        ("group_pickup", "1", "*8@1/f", "*8@1/f"),
        ("queuetoggle", "1", "*45@1/f", "*45@1/f"),
        ("line", "2", "SIP1", "SIP1"),
        ("direct_pickup", "3", "F_PICKUP", "F_PICKUP"),
        ("dnd", "3", "F_DND", "F_DND"),
        ("hold", "3", "F_HOLD", "F_HOLD"),
        ("ldap", "3", "F_LDAPCONTACTS:0", "F_LDAP:1"),
        ("phone_lock", "3", "F_LOCK", "F_LOCK"),
        ("prefix", "3", "F_PREFIX:202", "F_PREFIX:202"),
        ("recall", "3", "F_REDIAL", "F_REDIAL"),
        ("record", "3", "F_RECORD", "F_REC"),
        ("transfer", "3", "F_B_TRANSFER", "F_B_TRANSFER"),
        ("voice_mail", "3", "F_MWI", "F_MWI"),
        ("dtmf", "4", "202", "202"),
        ("url", "7", "202", "get:202"),
        ("multicast_paging", "14", "202/PCMU", "202/PCMU"),
    ],
)
def test_line_keys_of_every_type(key_type, number, x5, x3):
    codes = {"pickup_direct": "**", "pickup_group": "*8", "queuetoggle": "*45"}
    variables = {**codes, "linekey_type_1": key_type, "linekey_value_1": "202"}
    file = rendered(X5U, variables)
    written = (file["Sidekey Config1/Fkey1 Type"], file["Sidekey Config1/Fkey1 Value"])
    assert written == (number, x5)
    file = rendered(X3, variables)
    assert (file["Fkey1 Type"], file["Fkey1 Value"]) == (number, x3)


def test_all_line_key_types_are_tested_here():
    marks = test_line_keys_of_every_type.pytestmark[0].args[1]
    assert {row[0] for row in marks} == set(LINE_KEY_TYPES)


@pytest.mark.parametrize(("mode", "letter"), [("attended", "a"), ("blind", "b"), ("verify", "c")])
def test_a_blf_key_transfers_as_the_phone_is_told(mode, letter):
    variables = {"linekey_type_1": "blf", "linekey_value_1": "202", "dss_transfer": mode}
    assert rendered(X5U, variables)["Sidekey Config1/Fkey1 Value"] == f"202@1/b{letter}202"


@pytest.mark.parametrize("key_type", ["blf", "speed_dial", "prefix", "url", "group_pickup"])
def test_a_key_with_nothing_to_dial_is_free(key_type):
    file = rendered(X5U, {"linekey_type_1": key_type, "linekey_label_1": "Label"})
    entry = [file[f"Sidekey Config1/Fkey1 {part}"] for part in ("Type", "Value", "Title")]
    assert entry == ["0", "", ""]


@pytest.mark.parametrize(
    ("value", "line"), [("", "SIP1"), ("2", "SIP2"), ("17", "SIP1"), ("²", "SIP1")]
)
def test_a_line_key_may_name_one_of_the_accounts(value, line):
    variables = {"linekey_type_1": "line", "linekey_value_1": value}
    assert rendered(X5U, variables)["Sidekey Config1/Fkey1 Value"] == line


def test_titles_without_a_label_are_in_the_phones_language():
    for language, title, number in (
        ("en", "Voice mail", "Line 2"),
        ("it", "Casella vocale", "Linea 2"),
    ):
        file = rendered(X5U, {"language": language, "linekey_type_1": "voice_mail"})
        assert file["Sidekey Config1/Fkey1 Title"] == title
        assert file["Sidekey Config1/Fkey2 Title"] == number
    long = {"language": "it", "linekey_type_1": "voice_mail"}
    assert rendered(X3, long)["Fkey1 Title"] == "Casella vo"


LAYOUTS = {
    "fanvil-V61": [3] * 4, "fanvil-V62": [7] * 3, "fanvil-V63": [7] * 3, "fanvil-V64": [7] * 3,
    "fanvil-V65": [9] * 3, "fanvil-V67": [29] * 4, "fanvil-W610W": [8] * 2,
    "fanvil-W611W": [8] * 2, "fanvil-W620W": [8] * 2, "fanvil-X1S": [2], "fanvil-X3SG": [2],
    "fanvil-X3U": [3], "fanvil-X4SG": [6] * 5, "fanvil-X4U": [3] + [6] * 5, "fanvil-X5": [8] * 5,
    "fanvil-X5U": [4] + [6] * 5, "fanvil-X6": [12] * 5, "fanvil-X6U": [5] + [12] * 5,
    "fanvil-X7A": [29] * 4, "fanvil-X7C": [12] * 5, "fanvil-X210": [10] + [32] * 3,
    "fanvil-X303": [3], "fanvil-H2U": [], "fanvil-V50G": [], "fanvil-X301": [],
}  # fmt: skip
SIDE_PAGES = {
    "fanvil-V61": 4, "fanvil-V62": 3, "fanvil-V63": 3, "fanvil-V64": 3, "fanvil-V65": 3,
    "fanvil-X3U": 1, "fanvil-X4U": 1, "fanvil-X5U": 1, "fanvil-X6U": 1, "fanvil-X7C": 5,
    "fanvil-X210": 1, "fanvil-X303": 1,
}  # fmt: skip


@pytest.mark.parametrize("model", LAYOUTS)
def test_line_keys_fill_the_side_pages_first_then_the_main_pages(model):
    """V67: a side page without keys was announced (seen in Tancredi)."""
    variables = {}
    for n in range(1, 151):
        variables |= {f"linekey_type_{n}": "speed_dial", f"linekey_value_{n}": str(n)}
    file = rendered(model, variables)
    entries = [key for key in file if re.match(r"(Sidekey|Dsskey).*Value", key)]
    numbers = [file[key] for key in entries]
    assert numbers == [f"{n}@1/f" for n in range(1, sum(LAYOUTS[model]) + 1)]
    pages = [len(list(page)) for _, page in groupby(entries, lambda key: key.partition("/")[0])]
    assert pages == LAYOUTS[model]
    side = SIDE_PAGES.get(model, 0)
    assert file["SideKey Page Num"] == str(side)
    assert file["FuncKey Page Num"] == str(len(LAYOUTS[model]) - side)


@pytest.mark.parametrize(
    ("model", "count"), [("fanvil-H2", 0), ("fanvil-H5", 6), ("fanvil-X4", 30)]
)
def test_the_x3_layout_has_one_flat_list(model, count):
    """Loops over no keys ran over 1 and 0 (seen in Tancredi)."""
    found = [key for key in rendered(model) if re.fullmatch(r"Fkey\d+ Type", key)]
    assert found == [f"Fkey{n} Type" for n in range(1, count + 1)]


@pytest.mark.parametrize("value", ["", "many", "-3", "1e9", "inf", "0"])
@pytest.mark.parametrize(
    "name",
    [
        "fanvil_sidekey_count",
        "fanvil_sidepages_count",
        "fanvil_lkpages_count",
        "cap_linekey_count",
    ],
)
def test_an_unusable_count_never_prevents_a_configuration(name, value):
    """Text in a count broke the rendering (seen in Tancredi)."""
    file = rendered(X5U, {name: value})
    keys = [key for key in file if re.match(r"(Sidekey|Dsskey).*Value", key)]
    assert len(keys) in (0, 34)


@pytest.mark.parametrize(
    ("key_type", "token5", "token3", "number", "x5", "x3"),
    [
        ("", "none", "none", "0", "", ""),
        ("history", "history", "history", "0", "", ""),
        ("menu", "menu", "menu", "0", "", ""),
        ("status", "status", "status", "0", "", ""),
        ("dnd", "dnd", "dnd", "0", "", ""),
        ("recall", "redial", "redial", "0", "", ""),
        ("ldap", "dss2", "dsskey2", "3", "F_LDAPCONTACTS:0", "F_LDAP@1"),
        ("forward", "dss2", "dsskey2", "3", "F_CFWD", "F_CFWD"),
        ("pick_up", "dss2", "dsskey2", "3", "F_PICKUP", "F_PICKUP"),
        ("speed_dial", "dss2", "dsskey2", "1", "202@1/f", "202@1/f"),
        ("group_pickup", "dss2", "dsskey2", "1", "*8@1/f", "*8@1/f"),
        ("prefix", "dss2", "dsskey2", "3", "F_PREFIX:202", "F_PREFIX:202"),
        ("unheard_of", "none", "none", "0", "", ""),
    ],
)
def test_soft_keys_of_every_type(key_type, token5, token3, number, x5, x3):
    """``pick_up`` and ``prefix`` gave dead keys (seen in Tancredi)."""
    variables = {"pickup_group": "*8", "softkey_type_2": key_type, "softkey_value_2": "202"}
    file = rendered(X5U, variables)
    assert file["Desktop Softkey"] == f"history;{token5};dss3;menu;"
    written = (file["SoftDss Config/Fkey2 Type"], file["SoftDss Config/Fkey2 Value"])
    assert written == (number, x5)
    file = rendered(X3, variables)
    assert file["Desktop Softkey"] == f"history;{token3};dsskey3;menu;"
    assert (file["SoftFkey2 Type"], file["SoftFkey2 Value"]) == (number, x3)


def test_all_soft_key_types_are_tested_here():
    marks = test_soft_keys_of_every_type.pytestmark[0].args[1]
    assert {row[0] for row in marks} >= set(SOFT_KEY_TYPES)


@pytest.mark.parametrize("model", ["fanvil-H2", "fanvil-H2U", "fanvil-H5", "fanvil-V67"])
def test_models_without_soft_keys_get_none(model):
    """Fkey1 and Fkey0 were written; V67 presets soft keys it lacks (seen in Tancredi)."""
    body = render(model, {"softkey_type_1": "menu"})
    assert "Desktop Softkey" not in body
    assert "SoftDss" not in body
    assert "SoftFkey" not in body


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (X3, "history;status;paccout;naccout;menu;"),
        (X5U, "history;status;missed;dss2;menu;"),
        ("fanvil-W610W", "history;status;DssPage1;DssPage2;menu;"),
        ("fanvil-V67", "history;status;none;none;none;"),
    ],
)
def test_navigation_keys_are_the_models(model, keys):
    assert rendered(model)["Desktop Click"] == keys


# Schedule and addresses


@pytest.mark.parametrize(
    ("freq", "complete", "mode", "hours"),
    [
        ("everyday", True, "2", "24"), ("everyday", False, "2", "1"),
        ("never", True, "1", "24"), ("never", False, "2", "1"), ("", True, "2", "24"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("model", "words"), [(X3, "Download"), (X5U, "Flash")])
def test_a_phone_asks_hourly_until_complete_then_daily(model, words, freq, complete, mode, hours):
    """Tancredi counted the hours until night by the server's clock: every file was different."""
    file = rendered(model, {"provisioning_freq": freq}, complete=complete)
    assert (file[f"{words} Mode"], file[f"{words} Interval"]) == (mode, hours)


@pytest.mark.parametrize("model", [X3, X5U])
def test_discovery_ends_once_the_address_is_known(model):
    file = rendered(model)
    assert (file["PNP Enable"], file["DHCP Option"]) == ("0", "0")


@pytest.mark.parametrize("model", [X3, X5U])
def test_commands_are_taken_from_the_server_only(model):
    file = rendered(model, {"hostname": "192.0.2.10"})
    assert (file["Enabled Active Uri"], file["Active Uri IP"]) == ("1", "192.0.2.10")
