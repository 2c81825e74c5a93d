"""Sangoma: what its phones are given, P-code by P-code."""

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

MODELS = models_of("sangoma")
COLOUR = [m for m in MODELS if LIBRARY.models[m].variables["cap_background_file"]]
ACCOUNT = {"account_username_1": "201", "account_password_1": "secret"}


def read(text):
    """All P-codes of a phone file; each may stand there once."""
    root = etree.fromstring(text.encode())
    assert (root.tag, root.get("version")) == ("hl_provision", "1")
    (config,) = root
    assert (config.tag, config.get("version")) == ("config", "1")
    found = {}
    for element in config:
        assert element.tag not in found, f"{element.tag} twice"
        found[element.tag] = element.text or ""
    return found


def written(model_id="sangoma-S700", variables=None, **request):
    return read(render(model_id, {**ACCOUNT, **(variables or {})}, **request))


def line_key(kind, number=3, model_id="sangoma-S700", **variables):
    """Type, value, label, account and pickup code of one of the first four line keys."""
    settings_ = {f"linekey_type_{number}": kind, f"linekey_value_{number}": "300", **variables}
    p = written(model_id, settings_)
    return [p[f"P{start + number}"] for start in (41199, 41299, 41399, 41499, 41599)]


# Rendering


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize("make", [lambda _: {}, everything_set, everything_empty])
def test_every_model_renders(model_id, make):
    assert len(read(render(model_id, make(model_id)))) > 150


@pytest.mark.parametrize("shift", range(len(LINE_KEY_TYPES) - 1))
def test_every_key_can_have_every_function(shift):
    read(render("sangoma-S700", keys_of_every_type("sangoma-S700", shift)))


@settings(max_examples=60)
@given(
    name=st.sampled_from(sorted(everything_set("sangoma-S505"))),
    value=st.text(st.characters(codec="utf-8")),
)
def test_no_value_can_add_or_break_an_element(name, value):
    """Expansion and line keys were put together by hand (seen in Tancredi)."""
    plain = set(read(render("sangoma-S505", everything_set("sangoma-S505"))))
    optional = {"P231", "P20643", "P20642", "P72", "P53124", "P772", "P1672", "P1772"}
    # An account without a user name has fewer elements.
    found = set(read(render("sangoma-S505", {**everything_set("sangoma-S505"), name: value})))
    assert found <= plain | optional


def test_values_arrive_as_they_were_typed():
    label = 'R&D <1> "x" à'
    p = written(variables={"linekey_type_3": "blf", "linekey_label_3": label, "logo_text": label})
    assert p["P41402"] == p["P8951"] == label


def test_a_rendering_depends_on_nothing_but_its_input():
    """The minutes to the next night were counted from now, so each answer was another one."""
    assert render("sangoma-S500") == render("sangoma-S500")


# Provisioning


def test_the_phone_keeps_its_permanent_address():
    p = written()
    assert (p["P212"], p["P237"]) == ("3", ADDRESS)


def test_without_a_token_the_phone_learns_no_address():
    p = read(render("sangoma-S500", tokenless=True))
    assert "P237" not in p
    assert "P212" not in p


def test_a_phone_comes_back_soon_until_it_has_used_its_permanent_address():
    p = written(complete=False, variables={"provisioning_freq": "never"})
    assert (p["P194"], p["P193"], p["P1145"]) == ("1", "10", "66")


def test_then_it_comes_back_about_once_a_day_each_phone_a_little_apart():
    minutes = {int(written(mac=f"0050580000{n:02d}")["P193"]) for n in range(10, 40)}
    assert len(minutes) > 20
    assert min(minutes) >= 1350
    assert max(minutes) < 1530


def test_nightly_fetches_can_be_switched_off():
    assert written(variables={"provisioning_freq": "never"})["P194"] == "0"
    assert written()["P194"] == "1"


def test_dhcp_does_not_move_a_phone_that_has_its_address():
    """The option stayed enabled after provisioning (seen in Tancredi)."""
    assert written()["P1145"] == ""


def test_firmware_and_ringtone_addresses_survive_the_name_the_phone_appends():
    p = written(variables={"firmware_file": "fw500.rom", "ringtone_file": "a.wav"})
    assert p["P192"] == f"{ADDRESS}/firmware/fw500.rom?"
    assert p["P20174"] == f"{ADDRESS}/ringtones/a.wav?"
    assert written()["P192"] == ""


