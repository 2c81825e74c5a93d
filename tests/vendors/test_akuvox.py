"""Akuvox: what its phones are given, parameter by parameter."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phones import (
    ADDRESS,
    LIBRARY,
    LINE_KEY_TYPES,
    everything_empty,
    everything_set,
    keys_of_every_type,
    models_of,
    render,
)

from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import shipped_variables

MODELS = models_of("akuvox")
DESK, SMALL_DESK, WP410, WP480 = "akuvox-SPR63G", "akuvox-SPR50P", "akuvox-WP410", "akuvox-WP480"
ACCOUNT = {"account_username_1": "201", "account_password_1": "secret"}


def read(text):
    """All parameters of a phone file without the leading ``Config.``; each may stand there once."""
    first, *lines = text.splitlines()
    assert first == "#!version:1.0.0.1"
    found = {}
    for line in lines:
        match = re.fullmatch(r"Config((?:\.\w+){2,3}) = ?(.*)", line)
        assert match, f"stray line {line!r}"
        name = match[1].removeprefix(".")
        assert name not in found, f"{name} twice"
        found[name] = match[2]
    return found


def written(model_id=DESK, variables=None, **request):
    return read(render(model_id, {**ACCOUNT, **(variables or {})}, **request))


def key(model_id, name, variables):
    p = written(model_id, {"pickup_direct": "**", "pickup_group": "*8", **variables})
    return [p[f"Programable.{name}.{part}"] for part in ("Type", "Param1", "Param2", "Param3")]


# Rendering


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("make", [lambda _: {}, everything_set, everything_empty])
def test_every_model_renders_the_same_parameters(model_id, make):
    # The address of the daylight saving rule comes and goes with the zone.
    names = {n for n in read(render(model_id, make(model_id))) if not n.endswith("Time")}
    assert names == {n for n in written(model_id) if not n.endswith("Time")}


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("shift", range(len(LINE_KEY_TYPES) - 1))
def test_every_key_can_have_every_function(model_id, shift):
    read(render(model_id, keys_of_every_type(model_id, shift)))


@settings(max_examples=60)
@given(
    model_id=st.sampled_from(MODELS),
    name=st.sampled_from(sorted(everything_set(WP480))),
    value=st.text(st.characters(codec="utf-8")),
)
def test_a_value_can_never_write_a_parameter_of_its_own(model_id, name, value):
    plain = set(written(model_id, everything_set(model_id)))
    found = set(read(render(model_id, {**everything_set(model_id), name: value})))
    assert found ^ plain <= {"Settings.SNTP.StartTime", "Settings.SNTP.EndTime"}


def test_nothing_of_a_foreign_device_is_in_the_file():
    """Encrypted blobs of unused features came from an exported device (seen in Tancredi)."""
    groups = {name.split(".")[1] for name in written()}
    assert not groups & {"HOTELING", "HOTDESKING", "KEYPADLOCK", "CALLLOG0", "BROADSOFT0"}
    assert written()["TR069.General.Enable"] == "0"


# Provisioning


def test_the_phone_keeps_its_permanent_address():
    assert written()["Autoprovision.GENERAL.Url"] == f"{ADDRESS}/0c1105aabb01.cfg"
    assert "Autoprovision.GENERAL.Url" not in read(render(DESK, tokenless=True))


def test_every_phone_has_its_own_minute_of_every_night():
    """All fetched at 04:00:00, on days `1~5`, which mean nothing (seen in Tancredi)."""
    times = set()
    for n in range(10, 40):
        p = written(mac=f"0C11050000{n}")
        assert p["Autoprovision.SCHEDULE.DayOfWeek"] == "0"
        hour, minute = (
            int(p[f"Autoprovision.SCHEDULE.{part}"]) for part in ("HourOfDay", "MinuteOfHour")
        )
        assert 1 <= hour <= 3
        assert 0 <= minute <= 59
        times.add((hour, minute))
    assert len(times) > 20


@pytest.mark.parametrize(("frequency", "mode"), [("everyday", "3"), ("never", "1"), ("", "3")])
def test_nightly_fetches_can_be_switched_off(frequency, mode):
    p = written(variables={"provisioning_freq": frequency})
    assert p["Autoprovision.MODE.Mode"] == mode


def test_it_asks_every_hour_until_it_has_its_own_address():
    for frequency in ("everyday", "never"):
        p = written(variables={"provisioning_freq": frequency}, complete=False)
        assert p["Autoprovision.MODE.Mode"] == "4"


def test_dhcp_does_not_move_a_phone_that_has_its_address():
    assert written()["Autoprovision.DHCP_OPTION.Enable"] == "0"
    assert written(complete=False)["Autoprovision.DHCP_OPTION.Enable"] == "4"


def test_files_are_fetched_from_us():
    p = written(variables={"firmware_file": "r63.rom", "ringtone_file": "a.wav"})
    assert p["Firmware.Url"] == f"{ADDRESS}/firmware/r63.rom"
    assert p["Ringtone.Url"] == f"{ADDRESS}/ringtones/a.wav?"
    assert written()["Firmware.Url"] == ""


# Accounts


@pytest.mark.parametrize("n", [1, 2, 3])
def test_every_account_is_written(n):
    p = written(variables=everything_set(DESK))
    expected = {
        "GENERAL.Enable": "1", "GENERAL.Label": f"Name {n}", "GENERAL.DisplayName": f"Name {n}",
        "GENERAL.UserName": f"user{n}", "GENERAL.AuthName": f"user{n}",
        "GENERAL.Pwd": f"sip-secret{n}", "SIP.Server": "pbx.example.org", "SIP.Port": "5061",
        "SIP.TransType": "2", "OUTPROXY.Enable": "1", "OUTPROXY.Server": f"proxy{n}.example.org",
        "OUTPROXY.Port": f"506{n}", "OUTPROXY.BakServer": f"backup{n}.example.org",
        "ENCRYPTION.SRTPEncryption": "2", "FEATURE_DND.Enable": "1", "FEATURE_DND.OnCode": "*78",
        "FEATURE_FORWARD_ALWAYS.Enable": "1", "FEATURE_FORWARD_ALWAYS.Target": f"1{n}",
        "FEATURE_FORWARD_BUSY.Target": f"2{n}", "FEATURE_FORWARD_BUSY.OffCode": "*91",
        "FEATURE_FORWARD_TIMEOUT.Target": f"3{n}", "FEATURE_FORWARD_TIMEOUT.TimeOut": "24",
    }  # fmt: skip
    assert {name: p[f"Account{n}.{name}"] for name in expected} == expected


def test_the_port_of_the_backup_proxy_is_written():
    """A misspelt variable left it empty (seen in Tancredi)."""
    p = written(variables=everything_set(DESK))
    assert p["Account2.OUTPROXY.BakPort"] == "5072"


def test_a_free_account_is_cleared():
    p = read(render(DESK, {"account_password_2": "left over"}))
    cleared = [
        "GENERAL.Enable",
        "GENERAL.UserName",
        "GENERAL.AuthName",
        "GENERAL.Pwd",
        "SIP.Server",
    ]
    assert [p[f"Account2.{name}"] for name in cleared] == ["0", "", "", "", ""]


def test_an_account_in_clear_goes_by_udp():
    p = written(variables={"outbound_proxy_1": "edge"})
    names = ["SIP.Port", "SIP.TransType", "ENCRYPTION.SRTPEncryption", "OUTPROXY.Port"]
    assert [p[f"Account1.{name}"] for name in names] == ["5060", "0", "0", "5060"]


@pytest.mark.parametrize("model_id", MODELS)
def test_the_mailbox_has_a_number(model_id):
    """It was empty on the desk phones (seen in Tancredi)."""
    p = written(model_id, {"account_voicemail_1": "*97"})
    assert p["Account1.VOICEMSG.Number"] == "*97"


def test_the_account_number_is_no_session_interval():
    """Each account had its number as interval, and a switch of its own (seen in Tancredi)."""
    p = written()
    assert {p[f"Account{n}.SESSION.Interval"] for n in (1, 2, 3)} == {"7200"}
    assert not any("CALL.Enable" in name for name in p)


@pytest.mark.parametrize(
    ("model_id", "dtmf", "code"),
    [
        (DESK, "inband", "0"), (DESK, "rfc4733", "1"), (DESK, "sip_info", "2"), (DESK, "", "1"),
        (WP410, "inband", "1"), (WP410, "rfc4733", "2"), (WP410, "sip_info", "3"),
        (WP480, "rfc4733", "2"), (WP480, "", "2"),
    ],
)  # fmt: skip
def test_each_group_numbers_dtmf_in_its_own_way(model_id, dtmf, code):
    """RFC 4733 had another name, and the WP phones' default was inband (Tancredi)."""
    assert written(model_id, {"account_dtmf_type_1": dtmf})["Account1.DTMF.Type"] == code


