"""Gigaset: Maxwell's own XML, and the P phones with Snom's settings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from phones import (
    LIBRARY,
    LINE_KEY_TYPES,
    SOFT_KEY_TYPES,
    ZONES,
    everything_empty,
    everything_set,
    key_counts,
    keys_of_every_type,
    models_of,
    render,
)

from provisioning.engine.identification import identify
from provisioning.engine.mac import MacAddress
from provisioning.engine.vendors import shipped_variables

MODELS = models_of("gigaset")
MAXWELLS = [model for model in MODELS if "Maxwell" in model]
P_PHONES = [model for model in MODELS if "-P" in model]
ACCOUNT = {"account_username_1": "201", "account_password_1": "secret"}


def params(model_id, variables=None, **request):
    """The parameters of a Maxwell; none may stand there twice."""
    root = etree.fromstring(render(model_id, variables, **request).encode())
    pairs = [(param.get("name"), param.get("value")) for param in root.iter("param")]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def maxwell(variables=None, **request):
    return params("gigaset-Maxwell4", variables, **request)


def p_settings(variables=None, model_id="gigaset-P820", **request):
    """The settings of a P phone: by name, and by name and index where they have one."""
    root = etree.fromstring(render(model_id, variables, **request).encode())
    found = root.find("phone-settings")
    entries = [((e.tag, e.get("idx")) if e.get("idx") else e.tag, e.text or "") for e in found]
    assert len(dict(entries)) == len(entries)
    return dict(entries)


def function_keys(variables=None, model_id="gigaset-P820"):
    """Index to context, label and function."""
    root = etree.fromstring(render(model_id, variables).encode())
    keys = root.findall("functionKeys/fkey")
    assert [key.get("idx") for key in keys] == [str(n) for n in range(len(keys))]
    return [(key.get("context"), key.get("label"), key.text) for key in keys]


# --- every model ---------------------------------------------------------------------------------


@pytest.mark.parametrize("model_id", MODELS)
def test_every_model_renders_whatever_is_set(model_id):
    for variables in (ACCOUNT, {}, everything_set(model_id), everything_empty(model_id)):
        for request in ({}, {"complete": False}, {"tokenless": True}):
            text = render(model_id, variables, **request)
            assert text.startswith("<?xml")
            etree.fromstring(text.encode())


@pytest.mark.parametrize("model_id", MODELS)
def test_every_key_takes_every_type_and_none_is_left_out(model_id):
    counts = key_counts(LIBRARY.models[model_id])
    for shift in range(len(LINE_KEY_TYPES)):
        root = etree.fromstring(render(model_id, keys_of_every_type(model_id, shift)).encode())
        if model_id in MAXWELLS:
            names = [p.get("name") for p in root.iter("param") if p.get("name").endswith(".Type")]
            assert sum("SoftKeys" in name for name in names) == counts["softkey"]
            assert sum("FunctionKeys" in name for name in names) == counts["linekey"]
        else:
            assert len(root.findall("phone-settings/context_key")) == counts["softkey"]
            assert len(root.findall("functionKeys/fkey")) == counts["linekey"] + counts["expkey"]


@pytest.mark.parametrize("model_id", ["gigaset-Maxwell4", "gigaset-P710"])
@settings(max_examples=25)
@given(data=st.data())
def test_no_value_can_add_or_break_an_element(model_id, data):
    names = sorted(everything_set(model_id))
    picked = data.draw(st.dictionaries(st.sampled_from(names), st.text(max_size=20), max_size=30))
    root = etree.fromstring(render(model_id, picked).encode())
    known = {"provisioning", "firmware", "file", "nvm", "param", "custom", "step"}
    tags = {element.tag for element in root.iter() if isinstance(element.tag, str)}
    assert tags <= known if model_id in MAXWELLS else tags.isdisjoint(known - {"firmware"})


@pytest.mark.parametrize("model_id", MODELS)
def test_the_same_input_gives_the_same_bytes(model_id):
    variables = everything_set(model_id)
    assert render(model_id, variables) == render(model_id, variables)


@pytest.mark.parametrize("model_id", MODELS)
@pytest.mark.parametrize(
    "name",
    ["brightness", "contrast", "backlight_time", "screensaver_time", "vlan_id_phone", "timezone",
     "cap_expkey_count", "cap_expmodule_count", "cap_linekey_count", "cap_contrast"],
)  # fmt: skip
def test_a_number_that_is_none_never_stops_a_phone(model_id, name):
    """Text or nothing in these gave 500 (seen in Tancredi)."""
    for value in ("", "text", "1"):
        etree.fromstring(render(model_id, {**ACCOUNT, name: value}).encode())


@pytest.mark.parametrize("model_id", MODELS)
def test_a_phone_that_asks_without_a_token_learns_no_address_and_no_secret(model_id):
    text = render(model_id, everything_set(model_id), tokenless=True)
    assert "setting_server" not in text
    assert "ProvisioningServer" not in text
    assert "secret" not in text


# --- models as Tancredi ships them ---------------------------------------------------------------


def test_the_models_are_tancredi_s():
    assert set(MODELS) == {
        "gigaset-Maxwell2", "gigaset-Maxwell3", "gigaset-Maxwell4", "gigaset-MaxwellBasic",
        "gigaset-P710", "gigaset-P810", "gigaset-P820", "gigaset-P825", "gigaset-P850",
        "gigaset-P855",
    }  # fmt: skip


DATE_FORMATS = (
    "DD MM YYYY,DD MMM WW,DD MMM YY,DD MMM YYYY,WWW DD MMM,WWW MMM DD,MM DD YYYY,MMM DD WW,"
    "YY MM DD,YYYY MM DD"
)
ALL_TIMES = "0,3,5,7,10,15,30,60,120,300,600,1200,1800,2400,3000,3600"


def test_maxwell_basic_shows_tancredi_s_very_strings():
    assert shipped_variables(LIBRARY.models["gigaset-MaxwellBasic"]) == {
        "cap_ldap_tls_blacklist": "", "provisioning_url_filename": "%25MACD.xml",
        "tmpl_phone": "gigaset-Maxwell.tmpl", "cap_linekey_count": "",
        "cap_linekey_type_blacklist": "conference,direct_pickup,hold,multicast_paging,phone_lock,"
        "prefix,recall,record,transfer",
        "cap_softkey_count": "2",
        "cap_softkey_type_blacklist": "pick_up,history,menu,status,prefix",
        "cap_expkey_count": "", "cap_expkey_type_blacklist": "", "cap_ringtone_count": "28",
        "cap_ringtone_blacklist": "-1,0", "cap_dss_transfer_blacklist": "verify",
        "cap_date_format_blacklist": DATE_FORMATS, "softkey_type_1": "ldap",
        "softkey_type_2": "group_pickup", "cap_background_file": "",
        "cap_screensaver_time_blacklist": "3,5,7,10,15,30,60,120,300", "backlight_time": "60",
        "cap_backlight_time_blacklist": "3,5,7,10,15,30", "cap_contrast": "1", "contrast": "5",
        "cap_brightness": "1", "brightness": "5", "cap_screensaver_file": "",
        "screensaver_time": "600",
    }  # fmt: skip


def test_p710_shows_tancredi_s_very_strings():
    assert shipped_variables(LIBRARY.models["gigaset-P710"]) == {
        "screensaver_time": "", "cap_screensaver_time_blacklist": ALL_TIMES,
        "cap_backlight_time_blacklist": "", "cap_contrast": "", "cap_screensaver_file": "",
        "cap_background_file": "", "backlight_time": "30", "cap_ldap_tls_blacklist": "starttls",
        "provisioning_url_filename": "{mac}.xml", "tmpl_phone": "gigasetP.tmpl",
        "tmpl_firmware": "gigasetP-firmware.tmpl",
        "cap_linekey_type_blacklist": "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail",
        "cap_softkey_count": "4", "cap_softkey_type_blacklist": "", "cap_ringtone_count": "10",
        "cap_ringtone_blacklist": "", "cap_dss_transfer_blacklist": "verify",
        "cap_date_format_blacklist": DATE_FORMATS, "linekey_type_1": "line",
        "linekey_type_2": "line", "softkey_type_1": "history", "softkey_type_2": "ldap",
        "softkey_type_3": "menu", "softkey_type_4": "dnd", "cap_expkey_count": "18",
        "cap_expkey_type_blacklist": "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail",
        "cap_expmodule_count": "3", "cap_linekey_count": "4",
        "ldap_number_filter": "(|(telephoneNumber=%*)(mobile=%*)(homePhone=%*))",
        "ldap_name_filter": "(|(cn=%*)(o=%*))",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model_id", "name", "count"),
    [
        ("gigaset-Maxwell2", "Gigaset Maxwell 2", 25),
        ("gigaset-Maxwell3", "Gigaset Maxwell 3", 25),
        ("gigaset-Maxwell4", "Gigaset Maxwell 4", 26),
        ("gigaset-MaxwellBasic", "Gigaset Maxwell Basic", 25), ("gigaset-P710", "Gigaset P710", 30),
        ("gigaset-P810", "Gigaset P810", 30), ("gigaset-P820", "Gigaset P820", 30),
        ("gigaset-P825", "Gigaset P825", 30), ("gigaset-P850", "Gigaset P850", 30),
        ("gigaset-P855", "Gigaset P855", 30),
    ],
)  # fmt: skip
def test_names_and_numbers_of_settings_are_tancredi_s(model_id, name, count):
    model = LIBRARY.models[model_id]
    assert (model.tancredi_name or model.name) == name
    assert len(shipped_variables(model)) == count


def test_maxwell_4_allows_all_date_formats():
    assert "cap_date_format_blacklist" not in LIBRARY.models["gigaset-Maxwell4"].variables


# --- who asks, and for what ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "mac",
    [
        "7C2F80000001", "589EC6000001", "002104000001", "14B370000001", "000413809EB2",
        "000413D85080", "000413D86F00", "000413D87195", "00041380F900", "000413E20000",
        "000413E3FFFF", "000413E41F3F", "000413E50000", "000413E70000", "00ACDCE3ABCD",
        "00ACDCE4FFFF",
    ],
)  # fmt: skip
def test_the_vendor_s_own_list_of_addresses_has_no_gaps(mac):
    """D8:50, D8:51, D8:6F and D8:70 were half covered (seen in Tancredi)."""
    assert LIBRARY.vendor_of(MacAddress.parse(mac)).id == "gigaset"


@pytest.mark.parametrize(
    "mac", ["000413809EB3", "000413E60000", "000413E41F3E", "000413D8527C", "00ACDCE50000"]
)
def test_the_neighbours_in_snom_s_prefix_are_not_gigaset_s(mac):
    owner = LIBRARY.vendor_of(MacAddress.parse(mac))
    assert owner is None or owner.id != "gigaset"


@pytest.mark.parametrize("name", ["7c2f80aabbcc.xml", "7C2F80AABBCC.XML", "000413E2ABCD.xml"])
def test_a_file_name_is_answered_in_any_case(name):
    """Capitals made a P phone a Snom and a Maxwell unknown (seen in Tancredi)."""
    match = LIBRARY.route(name)
    assert match.rule.vendor == "gigaset"
    assert match.rule.template_variable == "tmpl_phone"
    assert match.rule.content_type == "text/xml; charset=utf-8"
    assert match.mac.bare == name[:12].lower()


def test_the_firmware_file_of_p_phones_is_answered():
    """The phone file named it, no rule knew it: 404 (seen in Tancredi)."""
    status = p_settings({"firmware_file": "P820-10.1.200.0-SIP-r.swu"})["firmware_status"]
    assert status == "https://pbx.example.org/provisioning/TOKEN2/gigasetP-firmware.xml"
    match = LIBRARY.route(status.rpartition("/")[2])
    assert match.rule.template_variable == "tmpl_firmware"
    index = render(
        "gigaset-P820", {"firmware_file": "P820-10.1.200.0-SIP-r.swu"}, template="tmpl_firmware"
    )
    (url,) = etree.fromstring(index.encode()).findall("firmware")
    assert url.text.endswith("/TOKEN2/firmware/P820-10.1.200.0-SIP-r.swu")


def test_without_firmware_the_index_is_empty_and_not_mentioned():
    assert p_settings()["firmware_status"] == ""
    index = etree.fromstring(render("gigaset-P820", template="tmpl_firmware").encode())
    assert (index.tag, len(index)) == ("firmware-settings", 0)


@pytest.mark.parametrize(
    ("user_agent", "model", "version"),
    [
        ("Maxwell 3", "Maxwell 3", ""),
        ("Maxwell Basic/3.15.9 something", "Maxwell Basic", "3.15.9"),
        ("Mozilla/4.0 (compatible; GigasetP820-SIP 10.1.33.33 1.1.5 000413E20001)", "P820",
         "10.1.33.33"),
        ("Gigaset N720 DM PRO/70.089.00.000.000;7C2F80010203", "N720 DM PRO", "70.089.00.000.000"),
        ("N510 IP PRO/42.258.00.000.000;7C2F80010204", "N510 IP PRO", "42.258.00.000.000"),
        ('"Gigaset N870 IP PRO/83.V2.11.0+build.a546b91;7C2F80010205;Handset=3"', "N870 IP PRO",
         "83.V2.11.0+build.a546b91"),
    ],
)  # fmt: skip
def test_a_user_agent_tells_model_and_version(user_agent, model, version):
    found = identify(user_agent, LIBRARY.user_agents)
    assert (found.vendor, found.model, found.version) == ("gigaset", model, version)


# --- Maxwell -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("account_dtmf_type_1", "inband", {"SIP.Account.0.DTMFTransmission": "0"}),
        ("account_dtmf_type_1", "rfc4733", {"SIP.Account.0.DTMFTransmission": "1"}),
        ("account_dtmf_type_1", "sip_info", {"SIP.Account.0.DTMFTransmission": "3"}),
        ("tonezone", "it", {"Telephony.ToneScheme": "ITA"}),
        ("tonezone", "uk", {"Telephony.ToneScheme": "GBR"}),
        ("tonezone", "ch", {"Telephony.ToneScheme": "CHE"}),
        ("tonezone", "jp", {"Telephony.ToneScheme": "INT"}),
        ("time_format", "12", {"System.DateAndTime.TimeFormat": "12h"}),
        ("time_format", "24", {"System.DateAndTime.TimeFormat": "24h"}),
        ("date_format", "MM DD YY", {"System.DateAndTime.DateOrder": "mm.dd.yyyy"}),
        ("date_format", "DD MM YY", {"System.DateAndTime.DateOrder": "dd.mm.yyyy"}),
        ("ntp_server", "time.example.org",
         {"System.DateAndTime.TimeServer": "time.example.org",
          "System.DateAndTime.AutoAdjustTime": "NTPServiceEnabled"}),
        ("ntp_server", "",
         {"System.DateAndTime.TimeServer": "",
          "System.DateAndTime.AutoAdjustTime": "NTPServiceDHCP"}),
        ("dss_transfer", "attended",
         {"Telephony.CallTransfer.HoldOnTransfer.Attended": "Enabled",
          "Telephony.CallTransfer.HoldOnTransfer.Unattended": "Disabled"}),
        ("dss_transfer", "blind",
         {"Telephony.CallTransfer.HoldOnTransfer.Attended": "Disabled",
          "Telephony.CallTransfer.HoldOnTransfer.Unattended": "Enabled"}),
        ("ringtone", "9", {"SIP.DefaultRingtone": "09_Step 3.mp3"}),
        ("ringtone", "28", {"SIP.DefaultRingtone": "Evolve 2.ogg"}),
        ("ringtone", "0", {"SIP.DefaultRingtone": "06_Gigaset.mp3"}),
        ("ldap_tls", "none", {"NetDir.LDAP.0.Security": "0"}),
        ("ldap_tls", "starttls", {"NetDir.LDAP.0.Security": "1"}),
        ("ldap_tls", "ldaps", {"NetDir.LDAP.0.Security": "2", "NetDir.LDAP.0.Server.Port": "636"}),
        ("brightness", "0", {"PhoneUI.Settings.Backlight": "1"}),
        ("brightness", "9", {"PhoneUI.Settings.Backlight": "10"}),
        ("screensaver_time", "0", {"PhoneUI.Settings.ScreenSaverTimeout": "0"}),
        ("screensaver_time", "1200", {"PhoneUI.Settings.ScreenSaverTimeout": "20"}),
        ("screensaver_time", "3", {"PhoneUI.Settings.ScreenSaverTimeout": "10"}),
        ("screensaver_time", "21600", {"PhoneUI.Settings.ScreenSaverTimeout": "60"}),
        ("adminpw", "", {"WebUI.AdminPassword": "admin"}),
        ("userpw", "", {"WebUI.UserPassword": "1234"}),
        ("account_dnd_enable_1", "1", {"Telephony.DnD.Active": "1"}),
        ("account_voicemail_1", "*97",
         {"SIP.Account.0.VoiceMail.Active": "1", "SIP.Account.0.VoiceMail.Mailbox": "*97"}),
        ("account_busy_fwd_target_1", "555",
         {"Telephony.CallDivert.0.Busy.Active": "1", "Telephony.CallDivert.0.Busy.Target": "555"}),
        ("account_cftimeout_1", "", {"Telephony.CallDivert.0.NoAnswer.Delay": "120"}),
        ("account_encryption_1", "1",
         {"SIP.TransportProtocol": "2", "SIP.Security.UseSIPS": "1", "SIP.Security.SRTP": "1",
          "SIP.Security.AcceptNonSRTPCalls": "0", "SIP.Port": "5061",
          "SIP.Account.0.RegistrationServer.Port": "5061"}),
        ("account_encryption_1", "",
         {"SIP.TransportProtocol": "1", "SIP.Security.UseSIPS": "0", "SIP.Security.SRTP": "0",
          "SIP.Security.AcceptNonSRTPCalls": "1", "SIP.Port": "5060"}),
        ("outbound_proxy_1", "proxy.example.org",
         {"SIP.Account.0.OutboundProxy.Mode": "1",
          "SIP.Account.0.OutboundProxy.Address": "proxy.example.org",
          "SIP.Account.0.OutboundProxy.Port": "5060",
          "SIP.Account.0.ProxyServer.Address": "proxy.example.org"}),
        ("outbound_proxy_1", "",
         {"SIP.Account.0.OutboundProxy.Mode": "2", "SIP.Account.0.OutboundProxy.Address": "",
          "SIP.Account.0.ProxyServer.Address": "pbx.example.org"}),
        ("vlan_id_phone", "7", {"NET.VLAN.Tagging": "1", "NET.VLAN.LAN.Identifier": "7"}),
        ("vlan_id_phone", "4095", {"NET.VLAN.Tagging": "0", "NET.VLAN.LAN.Identifier": "0"}),
    ],
)  # fmt: skip
def test_maxwell_writes_the_sheet_s_words(name, value, expected):
    written = maxwell({**ACCOUNT, name: value})
    assert {key: written[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("language", "code"),
    [("en", "en-us"), ("it", "it-it"), ("de", "de-de"), ("el", "el-gr"), ("da", "da-dk"),
     ("sv", "sv-se"), ("cs", "cs-cz"), ("sl", "sl-sl"), ("nl", "nl-nl"), ("xx", "en-us")],
)  # fmt: skip
def test_maxwell_speaks_all_its_languages(language, code):
    """Only English and Italian were known (seen in Tancredi)."""
    written = maxwell({"language": language})
    assert written["PhoneUI.Settings.Language"] == written["WebUI.Language"] == code


@pytest.mark.parametrize(
    ("zone", "value"),
    [("Europe/Rome", "GMT+1.Europe/Amsterdam"), ("Europe/London", "GMT.Europe/London"),
     ("America/New_York", "GMT-5.America/New_York"), ("Africa/Nairobi", "GMT+3.Africa/Nairob"),
     ("Asia/Tokyo", "GMT+9.Asia/Tokyo"), ("Australia/Lord_Howe", "Australia/Lord_Howe"),
     ("UTC", "GMT.Europe/London"), ("Asia/Calcutta", "GMT+5.Asia/Karachi"),
     ("Nowhere", "GMT.Europe/London")],
)  # fmt: skip
def test_maxwell_knows_the_time_zones_of_its_list(zone, value):
    """Rome and London were the only two (seen in Tancredi)."""
    assert maxwell({"timezone": zone})["System.DateAndTime.TimeZone"] == value


def test_every_time_zone_has_a_word_for_maxwell():
    known = LIBRARY.vendors["gigaset"].values["maxwell_time_zone"]
    assert {ZONES.find(name).name for name in ZONES} <= set(known)


def test_maxwell_takes_half_a_minute_of_light_as_a_whole_one():
    """30 s gave 0.5 minutes (seen in Tancredi)."""
    written = {s: maxwell({"backlight_time": s}).get("PhoneUI.Settings.BacklightTimeout")
               for s in ("0", "3", "30", "60", "120", "")}  # fmt: skip
    assert written == {"0": "0", "3": "1", "30": "1", "60": "1", "120": "2", "": None}


def test_only_maxwell_basic_has_contrast():
    basic = params("gigaset-MaxwellBasic", {"contrast": "9"})
    assert basic["PhoneUI.Settings.Contrast"] == "10"
    assert "PhoneUI.Settings.Contrast" not in maxwell({"contrast": "9"})


def test_maxwell_tags_the_pc_port_by_its_own_id():
    """The id of the phone's VLAN was tested for it (seen in Tancredi)."""
    assert maxwell({"vlan_id_phone": "5"})["NET.VLAN.PC.Identifier"] == "0"
    only_pc = maxwell({"vlan_id_pcport": "6"})
    assert (only_pc["NET.VLAN.Tagging"], only_pc["NET.VLAN.PC.Identifier"]) == ("2", "6")
    assert only_pc["NET.VLAN.LAN.Identifier"] == "0"