# Accounts


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        (1, "P271 P47 P48 P20047 P20000 P35 P36 P34 P3 P33 P130 P183 P20166 P4705"),
        (2, "P401 P747 P748 P20048 P20001 P735 P736 P734 P703 P426 P830 P443 P20167 P4715"),
        (4, "P601 P602 P603 P20050 P20003 P604 P605 P606 P607 P626 P1030 P643 P20169 P4735"),
        (
            6,
            "P20361 P20363 P20371 P20373 P20379 P1804 P1805 P1806 P1807 P1826 P20375 P20433"
            " P20171 P20465",
        ),
    ],
)
def test_every_account_is_written(number, codes):
    """Only the first account ever was (seen in Tancredi)."""
    n = number
    p = written(variables=everything_set("sangoma-S700"))
    assert [p[code] for code in codes.split()] == [
        "1", "pbx.example.org:5061", f"proxy{n}.example.org:506{n}",
        f"backup{n}.example.org:507{n}", f"Name {n}", f"user{n}", f"user{n}", f"sip-secret{n}",
        f"Name {n}", f"*97{n}", "2", "2", "2", "**",
    ]  # fmt: skip


def test_an_account_taken_away_is_cleared_on_the_phone():
    """The block was left out without a password (seen in Tancredi)."""
    p = read(render("sangoma-S500", {"account_password_1": "left over"}))
    cleared = ["P271", "P47", "P48", "P20047", "P20000", "P35", "P36", "P34", "P3", "P33"]
    assert [p[code] for code in cleared] == ["0"] + [""] * 9


def test_an_account_in_clear_goes_by_udp():
    p = written(variables={"outbound_proxy_1": "edge"})
    assert [p[c] for c in ("P47", "P48", "P130", "P183")] == [
        "pbx.example.org:5060", "edge:5060", "0", "0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "value", "code", "expected"),
    [
        ("account_dtmf_type_1", "rfc4733", "P20166", "0"),
        ("account_dtmf_type_1", "inband", "P20166", "1"),
        ("account_dtmf_type_1", "sip_info", "P20166", "2"),
        ("account_dtmf_type_1", "", "P20166", "0"),
        ("account_cftimeout_1", "25", "P53124", "25"),
        ("account_always_fwd_target_1", "333", "P53100", "1"),
        ("account_always_fwd_target_1", "333", "P53101", "333"),
        ("account_busy_fwd_target_1", "333", "P53111", "333"),
        ("account_timeout_fwd_target_1", "333", "P53121", "333"),
        ("cfalwayson", "*72", "P53102", "*72"),
        ("cfbusyoff", "*91", "P53113", "*91"),
        ("cftimeouton", "*52", "P53122", "*52"),
        ("dndon", "*78", "P53200", "*78"),
        ("pickup_direct", "**", "P4745", "**"),
        ("pickup_group", "*8", "P4746", "*8"),
        ("adminpw", "a", "P2", "a"),
        ("adminpw", "", "P2", "admin"),
        ("userpw", "", "P196", "1234"),
        ("language", "en", "P2525", "0"),
        ("language", "it", "P8621", "6"),
        ("language", "de", "P8621", "2"),
        ("language", "xx", "P8621", "0"),
        ("tonezone", "it", "P20058", "17"),
        ("tonezone", "no", "P20058", "22"),
        ("tonezone", "us", "P20058", "28"),
        ("tonezone", "xx", "P20058", "28"),
        ("ntp_server", "", "P30", "pool.ntp.org"),
        ("date_format", "DD MM YY", "P102", "2"),
        ("date_format", "MM DD YY", "P102", "1"),
        ("date_format", "YY MM DD", "P102", "0"),
        ("date_format", "", "P102", "2"),
        ("time_format", "12", "P8624", "1"),
        ("time_format", "24", "P8624", "0"),
        ("ringtone", "5", "P8721", "5"),
        ("ringtone", "0", "P8721", "1"),
        ("ringtone", "9", "P8721", "5"),
        ("dss_transfer", "attended", "P3205", "0"),
        ("dss_transfer", "blind", "P3205", "1"),
        ("dss_transfer", "verify", "P3205", "2"),
        ("call_waiting_tone", "", "P8850", "0"),
        ("call_waiting_tone", "1", "P8850", "1"),
        ("ldap_server", "", "P5432", "pbx.example.org"),
        ("ldap_name_attr", "cn o", "P23136", "cn o"),
        ("ldap_user", "cn=x", "P5435", "cn=x"),
        ("backlight_time", "0", "P8683", "0"),
        ("backlight_time", "60", "P8683", "60"),
        ("brightness", "0", "P20643", "1"),
        ("brightness", "9", "P20643", "10"),
        ("logo_text", "", "P8951", "Sangoma"),
        ("vlan_id_phone", "100", "P51", "100"),
        ("vlan_id_phone", "100", "P24053", "1"),
    ],
)
def test_a_setting_becomes_the_phones_own_value(setting, value, code, expected):
    assert written(variables={setting: value})[code] == expected