def test_codecs_have_the_order_of_their_group():
    for model_id, g722, opus in ((DESK, "6", "10"), (WP410, "5", "7")):
        p = written(model_id)
        assert [p[f"Account1.Audio5.{part}"] for part in ("Name", "Enable", "Priority")] == [
            "G722", "1", g722,
        ]  # fmt: skip
        assert p["Account1.Audio9.Priority"] == opus
        assert p["Account1.Audio12.Name"] == "NONE"


# Settings


@pytest.mark.parametrize(
    ("setting", "value", "name", "expected"),
    [
        ("adminpw", "a", "Settings.LOGIN.Password", "a"),
        ("adminpw", "", "Settings.WEB_LOGIN.Password", "admin"),
        ("userpw", "", "Settings.WEB_LOGIN.Password02", "1234"),
        ("language", "en", "Settings.LANGUAGE.Type", "0"),
        ("language", "it", "Settings.LANGUAGE.Type", "7"),
        ("language", "zh", "Settings.LANGUAGE.Type", "1"),
        ("language", "pl", "Settings.LANGUAGE.Type", "13"),
        ("language", "xx", "Settings.LANGUAGE.Type", "0"),
        ("tonezone", "it", "Voice.TONE.Country", "14"),
        ("tonezone", "no", "Voice.TONE.Country", "12"),
        ("tonezone", "xx", "Voice.TONE.Country", "1"),
        ("ntp_server", "ntp.x", "Settings.SNTP.NTPServer1", "ntp.x"),
        ("time_format", "12", "Settings.DATETIME.TimeFormat", "0"),
        ("time_format", "24", "Settings.DATETIME.TimeFormat", "1"),
        ("date_format", "YYYY MM DD", "Settings.DATETIME.DateFormat", "0"),
        ("date_format", "DD MM YYYY", "Settings.DATETIME.DateFormat", "2"),
        ("date_format", "WWW DD MMM", "Settings.DATETIME.DateFormat", "4"),
        ("date_format", "WWW MMM DD", "Settings.DATETIME.DateFormat", "5"),
        ("date_format", "MM DD YYYY", "Settings.DATETIME.DateFormat", "6"),
        ("date_format", "DD MMM YYYY", "Settings.DATETIME.DateFormat", "7"),
        ("date_format", "", "Settings.DATETIME.DateFormat", "2"),
        ("backlight_time", "60", "Settings.BACKLIGHT.Time", "60"),
        ("backlight_time", "", "Settings.BACKLIGHT.Time", "20"),
        ("contrast", "4", "Em1.SETTING.Contrast", "5"),
        ("call_waiting_on", "*70", "Features.CALL_WAITING.OnCode", "*70"),
        ("dndoff", "*79", "Features.DND.OffCode", "*79"),
        ("account_dnd_enable_1", "1", "Features.DND.Enable", "1"),
        ("account_always_fwd_target_1", "9", "Forward.ALWAYS.Enable", "1"),
        ("account_busy_fwd_target_1", "9", "Forward.BUSY.Target", "9"),
        ("account_cftimeout_1", "24", "Forward.TIMEOUT.Timeout", "24"),
        ("account_cftimeout_1", "", "Forward.TIMEOUT.Timeout", "2"),
        ("ldap_server", "", "Ldap.LDAP.Server", "pbx.example.org"),
        ("ldap_name_filter", "(cn=%)", "Ldap.LDAP.NameFilter", "(cn=#)"),
        ("ldap_number_filter", "(x=%)", "Ldap.LDAP.NumberFilter", "(x=#)"),
        ("ldap_name_display", "%cn %o", "Ldap.LDAP.DisplayName", "cn o"),
        ("vlan_id_phone", "7", "Network.VLAN.LanVid", "7"),
        ("vlan_id_phone", "7", "Network.VLAN.LanVlanEnable", "1"),
    ],
)
def test_a_setting_becomes_the_phones_own_value(setting, value, name, expected):
    assert written(variables={setting: value})[name] == expected