def test_maxwell_logs_in_to_the_phonebook_over_starttls():
    written = maxwell({"ldap_tls": "starttls", "ldap_user": "cn=phones", "ldap_password": "secret"})
    assert written["NetDir.LDAP.0.Security"] == "1"
    assert written["NetDir.LDAP.0.Username"] == "cn=phones"
    assert written["NetDir.LDAP.0.Password"] == "secret"


def test_maxwell_splits_the_name_attributes_of_the_phonebook():
    written = maxwell({"ldap_name_attr": "givenName sn o"})
    assert written["NetDir.LDAP.0.FirstName"] == "givenName"
    assert written["NetDir.LDAP.0.Surname"] == "sn"
    assert maxwell({"ldap_name_attr": "cn"})["NetDir.LDAP.0.Surname"] == ""


def test_maxwell_s_built_in_ringtones_are_of_one_kind():
    """Some constants ended in .wav (seen in Tancredi)."""
    assert not [value for value in maxwell().values() if value.endswith(".wav")]


LINE_KEYS = {
    "": "-1", "blf": "4", "conference": "-1", "direct_pickup": "-1", "dnd": "10", "dtmf": "7",
    "forward": "6", "group_pickup": "10", "hold": "-1", "ldap": "-1", "line": "0",
    "multicast_paging": "-1", "phone_lock": "-1", "prefix": "-1", "queuetoggle": "10",
    "recall": "-1", "record": "-1", "speed_dial": "3", "transfer": "-1", "url": "8",
    "voice_mail": "10",
}  # fmt: skip
SOFT_KEYS = {
    "": "-1", "forward": "6", "dnd": "10", "recall": "17", "pick_up": "-1", "speed_dial": "3",
    "group_pickup": "10", "history": "-1", "menu": "-1", "status": "-1", "ldap": "13",
    "prefix": "-1",
}  # fmt: skip


