"""Snom: what its phones are given, setting by setting."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from phones import (
    ADDRESS,
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

MODELS = models_of("snom")
D8XX = [m for m in MODELS if LIBRARY.models[m].variables["tmpl_phone"] == "snomD8XX.tmpl"]
DEFAULT = [m for m in MODELS if m not in D8XX]
ACCOUNT = {"account_username_1": "201", "account_password_1": "secret"}


def read(text):
    """All settings of a phone file by name, or by name and index; each may stand there once."""
    root = etree.fromstring(text.encode())
    assert root.tag == "settings"
    found = {}
    for element in root.find("phone-settings"):
        index = element.get("idx")
        name = element.tag if index is None else (element.tag, int(index))
        assert name not in found, f"{name} twice"
        found[name] = element.text or ""
    return found


def written(model_id="snom-D785", variables=None, **request):
    return read(render(model_id, {**ACCOUNT, **(variables or {})}, **request))


def function_keys(model_id, variables=None):
    """Function keys by index, as (context, label, content)."""
    root = etree.fromstring(render(model_id, variables).encode())
    keys = [
        (int(k.get("idx")), (k.get("context"), k.get("label"), k.text))
        for k in root.find("functionKeys")
    ]
    assert len(keys) == len(dict(keys)), "an index twice"
    return dict(keys)


def line_key(variables, number=3, model_id="snom-D785"):
    return function_keys(model_id, variables)[number - 1]


# Every model


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("make", [lambda m: {}, everything_set, everything_empty])
@pytest.mark.parametrize("tokenless", [False, True])
def test_every_model_gets_a_readable_file(model_id, make, tokenless):
    read(render(model_id, make(model_id), tokenless=tokenless))


@pytest.mark.parametrize("model_id", MODELS)
def test_every_key_takes_every_type_and_all_keys_are_written(model_id):
    model = LIBRARY.models[model_id]
    modules = int(model.variables["cap_expkey_count"]) * int(model.variables["cap_expmodule_count"])
    line_keys = int(model.variables["cap_linekey_count"])
    for shift in range(len(LINE_KEY_TYPES)):
        keys = function_keys(model_id, keys_of_every_type(model_id, shift))
        assert len(keys) == line_keys + modules
        assert sorted(keys)[:line_keys] == list(range(line_keys))
        assert all(content.strip() == content != "" for _, _, content in keys.values())


@pytest.mark.parametrize("model_id", ["snom-D120", "snom-D335", "snom-D785", "snom-D815"])
def test_the_same_input_gives_the_same_bytes(model_id):
    variables = everything_set(model_id)
    assert render(model_id, variables) == render(model_id, variables)


@pytest.mark.parametrize("model_id", ["snom-D305", "snom-D865"])
@settings(max_examples=60)
@given(data=st.data())
def test_no_value_can_write_a_setting_of_its_own(model_id, data):
    """Labels, key values and pick-up codes were not escaped (seen in Tancredi)."""
    usual = everything_set(model_id)
    names = data.draw(st.lists(st.sampled_from(sorted(usual)), min_size=1, unique=True))
    texts = st.text(max_size=20) | st.sampled_from(["<a>", "\"'&<>", "]]>", "\0\n\x1b", "1", ""])
    wild = usual | {n: data.draw(texts) for n in names if not n.startswith(("cap_", "tmpl_"))}
    root = etree.fromstring(render(model_id, wild).encode())
    known = {e.tag for e in etree.fromstring(render(model_id, usual).encode()).iter()}
    assert {e.tag for e in root.iter()} <= known
    assert Counter(e.tag for e in root.iter())["fkey"] == len(function_keys(model_id, usual))


@given(label=st.text(), value=st.text())
@settings(max_examples=60)
def test_labels_arrive_as_they_were_typed(label, value):
    expected = "".join(c for c in label if c >= " " and c not in "\ufffe\uffff")
    _, shown, _ = line_key(
        {"linekey_type_3": "blf", "linekey_value_3": value, "linekey_label_3": label}
    )
    # XML turns line breaks and tabs of an attribute into blanks.
    assert "".join(shown.split()) == "".join(expected.split())


# Accounts


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "pbx.example.org:5060;transport=udp"),
        ({"account_encryption_1": "1"}, "pbx.example.org:5061;transport=tls"),
        ({"sip_udp_port": "5070"}, "pbx.example.org:5070;transport=udp"),
        ({"outbound_proxy_1": "proxy", "sip_udp_port": "5070"}, "proxy:5070;transport=udp"),
        (
            {"outbound_proxy_1": "proxy", "outbound_proxy_port_1": "5099"},
            "proxy:5099;transport=udp",
        ),
        (
            {
                "account_encryption_1": "1",
                "outbound_proxy_1": "proxy",
                "outbound_proxy2_1": "backup",
                "outbound_proxy2_port_1": "5077",
            },
            "proxy:5061;transport=tls,backup:5077;transport=tls",
        ),
    ],
)
def test_the_outbound_proxy_names_host_port_and_transport(variables, expected):
    assert written(variables=variables)["user_outbound", 1] == expected


CODECS = "g729,g722,pcmu,pcma,amr-0,amrwb-0,gsm,g723,g726-32,aal2-g726-32"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (
            {"account_encryption_1": "1"},
            {"user_srtp": "on", "user_savp": "mandatory", "user_auth_tag": "off"},
        ),
        ({"account_encryption_1": "0"}, {"user_srtp": "off", "user_savp": "off"}),
        (
            {"account_dtmf_type_1": "rfc4733"},
            {"user_dtmf_info": "off", "codec_priority_list": f"{CODECS},telephone-event"},
        ),
        (
            {"account_dtmf_type_1": "inband"},
            {"user_dtmf_info": "off", "codec_priority_list": CODECS},
        ),
        ({"account_dtmf_type_1": "sip_info"}, {"user_dtmf_info": "sip_info_only"}),
        ({"account_call_waiting_1": "1"}, {"call_waiting": "on"}),
        ({"account_call_waiting_1": "1", "call_waiting_tone": ""}, {"call_waiting": "visual"}),
        ({"account_call_waiting_1": ""}, {"call_waiting": "off"}),
        (
            {"account_always_fwd_target_1": "300", "cfalwayson": "*72", "cfalwaysoff": "*73"},
            {
                "fwd_all_enabled": "on",
                "fwd_all_target": "300",
                "fwd_all_on_code": "*72",
                "fwd_all_off_code": "*73",
            },
        ),
        (
            {"account_busy_fwd_target_1": "301"},
            {"fwd_busy_enabled": "on", "fwd_busy_target": "301", "fwd_all_enabled": "off"},
        ),
        (
            {"account_timeout_fwd_target_1": "302", "account_cftimeout_1": "25"},
            {"fwd_time_enabled": "on", "fwd_time_target": "302", "fwd_time_secs": "25"},
        ),
        ({}, {"fwd_time_enabled": "off", "fwd_time_secs": "15", "dnd_mode": "off"}),
        (
            {"account_dnd_enable_1": "1", "dndon": "*78", "dndoff": "*79"},
            {"dnd_mode": "on", "dnd_on_code": "*78", "dnd_off_code": "*79"},
        ),
        (
            {"account_display_name_1": "Ann", "account_extension_1": "21"},
            {"user_realname": "Ann", "user_idle_text": "Ann", "user_idle_number": "21"},
        ),
        ({"ringtone": "0"}, {"user_ringer": "Silent"}),
        ({"ringtone": "7"}, {"user_ringer": "Ringer7"}),
        ({"ringtone": "99"}, {"user_ringer": "Ringer10"}),
        (
            {"ringtone": "-1", "ringtone_file": "bell.wav"},
            {"user_ringer": "Custom", "user_custom": f"{ADDRESS}/ringtones/bell.wav?"},
        ),
        ({}, {"user_custom": "", "user_ringer_private_line": "Ringer2"}),
    ],
)
def test_an_account_setting_becomes(variables, expected):
    found = written(variables=variables)
    assert {name: found[name, 1] for name in expected} == expected


def test_a_free_account_is_switched_off_and_forgets_its_secrets():
    found = written("snom-D785", {"account_username_2": "91201", "account_password_2": "two"})
    assert (found["user_active", 2], found["user_pass", 2]) == ("on", "two")
    for n in range(3, 13):
        assert found["user_active", n] == "off"
        for name in ("user_name", "user_pass", "user_host", "user_outbound", "user_mailbox"):
            assert found[name, n] == ""
    assert ("user_active", 13) not in found


def test_alert_info_selects_all_ten_rings_and_silence():
    found = written()
    rings = [
        (found["internal_ringer_text", n], found["internal_ringer_file", n]) for n in range(11)
    ]
    assert rings == [(f"ring{n}", f"Ringer{n}") for n in range(1, 11)] + [("ring11", "Silent")]


# The whole phone


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"language": "it"}, {"language": "Italiano", "web_language": "Italiano"}),
        ({"language": "no"}, {"language": "Norsk"}),
        ({"language": "cs"}, {"language": "Čeština"}),
        ({"language": "tlh"}, {"language": "English"}),
        ({"tonezone": "it"}, {"tone_scheme": "ITA"}),
        ({"tonezone": "no"}, {"tone_scheme": "NOR"}),
        ({"tonezone": "uk"}, {"tone_scheme": "GBR"}),
        ({"tonezone": "gr"}, {"tone_scheme": "GER"}),
        ({"tonezone": "ch"}, {"tone_scheme": "SWI"}),
        ({"tonezone": "us-old"}, {"tone_scheme": "USA"}),
        ({"time_format": "12"}, {"time_24_format": "off"}),
        ({"time_format": "24"}, {"time_24_format": "on"}),
        ({"date_format": "MM DD YY"}, {"date_us_format": "on"}),
        ({"date_format": "DD MM YY"}, {"date_us_format": "off"}),
        ({"date_format": "YYYY MM DD"}, {"date_us_format": "off"}),
        ({"ringtone": "0"}, {"ring_sound": "Silent"}),
        ({"ringtone": "3"}, {"ring_sound": "Ringer3"}),
        ({"ringtone": "-1", "ringtone_file": "bell.wav"}, {"ring_sound": "Ringer1"}),
        ({"backlight_time": "0"}, {"dim_timer": "2147483647"}),
        ({"backlight_time": "60"}, {"dim_timer": "60"}),
        ({"brightness": "0"}, {"backlight": "3"}),
        ({"brightness": "9"}, {"backlight": "14"}),
        ({"brightness": "bright"}, {"backlight": "9"}),
        ({"brightness": ""}, {"backlight": "9"}),
        (
            {"background_file": "hill.png"},
            {"custom_bg_image_url": f"{ADDRESS}/backgrounds/hill.png"},
        ),
        ({}, {"custom_bg_image_url": ""}),
        (
            {"dss_transfer": "attended"},
            {"quick_transfer": "attended", "transfer_dialing_on_transfer": "attended"},
        ),
        (
            {"dss_transfer": "blind"},
            {"quick_transfer": "blind", "transfer_dialing_on_transfer": "blind"},
        ),
        (
            {"dss_transfer": "verify"},
            {"quick_transfer": "new_call", "transfer_dialing_on_transfer": "blind"},
        ),
        ({"auto_redial": "1"}, {"auto_redial": "on"}),
        ({"auto_redial": "0"}, {"auto_redial": "off"}),
        (
            {"ldap_tls": "ldaps", "ldap_port": "10636", "ldap_server": "dir"},
            {"ldap_over_tls": "on", "ldap_port": "10636", "ldap_server": "dir"},
        ),
        (
            {"ldap_tls": "none"},
            {"ldap_over_tls": "off", "ldap_port": "389", "ldap_server": "pbx.example.org"},
        ),
        (
            {},
            {
                "ldap_number_attributes": "telephoneNumber mobile homePhone",
                "ldap_name_attributes": "cn o",
                "ldap_display_name": "%cn %o",
                "ldap_search_filter": "(|(cn=%*)(o=%*))",
                "ldap_number_filter": "(|(telephoneNumber=%*)(mobile=%*)(homePhone=%*))",
            },
        ),
        (
            {"vlan_id_phone": "100", "vlan_id_pcport": "200"},
            {
                "vlan_id": "100",
                "vlan_qos": "0",
                "vlan_port_tagging": "on",
                "vlan_pc_id": "200",
                "vlan_pc_priority": "0",
            },
        ),
        (
            {"vlan_id_phone": "0", "vlan_id_pcport": "4095"},
            {
                "vlan_id": "",
                "vlan_qos": "",
                "vlan_port_tagging": "off",
                "vlan_pc_id": "",
                "vlan_pc_priority": "",
            },
        ),
        ({"provisioning_freq": "never"}, {"prov_polling_enabled": "off"}),
        (
            {},
            {
                "prov_polling_enabled": "on",
                "prov_polling_mode": "random",
                "prov_polling_period": "86400",
                "prov_polling_time": "01:00",
                "prov_polling_time_rand_end": "04:00",
                "setting_server": f"{ADDRESS}/000413aabb01.xml",
                "firmware_status": "",
                "checksync_action": "",
            },
        ),
        (
            {"firmware_file": "snomD785-10.1.169.16-SIP-r.bin"},
            {"firmware_status": f"{ADDRESS}/snom-firmware.xml"},
        ),
        ({"adminpw": "s3cret"}, {"admin_mode_password": "s3cret", "http_pass": "s3cret"}),
        ({}, {"admin_mode_password_confirm": "admin", "http_user": "admin", "http_pass": "admin"}),
    ],
)
def test_a_setting_becomes(variables, expected):
    found = written(variables=variables)
    assert {name: found[name] for name in expected} == expected


def test_before_its_permanent_token_a_phone_asks_every_minute():
    found = written(complete=False)
    assert (found["prov_polling_mode"], found["prov_polling_period"]) == ("rel", "60")


def test_a_phone_without_a_token_learns_no_address():
    assert "setting_server" not in written(tokenless=True)


def test_the_own_address_stays_writable():
    assert '<setting_server perm="RW">' in render("snom-D785")


def test_a_needed_reboot_is_allowed_before_anything_else_is_set():
    assert next(iter(written())) == "auto_reboot_on_setting_change"


@pytest.mark.parametrize("model_id", D8XX)
def test_d8xx_has_its_own_names_for_passwords_and_a_locale(model_id):
    found = written(model_id, {"adminpw": "a", "userpw": "u", "tonezone": "at"})
    assert found["webserver_admin_name"] == "admin"
    assert found["webserver_admin_password"] == found["admin_mode_password"] == "a"
    assert (found["webserver_user_name"], found["webserver_user_password"]) == ("user", "u")
    assert found["locale"] == "de_AT"
    assert "http_pass" not in found


@pytest.mark.parametrize("model_id", DEFAULT)
def test_older_series_have_neither(model_id):
    found = written(model_id)
    assert not {"webserver_admin_password", "locale"} & set(found)


@pytest.mark.parametrize(
    ("country", "locale"),
    [("it", "it_IT"), ("se", "sv_SE"), ("ve", "es_VE"), ("uk", "en_GB"), ("no", "nb_NO")],
)
def test_the_locale_is_the_language_of_the_country(country, locale):
    """Sweden was se_SE, Venezuela es_ES (seen in Tancredi)."""
    assert written("snom-D815", {"tonezone": country})["locale"] == locale


@pytest.mark.parametrize("model_id", MODELS)
def test_only_phones_without_http_commands_keep_digest_and_hidden_tags(model_id):
    """The D862 and D865 know no command.htm: click-to-call loses nothing (Snom's service hub)."""
    protected = "on" if model_id in ("snom-D862", "snom-D865") else "off"
    found = written(model_id)
    assert (found["http_scheme"], found["use_hidden_tags"]) == (protected, protected)


def test_firmware_is_described_in_a_file_of_its_own():
    variables = {"firmware_file": "snomD865-10.1.169.16-SIP-r.swu"}
    root = etree.fromstring(render("snom-D865", variables, template="tmpl_firmware").encode())
    assert root.tag == "firmware-settings"
    assert root.findtext("firmware") == f"{ADDRESS}/firmware/snomD865-10.1.169.16-SIP-r.swu"
    empty = etree.fromstring(render("snom-D865", template="tmpl_firmware").encode())
    assert len(empty) == 0


# Time zones


@pytest.mark.parametrize(
    ("zone", "code", "offset", "dst"),
    [
        ("Europe/Rome", "ITA+1", "+3600", "3600 03.05.07 02:00:00 10.05.07 03:00:00"),
        ("Europe/London", "GBR-0", "+0", "3600 03.05.07 01:00:00 10.05.07 02:00:00"),
        ("America/New_York", "USA-5", "-18000", "3600 03.02.07 02:00:00 11.01.07 02:00:00"),
        ("Asia/Tokyo", "JPN+9", "+32400", ""),
        ("Europe/Riga", "LVA+2", "+7200", "3600 03.05.07 03:00:00 10.05.07 04:00:00"),
        ("UTC", "", "+0", ""),
        ("Asia/Dubai", "", "+14400", ""),
        ("Asia/Tehran", "", "+12600", ""),
        ("Asia/Kathmandu", "", "+20700", ""),
        ("Africa/Johannesburg", "CAT+2", "+7200", ""),
        ("US/Eastern", "USA-5", "-18000", "3600 03.02.07 02:00:00 11.01.07 02:00:00"),
        ("Mars/Olympus", "", "+0", ""),
    ],
)
def test_a_time_zone_becomes_a_code_an_offset_and_a_rule(zone, code, offset, dst):
    """Tokyo became London, Riga 63, Dubai Kazakhstan, UTC had summer time (seen in Tancredi)."""
    found = written(variables={"timezone": zone})
    assert (found["timezone"], found["utc_offset"], found["dst"]) == (code, offset, dst)


def test_the_offset_in_a_code_is_the_offset_of_the_zone():
    for name, code in LIBRARY.vendors["snom"].values["timezone"].items():
        hours = float(code.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")[code[3].isdigit() :])
        zone = ZONES.find(name)
        assert zone is not None, name
        assert zone.offset_minutes == hours * 60, name


# Soft keys


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ({"type": "forward", "value": "300"}, "keyevent F_REDIRECT"),
        ({"type": "dnd"}, "keyevent F_DND"),
        ({"type": "recall"}, "keyevent F_REDIAL"),
        ({"type": "speed_dial", "value": "300"}, "speed 300"),
        ({"type": "speed", "value": "300"}, "speed 300"),
        ({"type": "speed_dial", "value": ""}, "keyevent F_NONE"),
        ({"type": "pick_up", "value": "300"}, "speed **300"),
        ({"type": "group_pickup"}, "speed *8"),
        ({"type": "history"}, "keyevent F_CALL_LIST"),
        ({"type": "menu"}, "keyevent F_SETTINGS"),
        ({"type": "status"}, "keyevent F_STATUS"),
        ({"type": "ldap"}, "keyevent F_DIRECTORY_SEARCH"),
        ({"type": "local_directory"}, "keyevent F_ADR_BOOK"),
        ({"type": "favorite"}, "keyevent F_FAVORITES"),
        ({"type": "prefix", "value": "0"}, "keyevent F_NONE"),
        ({"type": ""}, "keyevent F_NONE"),
        ({"type": "unheard-of"}, "keyevent F_NONE"),
    ],
)
def test_a_soft_key_becomes(key, action):
    """speed_dial, pick_up and prefix gave no key at all (seen in Tancredi)."""
    variables = {f"softkey_{part}_2": text for part, text in key.items()}
    found = written(variables=variables | {"pickup_direct": "**", "pickup_group": "*8"})
    assert found["gui_fkey2"] == found["context_key", 1] == action