@pytest.mark.parametrize(
    ("seconds", "code"),
    [("60", "1"), ("120", "2"), ("300", "3"), ("600", "4"), ("1800", "5"), ("0", "0"), ("7", "0")],
)
def test_the_screensaver_time_is_found_whatever_its_type(seconds, code):
    """A number found no entry in the map of texts (seen in Tancredi)."""
    assert written(variables={"screensaver_time": seconds})["P8940"] == code


# Network, time, display


@pytest.mark.parametrize("vlan", ["0", "", "5000", "ten"])
def test_no_vlan_is_no_vlan(vlan):
    """An id of 0, or none, switched tagging on with id 0 (seen in Tancredi)."""
    p = written(variables={"vlan_id_phone": vlan, "vlan_id_pcport": vlan})
    assert [p[c] for c in ("P24053", "P51", "P24054", "P229")] == ["0"] * 4
    assert "P231" not in p  # the PC port stays as it is


def test_a_vlan_for_the_pc_port_makes_it_a_bridge():
    p = written(variables={"vlan_id_pcport": "20"})
    assert [p[c] for c in ("P231", "P24054", "P229")] == ["1", "1", "20"]


def test_dutch_is_not_chinese():
    """Dutch was index 10, traditional Chinese (seen in Tancredi)."""
    assert written(variables={"language": "nl"})["P8621"] == "11"


def test_the_united_kingdom_has_its_own_tones():
    """The map had only gb, the settings say uk (seen in Tancredi)."""
    assert written(variables={"tonezone": "uk"})["P20058"] == "12"


@pytest.mark.parametrize(
    ("zone", "index", "dst"),
    [
        ("Europe/Rome", "52", "2"), ("Europe/London", "39", "2"), ("UTC", "33", "0"),
        ("Asia/Calcutta", "84", "0"), ("Australia/Brisbane", "97", "0"),
        ("Asia/Kathmandu", "84", "0"), ("Nowhere/Land", "33", "0"),
    ],
)  # fmt: skip
def test_every_time_zone_has_its_index(zone, index, dst):
    """Five zones were known, all with daylight saving (seen in Tancredi)."""
    p = written(variables={"timezone": zone})
    assert (p["P64"], p["P75"]) == (index, dst)


def test_no_zone_is_without_an_index():
    indexes = LIBRARY.vendors["sangoma"].values["timezone"]
    assert all(isinstance(indexes[ZONES.find(zone).name], int) for zone in ZONES)


def test_nothing_undefined_becomes_an_empty_element():
    """Five settings that nobody sets emptied the phone's own (seen in Tancredi)."""
    p = written(variables={"account_call_waiting_1": "1"})
    assert (p["P8849"], p["P56204"], p["P8660"]) == ("1", "0", "1")
    assert "P72" not in p
    p = written(variables={"pound": "1", "auto_redial": "1", "wallpaper": "3"})
    assert (p["P8849"], p["P56204"], p["P8660"], p["P72"]) == ("0", "1", "3", "1")


@pytest.mark.parametrize("model_id", MODELS)
def test_pictures_only_where_the_phone_shows_them(model_id):
    p = written(model_id, {"background_file": "b.png", "screensaver_file": "s.png"})
    assert ("P20052" in p, "P20051" in p) == (model_id in COLOUR,) * 2
    if model_id in COLOUR:
        assert p["P20052"] == f"{ADDRESS}/backgrounds/b.png"
        assert (p["P20051"], p["P8950"]) == (f"{ADDRESS}/screensavers/s.png", "3")
        assert written(model_id)["P8950"] == "0"