@pytest.mark.parametrize("kind", LINE_KEY_TYPES)
def test_maxwell_s_line_keys_have_the_sheet_s_types(kind):
    assert maxwell({"linekey_type_3": kind})["PhoneUI.Keys.FunctionKeys.2.Type"] == LINE_KEYS[kind]


@pytest.mark.parametrize("kind", SOFT_KEY_TYPES)
def test_maxwell_s_soft_keys_have_the_sheet_s_types(kind):
    assert maxwell({"softkey_type_2": kind})["PhoneUI.Keys.SoftKeys.1.Type"] == SOFT_KEYS[kind]


def maxwell_key(kind, value="", **variables):
    """What a line key says besides its type, empty members left away."""
    prefix = "PhoneUI.Keys.FunctionKeys.0."
    written = maxwell({"linekey_type_1": kind, "linekey_value_1": value, **variables})
    members = {k.removeprefix(prefix): v for k, v in written.items() if k.startswith(prefix)}
    return {k: v for k, v in members.items() if v and k not in ("Type", "Color")}


def test_maxwell_dials_the_mailbox_by_key():
    """The code was printed empty (seen in Tancredi)."""
    key = maxwell_key("voice_mail", account_username_1="201", account_voicemail_1="*97")
    assert key == {"Connection": "0", "EnableCode": "*97"}