def test_call_waiting_is_that_of_the_first_account():
    """A variable of a loop was read outside it, the tone was fixed (seen in Tancredi)."""
    p = written(variables={"account_call_waiting_1": "1", "call_waiting_tone": ""})
    assert p["Features.CALL_WAITING.Enable"] == "1"
    assert p["Features.CALL_WAITING.PlayTone"] == "0"
    assert written()["Features.CALL_WAITING.Enable"] == "0"


@pytest.mark.parametrize("vlan", ["4095", "0", "", "ten"])
def test_an_impossible_vlan_is_none(vlan):
    """An id of 4095 or more enabled VLAN with id 1 (seen in Tancredi)."""
    p = written(variables={"vlan_id_phone": vlan, "vlan_id_pcport": vlan})
    assert p["Network.VLAN.LanVlanEnable"] == p["Network.VLAN.PcVlanEnable"] == "0"


@pytest.mark.parametrize(
    ("number", "name"),
    [("1", "Ring1.wav"), ("9", "Ring9.wav"), ("10", "Bellcore-dr1.wav"), ("-1", "Ring1.wav")],
)
def test_a_ringtone_is_named(number, name):
    """Its number was written where a name belongs (seen in Tancredi)."""
    p = written(variables={"ringtone": number})
    assert p["Settings.RINGTONE.Type"] == p["Account1.RINGTONE.Type"] == name
    assert p["Settings.RINGER.Ringtone12"] == "Bellcore-dr3.wav"