def test_only_some_models_have_the_newer_name_of_the_soft_keys():
    newer = {m for m in MODELS if ("context_key", 0) in written(m)}
    older = ["D140", "D150", "D335", "D385", "D713", "D717", "D735", "D785"]
    assert newer == {f"snom-{m}" for m in older} | set(D8XX)
    assert all({f"gui_fkey{n}" for n in range(1, 5)} <= set(written(m)) for m in MODELS)


def test_every_soft_key_type_is_covered():
    for kind in SOFT_KEY_TYPES:
        written(variables={"softkey_type_1": kind, "softkey_value_1": "1"})


# Line keys and expansion keys

CODES = {
    "pickup_direct": "**",
    "pickup_group": "*8",
    "dndtoggle": "*76",
    "queuetoggle": "*45",
}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("blf", "blf 300|**"),
        ("speed_dial", "speed 300"),
        ("line", "line 300"),
        ("dtmf", "dtmf 300"),
        ("forward", "redirect 300"),
        ("transfer", "transfer 300"),
        ("conference", "conference 300"),
        ("multicast_paging", "multicast 300"),
        ("record", "recorder 300"),
        ("url", "url 300"),
        ("dnd", "speed *76"),
        ("queuetoggle", "speed *45"),
        ("group_pickup", "speed *8"),
        ("ldap", "keyevent F_DIRECTORY_SEARCH"),
        ("recall", "keyevent F_REDIAL"),
        ("hold", "keyevent F_HOLD"),
        ("voice_mail", "keyevent F_VOICEMAIL_INFO"),
        ("mute", "keyevent F_MUTE"),
    ],
)
def test_a_line_key_becomes(kind, content):
    """A record key had a type that Snom does not have (seen in Tancredi)."""
    key = {"linekey_type_3": kind, "linekey_value_3": "300", "linekey_label_3": "Ann"}
    assert line_key(CODES | key) == ("1", "Ann", content)
    expansion = {name.replace("line", "exp"): text for name, text in key.items()}
    assert function_keys("snom-D785", CODES | expansion)[24 + 2] == ("1", "Ann", content)