def test_maxwell_plays_tones_from_the_vendor_s_parameter():
    """The code stood in EnableCode (seen in Tancredi)."""
    assert maxwell_key("dtmf", "12#") == {"Connection": "0", "DTMFCode": "12#"}


@pytest.mark.parametrize(
    ("value", "index"), [("", "0"), ("1", "0"), ("2", "1"), ("4", "3"), ("5", "0"), ("x", "0")]
)
def test_maxwell_s_line_key_counts_accounts_from_one(value, index):
    """A number from 1 was written as one that counts from 0 (seen in Tancredi)."""
    assert maxwell_key("line", value)["Connection"] == index


def test_maxwell_watches_an_extension_with_its_pickup_code():
    key = maxwell_key("blf", "202", pickup_direct="**", linekey_label_1="Anna")
    assert key == {
        "Connection": "0", "PhoneNumber": "202", "CallPickupCode": "**", "DisplayName": "Anna"
    }  # fmt: skip


def test_maxwell_s_group_pickup_uses_the_code_of_the_pbx():
    """It dialled *8 whatever the PBX said (seen in Tancredi)."""
    written = maxwell({"softkey_type_1": "group_pickup", "softkey_label_1": "Pick",
                       "pickup_group": "*88"})  # fmt: skip
    prefix = "PhoneUI.Keys.SoftKeys.0."
    assert {written[prefix + name] for name in ("EnableCode", "DisableCode")} == {"*88"}
    assert {written[prefix + name] for name in ("EnableName", "DisableName")} == {"Pick"}