@pytest.mark.parametrize(("brightness", "level"), [("0", "1"), ("9", "10"), ("bright", "6")])
def test_levels_count_alike_on_phone_and_module(brightness, level):
    """One counted from 0, the other from 1 (seen in Tancredi)."""
    p = written(variables={"brightness": brightness})
    assert p["Settings.BACKLIGHT.Level"] == p["Em1.SETTING.BackLightLevel"] == level


@pytest.mark.parametrize(
    ("zone", "offset", "name"),
    [
        ("Europe/Rome", "+1", "Italy(Rome)"),
        ("Europe/Riga", "+2", "Latvia(Riga)"),
        ("UTC", "0", "GMT"),
        ("Asia/Calcutta", "+5:30", "India(Calcutta)"),
    ],
)
def test_zones_are_those_of_yealink(zone, offset, name):
    """The shared table had its errors twice, Riga was +63 (seen in Tancredi)."""
    p = written(variables={"timezone": zone})
    assert (p["Settings.SNTP.TimeZone"], p["Settings.SNTP.Name"]) == (offset, name)


def test_daylight_saving_is_that_of_the_zone():
    """The WP phones had it everywhere, an hour off at both ends (seen in Tancredi)."""
    for model_id in MODELS:
        p = written(model_id, {"timezone": "Asia/Tokyo"})
        assert p["Settings.SNTP.DTS"] == "0"
        assert "Settings.SNTP.StartTime" not in p
    rome = {"timezone": "Europe/Rome"}
    assert written(DESK, rome)["Settings.SNTP.DTS"] == "2"
    p = written(WP480, rome)
    names = ["SNTP.DTS", "SNTP.StartTime", "SNTP.EndTime", "DATETIME.Offset"]
    assert [p[f"Settings.{name}"] for name in names] == ["1", "3/5/7/2", "10/5/7/3", "+60"]