@pytest.mark.parametrize("kind", ["", "direct_pickup", "phone_lock", "prefix", "unheard-of"])
def test_a_key_without_a_function_is_a_line_of_the_active_account(kind):
    key = {"linekey_type_3": kind, "linekey_value_3": "300", "linekey_label_3": "Ann"}
    assert line_key(CODES | key) == ("active", "", "line")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("dnd", "keyevent F_DND"),
        ("queuetoggle", "none"),
        ("group_pickup", "none"),
        ("line", "line"),
    ],
)
def test_a_key_whose_code_the_pbx_does_not_have(kind, content):
    assert line_key({"linekey_type_3": kind}) == ("1", "", content)


def test_the_element_of_a_watching_key_is_as_phones_have_it_today():
    """BLF keys vanished once (NethServer/dev 7931)."""
    key = {"linekey_type_3": "blf", "linekey_value_3": "201", "linekey_label_3": "Ann & Bob"}
    assert (
        '<fkey idx="2" context="1" label="Ann &amp; Bob" lp="on" perm="">blf 201|**</fkey>\n'
        in render("snom-D785", CODES | key)
    )


def test_a_bar_in_an_extension_starts_no_code_of_its_own():
    key = {"linekey_type_3": "blf", "linekey_value_3": "201|*666"}
    assert line_key(CODES | key)[2] == "blf 201*666|**"