def test_maxwell_clears_a_key_and_an_account_that_were_taken_away():
    full, empty = (maxwell(v) for v in (everything_set("gigaset-Maxwell4"), {"linekey_type_1": ""}))
    keys = {k for k in full if ".FunctionKeys." in k or ".SoftKeys." in k or ".Account." in k}
    assert keys <= set(empty)
    assert empty["PhoneUI.Keys.FunctionKeys.0.PhoneNumber"] == ""
    assert empty["SIP.Account.3.AuthPassword"] == empty["SIP.Account.3.Username"] == ""
    assert empty["SIP.Account.3.Active"] == "0"


@pytest.mark.parametrize(
    ("file", "version"),
    [("maxwell3-3.15.9.bin", "3.15.9"), ("Maxwell_2.v4.10.3-rc.tar", "4.10.3"), ("mx3.bin", None),
     ("firmware-3.15.bin", None), ("3.15.9.1.bin", "3.15.9")],
)  # fmt: skip
def test_maxwell_reads_the_version_from_the_file_name(file, version):
    root = etree.fromstring(render("gigaset-Maxwell3", {"firmware_file": file}).encode())
    found = root.find("firmware/file")
    check = root.find("nvm/param[@name='FirmwareManagment.AutomaticCheckForUpdates']").get("value")
    assert (found.get("version") if found is not None else None) == version
    assert check == ("1" if version else "0")