@pytest.mark.parametrize(
    ("name", "desk", "wp410", "wp480"),
    [
        ("Account1.SIP.ListenPortMax", "5062", "65535", "65535"),
        ("Account1.SUBSCRIBE.SubsribeMWI", "0", "1", "1"),
        ("Account1.CALL.CIDSource", "0", "5", "5"),
        ("Settings.WEB_LOGIN.Type", "admin", "1", "1"),
        ("Settings.WEB_LOGIN.Type02", "user", "0", "0"),
        ("Network.QOS.SignalTos", "40", "40", "0"),
        ("Forward.FORWARDMODE.Mode", "0", "1", "1"),
        ("Forward.FORWARDMODE.FeatureSync", "", "1", "1"),
        ("Features.REJECT.ReturnCode", "486", "603", "603"),
        ("Features.HOTLINE.Delay", "4", "0", "0"),
        ("Features.BLF.PresenceEnable", None, None, "1"),
        ("Multicast.PRIORITY.Priority", "10", "10", "0"),
        ("Programable.HOME.Type", "2", None, None),
        ("Programable.BOOK.Param1", "40", "10", "10"),
        ("Programable.TRANSFER.Type", "27", "27", "27"),
    ],
)
def test_groups_differ(name, desk, wp410, wp480):
    assert [written(m).get(name) for m in (DESK, WP410, WP480)] == [desk, wp410, wp480]


# Keys


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("", "0"), ("dnd", "1"), ("menu", "2"), ("status", "4"), ("ldap", "5"), ("forward", "6"),
        ("pick_up", "7"), ("direct_pickup", "7"), ("group_pickup", "8"), ("speed_dial", "10"),
        ("queuetoggle", "10"), ("history", "11"), ("recall", "13"), ("line", "14"), ("blf", "16"),
        ("record", "20"), ("dtmf", "22"), ("multicast_paging", "24"), ("voice_mail", "26"),
        ("transfer", "27"), ("url", "32"), ("conference", "0"), ("phone_lock", "0"),
    ],
)  # fmt: skip
def test_a_key_has_the_phones_code(kind, code):
    """Only the phone's own names were known (seen in Tancredi)."""
    assert key(WP480, "LINEKEY16", {"linekey_type_16": kind})[0] == code
    assert key(WP480, "SOFTKEY04", {"softkey_type_4": kind})[0] == code


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("blf", ["16", "300", "1", "**"]),
        ("speed_dial", ["10", "300", "1", ""]),
        ("direct_pickup", ["7", "**300", "1", ""]),
        ("group_pickup", ["8", "*8", "1", ""]),
        ("queuetoggle", ["10", "*45", "1", ""]),
    ],
)
def test_a_key_knows_what_to_dial(kind, expected):
    variables = {"linekey_type_3": kind, "linekey_value_3": "300", "queuetoggle": "*45"}
    assert key(DESK, "LINEKEY3", variables) == expected


def test_the_line_key_of_a_second_account_in_use_is_its_own():
    assert key(DESK, "LINEKEY2", {}) == ["14", "", "1", ""]
    assert key(DESK, "LINEKEY2", {"account_username_2": "202"}) == ["14", "", "2", ""]


def test_each_key_of_the_wp410_goes_by_its_own_type():
    """Whether key 2 watches an extension was asked of key 1 (seen in Tancredi)."""
    variables = {"linekey_type_2": "blf", "linekey_value_2": "300"}
    assert key(WP410, "VOICEMESSAGE", variables) == ["16", "300", "1", "**"]
    assert key(WP410, "TRANSFER", variables) == ["27", "", "1", ""]
    assert not any(name.startswith("Programable.LINEKEY") for name in written(WP410))


def test_only_keys_that_exist_are_written():
    """A count of nothing made keys 1 and 0, also of the absent DSS keys (seen in Tancredi)."""
    p = read(render(SMALL_DESK, {"cap_linekey_count": "", "cap_dsskey_count": "0"}))
    assert not any(re.match(r"Programable\.(LINE|DSS)KEY|Em\d\.EXTKEY", name) for name in p)
    p = written(SMALL_DESK)
    assert {n.split(".")[1] for n in p if "LINEKEY" in n} == {"LINEKEY1"}