@pytest.mark.parametrize(
    ("model_id", "first", "keys"),
    [
        ("snom-D715", 5, 54),
        ("snom-D717", 3, 54),
        ("snom-D725", 18, 54),
        ("snom-D735", 32, 54),
        ("snom-D745", 32, 54),
        ("snom-D765", 16, 54),
        ("snom-D785", 24, 72),
        ("snom-D315", 131, 54),
        ("snom-D335", 158, 54),
        ("snom-D345", 174, 54),
        ("snom-D375", 138, 54),
        ("snom-D385", 174, 54),
        ("snom-D815", 36, 180),
        ("snom-SP800", 28, 54),
    ],
)
def test_expansion_keys_follow_at_their_own_index(model_id, first, keys):
    """D8xx modules lost their keys 19 to 60, D3xx keys had the wrong index (Tancredi)."""
    count = int(LIBRARY.models[model_id].variables["cap_linekey_count"])
    indexes = sorted(function_keys(model_id))
    assert indexes == [*range(count), *range(first, first + keys)]


def test_a_phone_without_modules_has_line_keys_only():
    assert sorted(function_keys("snom-D120")) == [0, 1]
    assert sorted(function_keys("snom-D785", {"cap_expmodule_count": ""})) == list(range(24))
    assert not function_keys("snom-D785", {"cap_linekey_count": "", "cap_expkey_count": "0"})