def test_maxwell_takes_pictures_of_known_kinds_only():
    root = etree.fromstring(render("gigaset-Maxwell4", {"background_file": "a.PNG"}).encode())
    assert root.find("custom/step").get("url").endswith("/backgrounds/a.PNG")
    assert maxwell({"background_file": "a.PNG"})["PhoneUI.Settings.SelectedWallpapers"] == "a.PNG"
    assert maxwell({"background_file": "a.bmp"})["PhoneUI.Settings.SelectedWallpapers"] == ""
    shown = maxwell({"screensaver_file": "b.jpg"})
    assert shown["PhoneUI.Settings.ScreenSaverSelection"] == "3"
    assert shown["PhoneUI.Settings.ScreenSaverHTTPSource"].endswith("/screensavers/b.jpg")
    assert maxwell()["PhoneUI.Settings.ScreenSaverHTTPSource"] == ""


def test_maxwell_stops_asking_once_it_has_its_permanent_address():
    first, later = maxwell(complete=False), maxwell()
    address = "https://pbx.example.org/provisioning/TOKEN2/7c2f80aabb01.xml"
    assert first["System.Provision.ProvisioningServer"] == address
    assert first["System.Provision.Period"] == "600"
    assert first["NET.IP.IPv4.DHCP.Options.Disabled"] == ""
    assert later["System.Provision.Period"] == "0"
    assert later["NET.IP.IPv4.DHCP.Options.Disabled"] == "66,114"