def test_expansion_keys_are_counted_on_each_module():
    variables = {"cap_expkey_count": "20", "cap_expmodule_count": "2", "expkey_type_21": "dnd"}
    p = written(DESK, variables)
    assert p["Em2.EXTKEY1.Type"] == "1"
    assert p["Em2.EXTKEY20.Param6"] == ""
    assert p["Em1.EXTKEY1.Type"] == "0"


# Models and identification


def test_the_models_are_those_tancredi_shows():
    shown = {m: shipped_variables(LIBRARY.models[m]) for m in MODELS}
    small = {
        "cap_screensaver_file": "", "cap_screensaver_time_blacklist":
        "0,3,5,7,10,15,30,60,120,300,600,1200,1800,2400,3000,3600", "screensaver_time": "",
        "backlight_time": "20", "cap_background_file": "", "cap_backlight_time_blacklist":
        "3,5,7,15,300,600,1200,1800,2400,3000,3600", "cap_ldap_tls_blacklist": "starttls",
        "cap_linekey_type_blacklist": "", "cap_softkey_count": "4",
        "cap_softkey_type_blacklist": "", "cap_expkey_count": "", "cap_expkey_type_blacklist": "",
        "cap_dsskey_count": "0", "cap_ringtone_count": "14", "cap_ringtone_blacklist": "-1,0",
        "cap_dss_transfer_blacklist": "", "cap_expmodule_count": "", "cap_date_format_blacklist":
        "DD MM YY,DD MMM WW,DD MMM YY,WWW MMM DD,MM DD YY,MMM DD WW,YY MM DD",
        "brightness": "4", "cap_brightness": "1", "contrast": "4", "cap_contrast": "1",
        "provisioning_url_filename": "{mac}.cfg", "softkey_type_1": "history",
        "softkey_label_1": "", "softkey_value_1": "", "softkey_type_2": "group_pickup",
        "softkey_label_2": "", "softkey_value_2": "", "softkey_type_3": "status",
        "softkey_label_3": "", "softkey_value_3": "", "softkey_type_4": "menu",
        "softkey_label_4": "", "softkey_value_4": "", "tmpl_phone": "akuvox.tmpl",
        "cap_linekey_count": "1",
    }  # fmt: skip
    lines = {f"linekey_{part}_{n}": "" for part in ("value", "label") for n in (1, 2)}
    lines |= {"linekey_type_1": "line", "linekey_type_2": "line"}
    assert shown == {
        SMALL_DESK: small,
        DESK: {**small, **lines, "cap_linekey_count": "8"},
        WP410: {**small, "tmpl_phone": "akuvox410w.tmpl", "cap_linekey_count": "2"},
        WP480: {**small, **lines, "tmpl_phone": "akuvox480w.tmpl", "cap_linekey_count": "16"},
    }


def test_the_preset_backlight_can_be_chosen():
    """20 seconds are not in the list of values (seen in Tancredi)."""
    for model_id in MODELS:
        variables = LIBRARY.models[model_id].variables
        assert variables["backlight_time"] == "30"
        assert "30" not in variables["cap_backlight_time_blacklist"].split(",")


@pytest.mark.parametrize("name", ["0c1105aabbcc.cfg", "0C1105AABBCC.cfg", "9C7514aabbcc.CFG"])
def test_the_file_of_a_phone_is_found_in_either_case(name):
    match = LIBRARY.route(name)
    assert (match.rule.vendor, match.rule.role) == ("akuvox", "phone")
    assert match.rule.content_type == "text/plain; charset=utf-8"


def test_a_phone_is_recognised():
    found = identify("Akuvox SPR50P 50.0.4.135 0c:11:05:aa:bb:cc", LIBRARY.user_agents)
    assert (found.vendor, found.model, found.version) == ("akuvox", "SPR50P", "50.0.4.135")
    assert found.mac == MacAddress.parse("0c1105aabbcc")