def test_a_count_of_the_phones_own_is_honoured():
    assert len(function_keys("snom-D785", {"cap_linekey_count": "30"})) == 30 + 72


# Defects of Tancredi that no table above holds


def test_the_d335_is_no_d385():
    """Name, keys and backlight were copied from the D385 (seen in Tancredi)."""
    model = LIBRARY.models["snom-D335"]
    assert (model.name, model.tancredi_name) == ("Snom D335", "Snom D385")
    assert model.variables["cap_linekey_count"] == "32"
    assert model.variables["backlight_time"] == "30"
    shown = shipped_variables(model)
    assert (shown["cap_linekey_count"], shown["backlight_time"]) == ("48", "32")


def test_the_mailbox_is_known_to_the_account_and_to_the_message_key():
    """Only the message key knew it (seen in Tancredi)."""
    found = written(variables={"account_voicemail_1": "*97"})
    assert (found["user_mailbox", 1], found["dkey_retrieve"]) == ("*97", "speed *97")
    assert written()["dkey_retrieve"] == "keyevent F_VOICEMAIL_INFO"


def test_ldaps_on_the_default_port_of_ldap_means_636():
    """The default 389 kept 636 from ever applying (seen in Tancredi)."""
    assert written(variables={"ldap_tls": "ldaps"})["ldap_port"] == "636"