# --- P phones ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("account_dtmf_type_1", "rfc4733", {("user_dtmf_info", "1"): "off"}),
        ("account_dtmf_type_1", "sip_info", {("user_dtmf_info", "1"): "sip_info_only"}),
        ("account_encryption_1", "1",
         {("user_outbound", "1"): "pbx.example.org:5061;transport=tls", ("user_srtp", "1"): "on"}),
        ("account_encryption_1", "",
         {("user_outbound", "1"): "pbx.example.org:5060;transport=udp", ("user_srtp", "1"): "off"}),
        ("outbound_proxy_1", "proxy.example.org",
         {("user_outbound", "1"): "proxy.example.org:5060;transport=udp"}),
        ("outbound_proxy2_1", "b.example.org",
         {("user_outbound", "1"):
          "pbx.example.org:5060;transport=udp,b.example.org:5060;transport=udp"}),
        ("account_voicemail_1", "*97",
         {("user_mailbox", "1"): "*97", "dkey_retrieve": "speed *97"}),
        ("account_call_waiting_1", "1", {("call_waiting", "1"): "on"}),
        ("account_call_waiting_1", "", {("call_waiting", "1"): "off"}),
        ("account_dnd_enable_1", "1", {("dnd_mode", "1"): "on"}),
        ("account_always_fwd_target_1", "555",
         {("fwd_all_enabled", "1"): "on", ("fwd_all_target", "1"): "555"}),
        ("account_cftimeout_1", "20", {("fwd_time_secs", "1"): "20"}),
        ("dndon", "*78", {("dnd_on_code", "1"): "*78"}),
        ("pickup_direct", "**", {("blf_directed_call_pickup", "1"): "**"}),
        ("tonezone", "it", {"tone_scheme": "ITA", "locale": "it_IT"}),
        ("tonezone", "uk", {"tone_scheme": "GBR", "locale": "en_GB"}),
        ("tonezone", "se", {"tone_scheme": "SWE", "locale": "sv_SE"}),
        ("tonezone", "xx", {"tone_scheme": "USA", "locale": "en_US"}),
        ("timezone", "Europe/Rome",
         {"timezone": "ITA+1", "utc_offset": "+3600",
          "dst": "3600 03.05.07 02:00:00 10.05.07 03:00:00"}),
        ("timezone", "Asia/Tokyo", {"timezone": "JPN+9", "dst": ""}),
        ("timezone", "America/Mexico_City",
         {"timezone": "", "utc_offset": "-21600", "dst": ""}),
        ("timezone", "UTC", {"timezone": "", "utc_offset": "+0", "dst": ""}),
        ("time_format", "12", {"time_24_format": "off"}),
        ("time_format", "24", {"time_24_format": "on"}),
        ("ringtone", "0", {"ring_sound": "Silent", ("user_ringer", "1"): "Silent"}),
        ("ringtone", "10", {"ring_sound": "Ringer10", ("user_ringer", "1"): "Ringer10"}),
        ("backlight_time", "0", {"dim_timer": "2147483647"}),
        ("backlight_time", "30", {"dim_timer": "30"}),
        ("dss_transfer", "attended",
         {"quick_transfer": "attended", "transfer_dialing_on_transfer": "attended"}),
        ("dss_transfer", "blind",
         {"quick_transfer": "blind", "transfer_dialing_on_transfer": "blind"}),
        ("dss_transfer", "verify",
         {"quick_transfer": "new_call", "transfer_dialing_on_transfer": "blind"}),
        ("ldap_tls", "none", {"ldap_over_tls": "off", "ldap_port": "389"}),
        ("ldap_tls", "starttls", {"ldap_over_tls": "off", "ldap_port": "389"}),
        ("ldap_tls", "ldaps", {"ldap_over_tls": "on", "ldap_port": "636"}),
        ("vlan_id_phone", "7", {"vlan_id": "7", "vlan_qos": "0", "vlan_port_tagging": "off"}),
        ("vlan_id_phone", "0", {"vlan_id": "", "vlan_qos": ""}),
        ("vlan_id_pcport", "8",
         {"vlan_port_tagging": "on", "vlan_pc_id": "8", "vlan_pc_priority": "0"}),
        ("provisioning_freq", "never", {"prov_polling_enabled": "off"}),
        ("provisioning_freq", "everyday", {"prov_polling_enabled": "on"}),
        ("background_file", "a.png",
         {"custom_bg_image_url": "https://pbx.example.org/provisioning/TOKEN2/backgrounds/a.png"}),
        ("background_file", "", {"custom_bg_image_url": ""}),
        ("auto_redial", "1", {"auto_redial": "on"}),
    ],
)  # fmt: skip
def test_p_phones_write_snom_s_words(name, value, expected):
    written = p_settings({**ACCOUNT, name: value})
    assert {key: written[key] for key in expected} == expected


@pytest.mark.parametrize("model_id", P_PHONES)
def test_language_ringtone_and_date_format_reach_every_p_phone(model_id):
    """P810 to P855 named a macro that did not exist (seen in Tancredi)."""
    written = p_settings(
        {"language": "it", "ringtone": "4", "date_format": "MM DD YY"}, model_id=model_id
    )
    assert written["language"] == written["web_language"] == "Italiano"
    assert written["ring_sound"] == "Ringer4"
    assert written["date_us_format"] == "on"


def test_p7_and_p8_differ_in_web_passwords_and_locale():
    passwords = {"adminpw": "boss", "userpw": "guest"}
    p7, p8 = (p_settings(passwords, model_id=m) for m in ("gigaset-P710", "gigaset-P810"))
    assert (p7["http_user"], p7["http_pass"]) == ("admin", "boss")
    assert (p8["webserver_admin_password"], p8["webserver_user_password"]) == ("boss", "guest")
    assert "http_pass" not in p8
    assert "locale" not in p7
    assert "custom_bg_image_url" not in p7


@pytest.mark.parametrize(
    ("brightness", "level"),
    [(str(b), str(level)) for b, level in enumerate((3, 4, 5, 7, 8, 9, 10, 11, 13, 14))]
    + [("", "9"), ("bright", "9"), ("99", "9")],
)
def test_any_brightness_is_a_level_of_the_display(brightness, level):
    """A blank one failed the arithmetic (seen in Tancredi)."""
    assert p_settings({"brightness": brightness})["backlight"] == level