@pytest.mark.parametrize(
    ("model_id", "contrast", "level"),
    [("sangoma-S305", "9", "18"), ("sangoma-S305", "dark", "10"), ("sangoma-S700", "9", None)],
)
def test_contrast_and_brightness_that_are_no_number_are_the_middle(model_id, contrast, level):
    """They stopped the whole configuration (seen in Tancredi)."""
    p = written(model_id, {"contrast": contrast, "brightness": "bright"})
    assert p.get("P20995") == level
    assert p["P20643"] == "6"


def test_a_custom_or_silent_ringtone_is_not_offered():
    """It was, and could never be selected (seen in Tancredi)."""
    model = LIBRARY.models["sangoma-S500"]
    assert model.variables["cap_ringtone_blacklist"] == "-1,0"
    p = written(variables={"ringtone": "-1", "ringtone_file": "a.wav"})
    assert p["P8721"] == "1"


def test_distinctive_rings_are_numbered_alike():
    p = written()
    assert [p[f"P{c}"] for c in (1399, 1401, 20059, 20065)] == ["ring1", "ring3", "ring4", "ring10"]
    assert [p[f"P{c}"] for c in (1402, 1404, 20066, 20072)] == ["1", "3", "4", "10"]


def test_the_phonebook_has_a_display_name():
    """It was never written (seen in Tancredi)."""
    p = written(variables={"ldap_name_display": "%cn %o"})
    assert p["P5440"] == "cn o"
    assert p["P23137"] == "telephoneNumber mobile homePhone"


# Keys


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("", "0"), ("line", "1"), ("speed_dial", "2"), ("queuetoggle", "2"), ("blf", "3"),
        ("voice_mail", "5"), ("direct_pickup", "6"), ("group_pickup", "7"), ("dtmf", "10"),
        ("prefix", "11"), ("ldap", "15"), ("conference", "17"), ("forward", "18"),
        ("transfer", "19"), ("hold", "20"), ("dnd", "21"), ("recall", "22"), ("record", "25"),
        ("url", "35"), ("multicast_paging", "47"), ("phone_lock", "0"),
    ],
)  # fmt: skip
def test_a_line_key_has_the_phones_code(kind, code):
    """Hold was 29, public hold (seen in Tancredi)."""
    assert line_key(kind)[0] == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("", "0"), ("speed_dial", "2"), ("pick_up", "6"), ("group_pickup", "7"), ("prefix", "11"),
        ("ldap", "15"), ("forward", "18"), ("dnd", "21"), ("recall", "22"), ("history", "36"),
        ("menu", "38"), ("status", "40"),
    ],
)  # fmt: skip
def test_a_soft_key_has_the_phones_code(kind, code):
    assert kind in SOFT_KEY_TYPES
    p = written(variables={"softkey_type_2": kind, "softkey_value_2": "5", "pickup_group": "*8"})
    value = "*8" if kind == "group_pickup" else "5"
    assert [p[c] for c in ("P43201", "P43301", "P43401")] == [code, "0", value]


def test_a_watched_extension_can_be_picked_up():
    """The pickup code and the account of a key were never written (seen in Tancredi)."""
    assert line_key("blf", pickup_direct="**") == ["3", "300", "", "0", "**"]


def test_keys_dial_the_codes_of_the_pbx():
    assert line_key("queuetoggle", queuetoggle="*45")[1] == "*45"
    assert line_key("group_pickup", linekey_value_3="", pickup_group="*8")[1] == "*8"


def test_the_line_key_of_a_second_account_in_use_is_its_own():
    assert line_key("line", number=2)[3] == "0"
    assert line_key("line", number=2, account_username_2="202")[3] == "1"


@pytest.mark.parametrize(
    ("number", "codes"),
    [
        (4, (41203, 41303, 41403, 41503, 41603)),
        (5, (20200, 20201, 20202, 20203, 20204)),
        (36, (20355, 20356, 20357, 20358, 20359)),
        (37, (23000, 23002, 23003, 23004, 23005)),
        (45, (23048, 23050, 23051, 23052, 23053)),
    ],
)
def test_line_keys_lie_in_three_runs_of_codes(number, codes):
    n = number
    p = written(
        variables={
            "pickup_direct": "**",
            f"linekey_type_{n}": "blf",
            f"linekey_value_{n}": "300",
            f"linekey_label_{n}": "Ann",
        }
    )
    assert [p[f"P{code}"] for code in codes] == ["3", "300", "Ann", "0", "**"]