def test_directed_pickup_is_the_code_of_the_pbx():
    """The code was always *97 (seen in Tancredi)."""
    assert written(variables={"pickup_direct": "**"})["blf_directed_call_pickup", 1] == "**"


# What the API of Tancredi 1.9 shows

COMMON = {
    "screensaver_time": "",
    "cap_screensaver_time_blacklist": "0,3,5,7,10,15,30,60,120,300,600,1200,1800,2400,3000,3600",
    "cap_backlight_time_blacklist": "",
    "cap_contrast": "",
    "cap_screensaver_file": "",
    "cap_background_file": "1",
    "backlight_time": "30",
    "cap_ldap_tls_blacklist": "starttls",
    "provisioning_url_filename": "{mac}.xml",
    "tmpl_phone": "snom.tmpl",
    "tmpl_firmware": "snom-firmware.tmpl",
    "cap_linekey_type_blacklist": "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail",
    "cap_softkey_count": "4",
    "cap_softkey_type_blacklist": "",
    "cap_expkey_count": "18",
    "cap_expkey_type_blacklist": "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail",
    "cap_expmodule_count": "3",
    "cap_ringtone_count": "10",
    "cap_ringtone_blacklist": "",
    "cap_dss_transfer_blacklist": "verify",
    "cap_date_format_blacklist": "DD MM YYYY,DD MMM WW,DD MMM YY,DD MMM YYYY,WWW DD MMM,"
    "WWW MMM DD,MM DD YYYY,MMM DD WW,YY MM DD,YYYY MM DD",
    "linekey_type_1": "line",
    "linekey_type_2": "line",
    "softkey_type_1": "history",
    "softkey_type_2": "forward",
    "softkey_type_3": "recall",
    "ldap_number_filter": "(|(telephoneNumber=%*)(mobile=%*)(homePhone=%*))",
    "ldap_name_filter": "(|(cn=%*)(o=%*))",
}