@pytest.mark.parametrize(
    ("kind", "function"),
    [
        ("", ("active", "", "line")), ("blf", ("1", "L", "blf 5|**")),
        ("conference", ("1", "L", "conference 5")), ("direct_pickup", ("active", "", "line")),
        ("dnd", ("1", "L", "speed *76")), ("dtmf", ("1", "L", "dtmf 5")),
        ("forward", ("1", "L", "redirect 5")), ("group_pickup", ("1", "L", "speed *8")),
        ("hold", ("1", "L", "keyevent F_HOLD")),
        ("ldap", ("1", "L", "keyevent F_DIRECTORY_SEARCH")),
        ("line", ("5", "L", "line")), ("multicast_paging", ("1", "L", "multicast 5")),
        ("phone_lock", ("active", "", "line")), ("prefix", ("active", "", "line")),
        ("queuetoggle", ("1", "L", "speed *45")), ("recall", ("1", "L", "keyevent F_REDIAL")),
        ("record", ("1", "L", "recorder 5")), ("speed_dial", ("1", "L", "speed 5")),
        ("transfer", ("1", "L", "transfer 5")), ("url", ("1", "L", "url 5")),
        ("voice_mail", ("1", "L", "keyevent F_VOICEMAIL_INFO")),
        ("mute", ("1", "L", "keyevent F_MUTE")),
    ],
)  # fmt: skip
def test_p_line_and_expansion_keys_have_snom_s_functions(kind, function):
    codes = {"pickup_direct": "**", "pickup_group": "*8", "dndtoggle": "*76", "queuetoggle": "*45"}
    variables = {f"{key}_{part}_1": value for key in ("linekey", "expkey")
                 for part, value in (("type", kind), ("value", "5"), ("label", "L"))}  # fmt: skip
    keys = function_keys({**codes, **variables})
    assert keys[0] == keys[28] == function


def test_a_bar_in_a_number_cannot_begin_the_pickup_code():
    keys = function_keys({"linekey_type_1": "blf", "linekey_value_1": "5|9", "pickup_direct": "**"})
    assert keys[0][2] == "blf 59|**"


def test_without_a_code_of_the_pbx_the_dnd_key_is_the_phone_s_own():
    assert function_keys({"linekey_type_1": "dnd"})[0][2] == "keyevent F_DND"


@pytest.mark.parametrize(("model_id", "keys"), [("gigaset-P710", 54), ("gigaset-P850", 180)])
def test_a_module_has_all_its_keys(model_id, keys):
    """P8xx modules lost the keys 19 to 60 (seen in Tancredi)."""
    lines = int(LIBRARY.models[model_id].variables["cap_linekey_count"])
    written = function_keys(
        {f"expkey_type_{keys}": "speed_dial", f"expkey_value_{keys}": "999"}, model_id
    )
    assert len(written) == lines + keys
    assert written[-1][2] == "speed 999"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("", "keyevent F_NONE"), ("forward", "keyevent F_REDIRECT"), ("dnd", "keyevent F_DND"),
        ("recall", "keyevent F_REDIAL"), ("pick_up", "speed **5"), ("speed_dial", "speed 5"),
        ("group_pickup", "speed *8"), ("history", "keyevent F_CALL_LIST"),
        ("menu", "keyevent F_SETTINGS"), ("status", "keyevent F_STATUS"),
        ("ldap", "keyevent F_DIRECTORY_SEARCH"), ("prefix", "keyevent F_NONE"),
        ("favorite", "keyevent F_FAVORITES"),
    ],
)  # fmt: skip
def test_p_soft_keys_have_snom_s_functions(kind, content):
    """The type speed_dial gave no key (seen in Tancredi)."""
    written = p_settings({"softkey_type_2": kind, "softkey_value_2": "5", "pickup_direct": "**",
                          "pickup_group": "*8"})  # fmt: skip
    assert written["gui_fkey2"] == written[("context_key", "1")] == content


def test_inband_tones_leave_the_telephone_event_out():
    codecs = ("codec_priority_list", "1")
    inband = p_settings({**ACCOUNT, "account_dtmf_type_1": "inband"})
    assert "telephone-event" not in inband[codecs]
    assert p_settings(ACCOUNT)[codecs].endswith(",telephone-event")


def test_a_tone_of_one_s_own_rings_for_accounts_only():
    written = p_settings({**ACCOUNT, "ringtone": "-1", "ringtone_file": "r.wav"})
    assert written[("user_ringer", "1")] == "Custom"
    assert written[("user_custom", "1")].endswith("/TOKEN2/ringtones/r.wav?")
    assert written["ring_sound"] == "Ringer1"


def test_a_free_account_forgets_its_credentials():
    written = p_settings({**ACCOUNT, "account_password_2": "left over"})
    assert (written[("user_active", "1")], written[("user_pass", "1")]) == ("on", "secret")
    assert (written[("user_active", "2")], written[("user_pass", "2")]) == ("off", "")
    assert written[("user_active", "12")] == "off"


def test_a_p_phone_asks_often_until_it_has_its_permanent_token():
    first, later = p_settings(complete=False), p_settings()
    assert (first["prov_polling_mode"], first["prov_polling_period"]) == ("rel", "60")
    assert (later["prov_polling_mode"], later["prov_polling_period"]) == ("random", "86400")
    assert later["setting_server"].startswith("https://pbx.example.org/provisioning/TOKEN2/")
    assert later["setting_server"].endswith(".xml")


def test_the_setting_that_reboots_stands_first():
    root = etree.fromstring(render("gigaset-P820").encode())
    assert root.find("phone-settings")[0].tag == "auto_reboot_on_setting_change"