@pytest.mark.parametrize(("number", "base"), [(1, 60000), (40, 60195), (41, 61000), (240, 65195)])
def test_expansion_keys_go_on_over_the_modules(number, base):
    n = number
    variables = {
        f"expkey_type_{n}": "speed_dial",
        f"expkey_value_{n}": "7",
        f"expkey_label_{n}": "x",
    }
    p = written(variables=variables)
    assert [p[f"P{base + k}"] for k in range(5)] == ["2", "7", "x", "0", ""]


def test_a_key_taken_away_is_cleared():
    assert line_key("", linekey_value_3="", linekey_label_3="") == ["0", "", "", "0", ""]


@pytest.mark.parametrize("model_id", ["sangoma-S205", "sangoma-S300"])
def test_a_model_without_a_key_count_keeps_its_keys(model_id):
    """The count is empty though two keys are preset (seen in Tancredi)."""
    p = written(model_id)
    assert not any(code in p for code in ("P41199", "P41200", "P41201", "P20200"))


# Models and identification


def test_the_models_are_those_tancredi_shows():
    shown = {m: shipped_variables(LIBRARY.models[m]) for m in MODELS}
    assert len(shown) == 11
    counts = {m.removeprefix("sangoma-S"): v["cap_linekey_count"] for m, v in shown.items()}
    assert counts == {
        "205": "", "206": "2", "300": "", "305": "15", "400": "25", "405": "25", "406": "25",
        "500": "35", "505": "35", "700": "45", "705": "45",
    }  # fmt: skip
    assert shown["sangoma-S206"] == {
        "cap_contrast": "1", "cap_screensaver_file": "",
        "cap_screensaver_time_blacklist": "3,5,7,10,15,30,1200,2400,3000,3600",
        "screensaver_time": "600", "backlight_time": "", "cap_background_file": "",
        "cap_backlight_time_blacklist": "0,3,5,7,10,15,30,60,120,300,600,1200,1800,2400,3000,3600",
        "cap_ldap_tls_blacklist": "starttls,ldaps", "tmpl_phone": "sangoma.tmpl",
        "cap_linekey_type_blacklist": "", "cap_softkey_count": "4",
        "cap_softkey_type_blacklist": "", "cap_expkey_count": "", "cap_expkey_type_blacklist": "",
        "cap_ringtone_count": "5", "cap_ringtone_blacklist": "", "cap_dss_transfer_blacklist": "",
        "cap_expmodule_count": "", "cap_date_format_blacklist":
        "DD MM YYYY,DD MMM WW,DD MMM YY,DD MMM YYYY,WWW DD MMM,WWW MMM DD,MM DD YYYY,MMM DD WW,"
        "YYYY MM DD",
        "brightness": "8", "cap_brightness": "1", "contrast": "6", "linekey_type_1": "line",
        "linekey_type_2": "line", "softkey_type_1": "history", "softkey_type_2": "ldap",
        "softkey_type_3": "group_pickup", "softkey_type_4": "menu", "cap_linekey_count": "2",
    }  # fmt: skip
    changed = {k: v for k, v in shown["sangoma-S705"].items() if shown["sangoma-S206"].get(k) != v}
    assert changed == {
        "cap_contrast": "", "cap_screensaver_file": "1", "backlight_time": "60",
        "cap_background_file": "1", "cap_backlight_time_blacklist": "", "cap_linekey_count": "45",
        "cap_expkey_count": "40", "cap_expmodule_count": "6", "contrast": "",
        "softkey_type_4": "dnd",
    }  # fmt: skip


def test_the_file_of_a_phone_is_found_by_its_name():
    match = LIBRARY.route("cfg005058AABBCC.xml")
    assert (match.rule.vendor, match.rule.role) == ("sangoma", "phone")
    assert match.rule.content_type == "text/xml; charset=utf-8"
    assert match.mac == MacAddress.parse("005058aabbcc")
    assert LIBRARY.route("cfg001565aabbcc.xml") is None


@pytest.mark.parametrize(
    ("user_agent", "model", "version", "mac"),
    [
        ("Sangoma S505 3.0.4.67 00:50:58:aa:bb:cc", "S505", "3.0.4.67", "005058aabbcc"),
        ("Sangoma S205", "S205", "", None),
    ],
)
def test_a_phone_is_recognised(user_agent, model, version, mac):
    found = identify(user_agent, LIBRARY.user_agents)
    assert (found.vendor, found.model, found.version) == ("sangoma", model, version)
    assert found.mac == (mac and MacAddress.parse(mac))