@pytest.mark.parametrize(
    ("model_id", "own"),
    [
        (
            "snom-D120",
            {
                "cap_background_file": "",
                "cap_linekey_count": "2",
                "cap_linekey_type_blacklist": "",
                "cap_expkey_count": "0",
                "cap_expkey_type_blacklist": "",
                "cap_expmodule_count": "0",
                "softkey_type_2": "menu",
                "softkey_type_3": "forward",
                "softkey_type_4": "recall",
            },
        ),
        (
            "snom-D305",
            {
                "cap_background_file": "",
                "cap_linekey_count": "5",
                "linekey_type_3": "ldap",
                "linekey_type_4": "transfer",
                "linekey_type_5": "mute",
                "softkey_type_2": "menu",
                "softkey_type_3": "forward",
                "softkey_type_4": "dnd",
            },
        ),
        (
            "snom-D335",
            {
                "backlight_time": "32",
                "cap_linekey_count": "48",
                "softkey_type_2": "menu",
                "softkey_type_3": "forward",
                "softkey_type_4": "status",
            },
        ),
        (
            "snom-D785",
            {"cap_linekey_count": "24", "cap_expmodule_count": "4", "softkey_type_4": "status"},
        ),
        (
            "snom-D815",
            {
                "tmpl_phone": "snomD8XX.tmpl",
                "cap_linekey_count": "36",
                "cap_expkey_count": "60",
                "softkey_type_4": "menu",
            },
        ),
        (
            "snom-SP800",
            {
                "tmpl_phone": "snomD8XX.tmpl",
                "cap_linekey_count": "28",
                "softkey_type_4": "menu",
            },
        ),
    ],
)
def test_a_model_shows_the_strings_that_tancredi_shows(model_id, own):
    assert shipped_variables(LIBRARY.models[model_id]) == COMMON | own


def test_a_value_tancredi_does_not_have_is_taken_away():
    """The D712 has no list of soft key types (seen in Tancredi)."""
    assert "cap_softkey_type_blacklist" not in shipped_variables(LIBRARY.models["snom-D712"])


def test_there_are_26_models_of_two_layouts():
    assert (len(DEFAULT), len(D8XX)) == (19, 7)


# Files and identification


@pytest.mark.parametrize("mac", ["000413aabb01", "000413AABB01", "1C7126aabb01", "1c7126AABB01"])
def test_the_phone_file_is_found_in_any_case(mac):
    """Files of 1C:71:26 were not served at all (seen in Tancredi)."""
    match = LIBRARY.route(f"{mac}.xml")
    assert match is not None
    assert match.mac == MacAddress.parse(mac)
    assert match.rule.template_variable == "tmpl_phone"
    assert match.rule.content_type == "text/xml; charset=utf-8"


def test_the_firmware_descriptor_belongs_to_the_phone_whose_token_asks():
    match = LIBRARY.route("snom-firmware.xml", vendor="snom")
    assert match is not None
    assert (match.mac, match.rule.template_variable) == (None, "tmpl_firmware")


@pytest.mark.parametrize(
    ("user_agent", "model", "version", "mac"),
    [
        (
            "Mozilla/4.0 (compatible; snom710-SIP 8.7.5.35 1.1.5-IFX-05.01.12 000413010203)",
            "710",
            "8.7.5.35",
            "000413010203",
        ),
        (
            "Mozilla/4.0 (compatible; snomD785-SIP 10.1.33.33 2010.12-00004-g9ba52f5 "
            "000413010204 SXM:0 UXM:0)",
            "D785",
            "10.1.33.33",
            "000413010204",
        ),
        ("Mozilla/4.0 (compatible; snomSP800-SIP 10.1.184.0)", "SP800", "10.1.184.0", None),
        ("snomD120/10.1.39.11", "D120", "10.1.39.11", None),
        ("Snom M700 05.20.0001 00087B010203", "M700", "05.20.0001", "00087b010203"),
    ],
)
def test_a_user_agent_tells_model_version_and_address(user_agent, model, version, mac):
    found = identify(user_agent, LIBRARY.user_agents)
    assert (found.vendor, found.model, found.version) == ("snom", model, version)
    assert (found.mac and found.mac.bare) == mac
