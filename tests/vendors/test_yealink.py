"""What Yealink phones fetch."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phones import (
    ADDRESS,
    HOSTNAME,
    LIBRARY,
    LINE_KEY_TYPES,
    SOFT_KEY_TYPES,
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

MODELS = models_of("yealink")
T46 = "yealink-T46"
LINE = re.compile(r"[\w.]+ =( [^\r\n]*)?")
ACCOUNT = {
    "account_username_1": "201",
    "account_password_1": "secret",
    "account_display_name_1": "Reception",
}
CIPHERS = "!ECDH:AES:!ADH:!LOW:!NULL"


def parameters(body: str) -> dict[str, str]:
    """The file as a phone reads it: the header, then one parameter a line, the last one wins."""
    header, *lines = body.split("\n")
    assert header == "#!version:1.0.0.1"
    assert lines.pop() == ""
    for line in lines:
        assert LINE.fullmatch(line), line
    return {name: value[1:] for name, _, value in (line.partition(" =") for line in lines)}


def names(body: str) -> list[str]:
    """The parameters of a file, in order; a password stands once for each level."""
    found = [line.partition(" =")[0] for line in body.split("\n")[1:-1]]
    return [name for name in found if name != "static.security.user_password"]


def rendered(model=T46, variables=None, **request):
    """What a phone reads of the file it is given; the arguments are those of ``render``."""
    return parameters(render(model, variables, **request))


# Every model


@pytest.mark.parametrize("model", MODELS)
def test_a_model_renders_with_its_presets_alone(model):
    found = rendered(model)
    assert found["static.auto_provision.server.url"] == ADDRESS
    assert found["account.1.enable"] == "0"


@pytest.mark.parametrize("model", MODELS)
def test_a_model_renders_with_everything_set(model):
    found = rendered(model, everything_set(model))
    accounts = LIBRARY.models[model].accounts
    assert [found[f"account.{n}.user_name"] for n in range(1, accounts + 1)] == [
        f"user{n}" for n in range(1, accounts + 1)
    ]


@pytest.mark.parametrize("model", MODELS)
def test_a_model_renders_with_everything_empty(model):
    found = rendered(model, everything_empty(model))
    assert found["account.1.enable"] == "0"
    assert found["local_time.time_zone"] == "0"
    assert found["lang.gui"] == "English"


@pytest.mark.parametrize("model", MODELS)
def test_every_key_takes_every_type(model):
    for shift in range(len(LINE_KEY_TYPES)):
        parameters(render(model, keys_of_every_type(model, shift)))


@pytest.mark.parametrize("model", MODELS)
def test_all_keys_of_a_model_are_written_and_no_other(model):
    found = rendered(model)
    counts = key_counts(LIBRARY.models[model])
    lines = {int(n) for n in re.findall(r"^linekey\.(\d+)\.type$", "\n".join(found), re.M)}
    assert lines == set(range(1, counts["linekey"] + 1))
    soft = {int(n) for n in re.findall(r"^programablekey\.(\d+)\.type$", "\n".join(found), re.M)}
    assert soft == set(range(1, counts["softkey"] + 1))
    switches = 6 if model in ("yealink-T27", "yealink-T29") else 0
    expansion = [n for n in found if re.fullmatch(r"expansion_module\.\d\.key\.\d+\.type", n)]
    assert len(expansion) == counts["expkey"] + switches


@pytest.mark.parametrize("model", [T46, "yealink-T19", "yealink-T29", "yealink-AX86"])
@settings(max_examples=40)
@given(data=st.data())
def test_no_value_can_write_a_parameter_of_its_own(model, data):
    """A line break in a name, label or password wrote what it liked (seen in Tancredi)."""
    full = everything_set(model)
    texts = st.text(max_size=30) | st.just("a\r\nsip.listen_port = 1") | st.just("a\u2028b = 1")
    typed = data.draw(st.dictionaries(st.sampled_from(sorted(full)), texts, max_size=30))
    body = render(model, typed)
    assert parameters(body)["sip.listen_port"] == "5060"
    found = names(body)
    assert len(found) == len(set(found))
    assert set(found) <= set(names(render(model, full))) | set(names(render(model)))


@given(value=st.text(max_size=20))
@settings(max_examples=100)
def test_a_label_adds_no_line_whatever_it_holds(value):
    key = {"linekey_type_3": "blf", "linekey_value_3": "201", "linekey_label_3": ""}
    assert list(rendered(T46, key)) == list(rendered(T46, {**key, "linekey_label_3": value}))


def test_the_same_phone_gets_the_same_bytes():
    assert render(T46, everything_set(T46)) == render(T46, everything_set(T46))


# Values


@pytest.mark.parametrize(
    ("setting", "value", "parameter", "written"),
    [
        ("account_encryption_1", "1", "account.1.sip_server.1.transport_type", "2"),
        ("account_encryption_1", "0", "account.1.sip_server.1.transport_type", "0"),
        ("account_encryption_1", "1", "account.1.sip_server.1.port", "5061"),
        ("account_encryption_1", "", "account.1.sip_server.1.port", "5060"),
        ("account_encryption_1", "1", "account.1.srtp_encryption", "2"),
        ("account_dtmf_type_1", "inband", "account.1.dtmf.type", "0"),
        ("account_dtmf_type_1", "rfc4733", "account.1.dtmf.type", "1"),
        ("account_dtmf_type_1", "sip_info", "account.1.dtmf.type", "2"),
        ("account_dtmf_type_1", "smoke signals", "account.1.dtmf.type", "1"),
        ("account_dnd_enable_1", "1", "account.1.dnd.enable", "1"),
        ("account_dnd_allow_1", "1", "features.dnd.allow", "1"),
        ("account_dnd_allow_1", "", "features.dnd.allow", "0"),
        ("account_fwd_allow_1", "1", "features.fwd.allow", "1"),
        ("account_call_waiting_1", "1", "call_waiting.enable", "1"),
        ("account_always_fwd_target_1", "300", "account.1.always_fwd.enable", "1"),
        ("account_always_fwd_target_1", "300", "account.1.always_fwd.target", "300"),
        ("account_busy_fwd_target_1", "300", "account.1.busy_fwd.target", "300"),
        ("account_busy_fwd_target_1", "", "account.1.busy_fwd.enable", "0"),
        ("account_timeout_fwd_target_1", "300", "account.1.timeout_fwd.target", "300"),
        ("cfalwayson", "*72", "account.1.always_fwd.on_code", "*72"),
        ("cfbusyoff", "*91", "account.1.busy_fwd.off_code", "*91"),
        ("cftimeouton", "*52", "account.1.timeout_fwd.on_code", "*52"),
        ("dndon", "*78", "features.dnd.on_code", "*78"),
        ("dndoff", "*79", "account.1.dnd.off_code", "*79"),
        ("call_waiting_on", "*70", "call_waiting.on_code", "*70"),
        ("call_waiting_off", "*71", "call_waiting.off_code", "*71"),
        ("call_waiting_tone", "1", "call_waiting.tone", "1"),
        ("call_waiting_tone", "", "call_waiting.tone", "0"),
        ("pickup_direct", "**", "features.pickup.direct_pickup_code", "**"),
        ("pickup_direct", "**", "account.1.direct_pickup_code", "**"),
        ("pickup_group", "*8", "features.pickup.group_pickup_code", "*8"),
        ("outbound_proxy_1", "proxy", "account.1.outbound_proxy.1.address", "proxy"),
        ("outbound_proxy_1", "proxy", "account.1.outbound_proxy_enable", "1"),
        ("outbound_proxy_1", "proxy", "account.1.outbound_proxy.1.port", "5060"),
        ("account_cftimeout_1", "24", "account.1.timeout_fwd.timeout", "4"),
        ("account_cftimeout_1", "600", "account.1.timeout_fwd.timeout", "20"),
        ("account_cftimeout_1", "", "account.1.timeout_fwd.timeout", "2"),
        ("cftimeout", "30", "account.1.timeout_fwd.timeout", "5"),
        ("adminpw", "Secret1", "features.action_uri.enable", "1"),
        ("vlan_id_phone", "4094", "static.network.vlan.internet_port_vid", "4094"),
        ("vlan_id_phone", "4094", "static.network.vlan.internet_port_enable", "1"),
        ("vlan_id_phone", "", "static.network.vlan.internet_port_vid", "1"),
        ("vlan_id_phone", "", "static.network.vlan.internet_port_enable", "0"),
        ("vlan_id_pcport", "20", "static.network.vlan.pc_port_vid", "20"),
        ("language", "it", "lang.gui", "Italian"),
        ("language", "pl", "lang.wui", "Polish"),
        ("language", "zh", "lang.gui", "Chinese_S"),
        ("language", "xx", "lang.gui", "English"),
        ("tonezone", "it", "voice.tone.country", "Italy"),
        ("tonezone", "no", "voice.tone.country", "Norway"),
        ("ntp_server", "ntp.example.org", "local_time.ntp_server1", "ntp.example.org"),
        ("timezone", "Asia/Kolkata", "local_time.time_zone", "+5:30"),
        ("timezone", "America/St_Johns", "local_time.time_zone", "-3:30"),
        ("timezone", "Europe/Rome", "local_time.time_zone_name", "Italy(Rome)"),
        ("timezone", "Europe/Rome", "local_time.summer_time", "1"),
        ("timezone", "Europe/Rome", "local_time.start_time", "3/5/7/2"),
        ("timezone", "Europe/Rome", "local_time.end_time", "10/5/7/3"),
        ("timezone", "Australia/Lord_Howe", "local_time.offset_time", "30"),
        ("timezone", "Etc/GMT-14", "local_time.time_zone", "+14"),
        ("time_format", "12", "local_time.time_format", "0"),
        ("time_format", "24", "local_time.time_format", "1"),
        ("date_format", "DD MM YYYY", "local_time.date_format", "3"),
        ("date_format", "DD MMM YY", "local_time.date_format", "1"),
        ("date_format", "DD MMM YYYY", "local_time.date_format", "5"),
        ("date_format", "WWW MMM DD", "local_time.date_format", "0"),
        ("date_format", "MM DD YY", "local_time.date_format", "4"),
        ("date_format", "YYYY MM DD", "local_time.date_format", "2"),
        ("date_format", "", "local_time.date_format", "6"),
        ("ringtone", "0", "phone_setting.ring_type", "Silent.wav"),
        ("ringtone", "8", "phone_setting.ring_type", "Ring8.wav"),
        ("ringtone", "10", "phone_setting.ring_type", "Splash.wav"),
        ("ringtone", "loud", "phone_setting.ring_type", "Ring1.wav"),
        ("backlight_time", "60", "phone_setting.backlight_time", "60"),
        ("backlight_time", "0", "phone_setting.backlight_time", "0"),
        ("backlight_time", "", "phone_setting.backlight_time", "%NULL%"),
        ("screensaver_time", "300", "screensaver.wait_time", "300"),
        ("screensaver_time", "", "screensaver.wait_time", "600"),
        ("brightness", "9", "phone_setting.active_backlight_level", "10"),
        ("brightness", "0", "phone_setting.active_backlight_level", "1"),
        ("yealink_blf_active_backlight", "1", "features.blf_active_backlight.enable", "1"),
        ("dss_transfer", "verify", "transfer.dsskey_deal_type", "0"),
        ("dss_transfer", "attended", "transfer.dsskey_deal_type", "1"),
        ("dss_transfer", "blind", "transfer.dsskey_deal_type", "2"),
        ("pound", "2", "features.key_as_send", "2"),
        ("ldap_tls", "none", "ldap.tls_mode", "0"),
        ("ldap_tls", "starttls", "ldap.tls_mode", "1"),
        ("ldap_tls", "ldaps", "ldap.tls_mode", "2"),
        ("ldap_server", "", "ldap.host", HOSTNAME),
        ("ldap_mobilephone_number_attr", "", "ldap.numb_attr", "telephoneNumber homePhone"),
        ("ldap_name_filter", "(cn=%)", "ldap.name_filter", "(cn=%)"),
        ("language", "de", "ldap.customize_label", "Telefonbuch"),
        ("provisioning_freq", "never", "static.auto_provision.weekly.enable", "0"),
        ("provisioning_freq", "everyday", "static.auto_provision.weekly.enable", "1"),
        ("pnp_enable", "1", "static.auto_provision.pnp_enable", "1"),
        ("pnp_enable", "0", "static.auto_provision.pnp_enable", "0"),
        ("firmware_file", "a.rom", "static.firmware.url", f"{ADDRESS}/firmware/a.rom"),
        ("firmware_file", "", "static.firmware.url", ""),
        ("ringtone_file", "a.wav", "ringtone.url", f"{ADDRESS}/ringtones/a.wav"),
        ("background_file", "a.png", "wallpaper_upload.url", f"{ADDRESS}/backgrounds/a.png"),
        ("screensaver_file", "a.png", "screensaver.upload_url", f"{ADDRESS}/screensavers/a.png"),
        ("screensaver_file", "a.png", "screensaver.type", "1"),
        ("screensaver_file", "", "screensaver.type", "0"),
    ],
)
def test_a_setting_is_written_in_the_vendors_words(setting, value, parameter, written):
    assert rendered(T46, {**ACCOUNT, setting: value})[parameter] == written


@pytest.mark.parametrize(
    ("type_", "number", "value"),
    [
        ("", "0", "%NULL%"), ("conference", "1", "202"), ("forward", "2", "202"),
        ("transfer", "3", "202"), ("hold", "4", "202"), ("dnd", "5", "202"),
        ("recall", "7", "202"), ("direct_pickup", "9", "**202"), ("dtmf", "11", "202"),
        ("voice_mail", "12", "*97"), ("speed_dial", "13", "202"), ("queuetoggle", "13", "*45"),
        ("line", "15", "202"), ("blf", "16", "202"), ("url", "17", "202"),
        ("group_pickup", "23", "202"), ("multicast_paging", "24", "202"),
        ("record", "25", "202"), ("ldap", "38", "202"), ("prefix", "40", "202"),
        ("phone_lock", "50", "202"), ("retrieve_park", "56", "202"), ("nonsense", "0", "202"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("key", "prefix"), [("linekey_{}_5", "linekey.5"), ("expkey_{}_61", "expansion_module.2.key.1")]
)
def test_a_key_has_the_vendors_type_and_value(type_, number, value, key, prefix):
    found = rendered(
        T46,
        {
            **ACCOUNT, "account_voicemail_1": "*97", "queuetoggle": "*45", "pickup_direct": "**",
            key.format("type"): type_, key.format("value"): "202", key.format("label"): "Anna",
        },
    )  # fmt: skip
    assert found[f"{prefix}.type"] == number
    assert found[f"{prefix}.value"] == value
    assert found[f"{prefix}.label"] == ("Anna" if type_ else "%NULL%")
    assert found[f"{prefix}.line"] == ("1" if type_ else "%NULL%")


@pytest.mark.parametrize(
    ("type_", "number"),
    list(zip(SOFT_KEY_TYPES, [0, 2, 5, 7, 9, 13, 23, 28, 30, 33, 38, 40], strict=True)),
)
def test_a_soft_key_has_the_vendors_type(type_, number):
    found = rendered(T46, {"softkey_type_2": type_, "pickup_direct": "**", "pickup_group": "*8"})
    assert found["programablekey.2.type"] == str(number)
    codes = {"pick_up": "**", "group_pickup": "*8"}
    assert found["programablekey.2.pickup_value"] == codes.get(type_, "%NULL%")


# Provisioning


def test_until_the_permanent_address_is_used_the_phone_asks_every_minute():
    found = rendered(complete=False)
    assert found["static.auto_provision.repeat.enable"] == "1"
    assert found["static.auto_provision.repeat.minutes"] == "1"
    found = rendered(complete=True)
    assert found["static.auto_provision.repeat.enable"] == "0"
    assert found["static.auto_provision.repeat.minutes"] == "1440"


def test_without_a_token_no_address_and_no_secret_is_told():
    """Whoever guessed a MAC address got the permanent token (Tancredi)."""
    body = render(T46, everything_set(T46), tokenless=True)
    found = parameters(body)
    assert "TOKEN2" not in body
    assert "secret" not in body
    assert "static.auto_provision.server.url" not in found
    assert "static.auto_provision.dhcp_option.enable" not in found  # it must find us again
    assert found["account.1.enable"] == "0"


def test_phones_fetch_again_without_a_reboot_when_asked_to():
    assert rendered()["sip.notify_reboot_enable"] == "0"


def test_passwords_are_repeated_under_one_key():
    body = render(T46, {"adminpw": "A-secret", "userpw": "U-secret"})
    assert re.findall("^static.security.user_password = (.*)$", body, re.M) == [
        "admin:A-secret",
        "user:U-secret",
    ]
    assert "admin:admin\n" in render(T46)
    assert "user:1234\n" in render(T46)


@pytest.mark.parametrize(
    ("model", "user_agent", "weak"),
    [
        ("yealink-T46", "Yealink SIP-T46S 66.86.0.15 80:5e:0c:aa:bb:01", True),
        ("yealink-T46", "Yealink SIP-T46S 66.83.0.15 80:5e:0c:aa:bb:01", False),
        ("yealink-T46", "Yealink SIP-T46S 66.90.0.15 80:5e:0c:aa:bb:01", False),
        ("yealink-T46", "Yealink SIP-T46U 108.86.0.15 80:5e:0c:aa:bb:01", False),
        ("yealink-T19", "Yealink SIP-T19P_E2 53.84.0.125 00:15:65:aa:bb:01", True),
        ("yealink-T40", "Yealink SIP-T40G 76.84.0.125 00:15:65:aa:bb:01", True),
        ("yealink-T40", "Yealink SIP-T40P 54.84.0.125 00:15:65:aa:bb:01", False),
        ("yealink-T58", "Yealink SIP-T58 58.85.0.5 00:15:65:aa:bb:01", True),
        ("yealink-T46", "", False),
    ],
)
def test_old_hardware_with_certain_firmware_is_told_which_ciphers_to_use(model, user_agent, weak):
    """It fails TLS with an unknown message digest otherwise (Tancredi has the workaround)."""
    found = rendered(model, user_agent=user_agent)
    assert found["sip.tls_cipher_list"] == (CIPHERS if weak else "%NULL%")
    assert found["security.tls_cipher_list"] == (CIPHERS if weak else "%NULL%")


@pytest.mark.parametrize(
    ("model", "known"),
    [("yealink-T19", 0), ("yealink-T29", 0), ("yealink-VP59", 0), ("yealink-T31", 1),
     (T46, 1), ("yealink-T58", 1), ("yealink-T73", 1), ("yealink-T88", 1), ("yealink-AX83", 1)],
)  # fmt: skip
def test_srtp_ciphers_are_written_for_the_series_that_know_them(model, known):
    assert ("account.1.srtp.cipher_list" in rendered(model, ACCOUNT)) is bool(known)


# Accounts and keys


def test_a_free_account_is_switched_off_and_forgets_its_credentials():
    found = rendered(T46, ACCOUNT)
    assert found["account.1.enable"] == "1"
    for n in range(2, 17):
        assert found[f"account.{n}.enable"] == "0"
        for name in ("user_name", "auth_name", "password", "label", "display_name"):
            assert found[f"account.{n}.{name}"] == "%NULL%"


def test_each_enabled_account_has_its_codecs_in_order():
    found = rendered(T46, {**ACCOUNT, "account_username_3": "203"})
    for n in (1, 3):
        wanted = {
            name: found[f"account.{n}.codec.{name}.priority"]
            for name in ("g729", "pcma", "pcmu", "g722", "opus")
        }
        assert wanted == {"g729": "1", "pcma": "2", "pcmu": "3", "g722": "4", "opus": "5"}
        assert found[f"account.{n}.codec.ilbc_15_2kbps.enable"] == "0"
    assert "account.2.codec.g729.enable" not in found


def test_a_free_key_is_written_as_free():
    """A phone keeps what its file leaves out; its own default for the key is a line."""
    found = rendered(T46, {"linekey_type_1": ""})
    assert found["linekey.1.type"] == "0"
    assert found["linekey.1.value"] == "%NULL%"
    assert found["linekey.27.type"] == "0"
    assert found["expansion_module.3.key.60.type"] == "0"


def test_keys_of_the_exp20_make_room_for_the_page_switch():
    """It has 40 places on two pages, of which 1 and 21 switch the page (Tancredi's values)."""
    keys = {f"expkey_type_{n}": "blf" for n in range(1, 115)}
    keys |= {f"expkey_value_{n}": f"2{n:03d}" for n in range(1, 115)}
    found = rendered("yealink-T29", keys)
    assert found["expansion_module.1.key.1.type"] == "37"
    assert found["expansion_module.1.key.21.type"] == "37"
    assert found["expansion_module.1.key.2.value"] == "2001"
    assert found["expansion_module.1.key.20.value"] == "2019"
    assert found["expansion_module.1.key.22.value"] == "2020"
    assert found["expansion_module.1.key.40.value"] == "2038"
    assert found["expansion_module.2.key.2.value"] == "2039"
    assert found["expansion_module.3.key.40.value"] == "2114"


def test_a_site_that_declares_more_keys_than_the_exp20_has_still_gets_a_file():
    found = rendered("yealink-T27", {"cap_expkey_count": "40"})
    assert "expansion_module.1.key.40.type" in found
    assert "expansion_module.1.key.41.type" not in found


# What was wrong in Tancredi and is not to be rebuilt


@pytest.mark.parametrize(
    "zone", ["UTC", "Atlantic/Reykjavik", "Africa/Accra", "America/Phoenix", "America/Regina"]
)
def test_a_zone_without_daylight_saving_has_none(zone):
    """UTC was named London with automatic DST: one hour wrong in summer (seen in Tancredi)."""
    found = rendered(T46, {"timezone": zone})
    assert found["local_time.summer_time"] == "0"
    assert "London" not in found["local_time.time_zone_name"]


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("Europe/Riga", "+2"), ("America/Sao_Paulo", "-3"), ("America/Noronha", "-2"),
     ("Atlantic/South_Georgia", "-2"), ("Africa/Casablanca", "+1"), ("Africa/Juba", "+2")],
)  # fmt: skip
def test_a_zone_has_its_offset(zone, offset):
    """41 zones had a wrong offset, three were missing (seen in Tancredi)."""
    assert rendered(T46, {"timezone": zone})["local_time.time_zone"] == offset


@pytest.mark.parametrize("model", ["yealink-T19", "yealink-T30", "yealink-AX83", "yealink-AX86"])
def test_a_model_without_line_keys_gets_none(model):
    """The loop counted down to 0 and wrote the keys 1 and 0 (seen in Tancredi)."""
    assert not [name for name in rendered(model) if name.startswith("linekey.")]


@pytest.mark.parametrize("count", ["", "0", "many"])
def test_a_count_that_is_none_gives_no_keys(count):
    """Such a count wrote the keys 1 and 0 (seen in Tancredi)."""
    found = rendered(T46, {"cap_linekey_count": count, "cap_expkey_count": count})
    assert not [name for name in found if name.startswith(("linekey.", "expansion_module.1"))]


def test_accounts_are_1_to_16():
    """The loop ran from 0 to 10: 0 is invalid, 11 to 16 were lost (seen in Tancredi)."""
    found = rendered(T46, {f"account_username_{n}": f"u{n}" for n in range(0, 18)})
    numbers = {int(n) for n in re.findall(r"^account\.(\d+)\.enable$", "\n".join(found), re.M)}
    assert numbers == set(range(1, 17))
    assert found["account.16.user_name"] == "u16"


@pytest.mark.parametrize("vlan", ["4095", "9999", "abc", "-1", "0", "1.5"])
def test_an_impossible_vlan_is_no_vlan(vlan):
    """It was switched on with the VID 1 (seen in Tancredi)."""
    found = rendered(T46, {"vlan_id_phone": vlan, "vlan_id_pcport": vlan})
    assert found["static.network.vlan.internet_port_enable"] == "0"
    assert found["static.network.vlan.pc_port_enable"] == "0"


def test_each_account_has_its_mailbox():
    """All were written to the first, the last account won (seen in Tancredi)."""
    found = rendered(
        T46,
        {**ACCOUNT, "account_voicemail_1": "*97", "account_username_2": "202",
         "account_voicemail_2": "*98"},
    )  # fmt: skip
    assert found["voice_mail.number.1"] == "*97"
    assert found["voice_mail.number.2"] == "*98"


def test_call_waiting_is_the_first_accounts():
    """The global keys were repeated for each account, the last won (seen in Tancredi)."""
    body = render(T46, {**ACCOUNT, "account_call_waiting_1": "1", "account_username_2": "202"})
    assert re.findall("^call_waiting.enable = (.*)$", body, re.M) == ["1"]


def test_the_second_proxy_has_its_port():
    """The port was read from a misspelt variable (seen in Tancredi)."""
    proxies = {"outbound_proxy_1": "a", "outbound_proxy2_1": "b", "outbound_proxy2_port_1": "5099"}
    found = rendered(T46, {**ACCOUNT, **proxies})
    assert found["account.1.outbound_proxy.2.port"] == "5099"


def test_an_empty_proxy_is_no_proxy():
    """The V83 keys became 1 for a proxy that was set to nothing (seen in Tancredi)."""
    found = rendered(T46, {**ACCOUNT, "outbound_proxy_1": ""})
    assert found["account.1.outbound_proxy_enable"] == "0"
    assert found["account.1.sip_server.1.outbound_proxy_enable"] == "0"
    assert found["account.1.sip_server.2.outbound_proxy_enable"] == "0"


@pytest.mark.parametrize(
    ("seconds", "rings"), [("0", "0"), ("12", "2"), ("15", "3"), ("24", "4"), ("121", "20")]
)
def test_the_delay_of_a_forward_is_counted_in_rings(seconds, rings):
    """It received seconds (seen in Tancredi)."""
    found = rendered(T46, {**ACCOUNT, "account_cftimeout_1": seconds})
    assert found["account.1.timeout_fwd.timeout"] == rings
    assert found["forward.no_answer.timeout"] == rings


@pytest.mark.parametrize("model", [T46, "yealink-T31"])
def test_only_tones_that_exist_are_named(model):
    """9 gave Ring9.wav, which no phone has (seen in Tancredi)."""
    files = {"Silent.wav", "Splash.wav", *(f"Ring{n}.wav" for n in range(1, 9))}
    tones = [rendered(model, {"ringtone": str(n)})["phone_setting.ring_type"] for n in range(12)]
    assert set(tones) <= files
    assert tones[4] == ("Splash.wav" if model == "yealink-T31" else "Ring4.wav")


def test_a_custom_tone_rings_for_every_account():
    """Accounts named a built-in tone and ignored the file (seen in Tancredi)."""
    found = rendered(T46, {**ACCOUNT, "ringtone": "-1", "ringtone_file": "bell.wav"})
    assert found["phone_setting.ring_type"] == "bell.wav"
    assert found["account.1.ringtone.ring_type"] == "Common"


def test_a_custom_tone_that_was_deleted_leaves_a_phone_that_rings():
    """The phone was left mute (seen in Tancredi)."""
    found = rendered(T46, {"ringtone": "-1", "ringtone_file": "bell.wav"}, files=())
    assert found["phone_setting.ring_type"] == "Ring1.wav"
    assert found["ringtone.url"] == ""


def test_a_background_is_written_as_the_vendor_wants_it_and_only_where_there_is_one():
    """The bare name was written, on models without background too (seen in Tancredi)."""
    picture = {"background_file": "logo.png"}
    assert rendered(T46, picture)["phone_setting.backgrounds"] == "Config:logo.png"
    assert rendered(T46)["phone_setting.backgrounds"] == "Default.jpg"
    assert "phone_setting.backgrounds" not in rendered("yealink-T53", picture)
    assert "wallpaper_upload.url" not in rendered("yealink-T53", picture)


@pytest.mark.parametrize(
    ("setting", "value", "parameter", "written"),
    [
        ("tonezone", "us", "voice.tone.country", "United States"),
        ("tonezone", "us-old", "voice.tone.country", "United States"),
        ("tonezone", "uk", "voice.tone.country", "Great Britain"),
        ("tonezone", "gb", "voice.tone.country", "Great Britain"),
        ("tonezone", "ph", "voice.tone.country", "Spain"),
        ("tonezone", "nowhere", "voice.tone.country", "United States"),
        ("language", "da", "lang.gui", "Danish"),
        ("language", "dk", "lang.gui", "Danish"),
    ],
)
def test_countries_and_languages_go_by_their_iso_names_too(setting, value, parameter, written):
    """USA is no name of the vendor's; da and gb were unknown (seen in Tancredi)."""
    assert rendered(T46, {setting: value})[parameter] == written


def test_parameters_that_never_worked_are_gone():
    """Undefined variables, typos and a handset's language by name (seen in Tancredi)."""
    body = render(T46, everything_set(T46))
    for word in ("barge_in", "enablea", "custom.handset", "auto_provision.server.type"):
        assert word not in body


def test_a_group_pickup_key_dials_the_code_nobody_typed():
    """The value stayed empty unless the user typed the code (seen in Tancredi)."""
    found = rendered(T46, {"linekey_type_3": "group_pickup", "pickup_group": "*8"})
    assert found["linekey.3.value"] == "*8"


def test_a_blf_key_has_its_own_pickup_code():
    """The phone fell back to a code of the account (seen in Tancredi)."""
    found = rendered(
        T46, {"linekey_type_3": "blf", "linekey_value_3": "202", "pickup_direct": "**"}
    )
    assert found["linekey.3.extension"] == "**"


@pytest.mark.parametrize(("value", "level"), [("bright", "6"), ("", "6"), ("99", "10")])
def test_a_brightness_that_is_no_number_does_not_cost_the_configuration(value, level):
    """The addition failed (seen in Tancredi)."""
    found = rendered("yealink-T33", {"brightness": value, "contrast": value})
    assert found["phone_setting.active_backlight_level"] == level
    assert found["phone_setting.contrast"] == level


@pytest.mark.parametrize("model", ["yealink-T19", "yealink-T30"])
def test_a_phone_without_backlight_is_told_nothing_of_it(model):
    """A time was preset though every time is excluded (seen in Tancredi)."""
    assert "phone_setting.backlight_time" not in rendered(model)


def test_there_is_no_pin_for_all_and_only_the_server_may_command():
    """Tancredi's PIN was 123, a third login had the user's password, anyone could command."""
    body = render(T46, everything_set(T46))
    assert "unlock_pin" not in body
    assert "var:" not in body
    found = parameters(body)
    assert found["static.security.var_enable"] == "0"
    assert found["features.action_uri_limit_ip"] == HOSTNAME


# Models


def test_all_models_are_there():
    assert len(MODELS) == 32
    assert all(model.name.startswith("Yealink ") for model in map(LIBRARY.models.get, MODELS))


@pytest.mark.parametrize(
    ("model", "own"),
    [
        ("yealink-AX83", {"cap_softkey_count": "2", "cap_linekey_count": "0", "contrast": "6",
                          "linekey_type_1": None, "softkey_type_3": None, "brightness": ""}),
        ("yealink-T19", {"cap_linekey_count": "0", "linekey_type_1": "line", "backlight_time": "0",
                         "cap_backlight_time_blacklist": "0,3,5,7,10,15,30,60,120,300,600,1200,"
                                                         "1800,2400,3000,3600"}),
        ("yealink-T31", {"cap_ringtone_count": "4", "cap_linekey_count": "2",
                         "cap_expmodule_count": "0"}),
        ("yealink-T29", {"cap_expkey_count": "38", "cap_expmodule_count": "3",
                         "cap_linekey_count": "27", "cap_background_file": "1"}),
        (T46, {"cap_linekey_count": "27", "cap_expkey_count": "60", "cap_brightness": "1",
               "brightness": "8", "cap_contrast": "", "contrast": "", "tmpl_phone": "yealink.tmpl",
               "cap_screensaver_time_blacklist": "3,5,7,10,1200,2400,3000,3600",
               "cap_date_format_blacklist": "DD MM YY,DD MMM WW,MM DD YYYY,MMM DD WW,YY MM DD",
               "softkey_type_1": "history", "softkey_type_2": "ldap",
               "softkey_type_3": "group_pickup", "softkey_type_4": "menu", "softkey_label_4": ""}),
        ("yealink-T52", {"cap_contrast": "1", "cap_brightness": "", "cap_screensaver_file": ""}),
        ("yealink-T88", {"cap_linekey_count": "84", "cap_expkey_count": "78"}),
    ],
)  # fmt: skip
def test_presets_are_the_strings_of_the_public_api(model, own):
    shipped = shipped_variables(LIBRARY.models[model])
    assert {name: shipped.get(name) for name in own} == own


def test_accounts_are_counted_as_the_hardware_has_them():
    counts = {1: "T19 T30", 2: "T21 T31", 3: "T23 T40", 4: "T33 T34 AX83 AX86", 6: "T27 T41",
              12: "T42 T43 T44 T52 T53 T73",
              16: "T29 T46 T48 T49 T54 T56 T57 T58 VP59 T74 T77 T85 T87 T88"}  # fmt: skip
    wanted = {f"yealink-{m}": n for n, models in counts.items() for m in models.split()}
    assert {model: LIBRARY.models[model].accounts for model in MODELS} == wanted


# Who asks for what


@pytest.mark.parametrize(
    ("user_agent", "model", "version", "mac"),
    [
        ("Yealink SIP-T46G 28.83.0.120 00:15:65:aa:bb:cc", "SIP-T46G", "28.83.0.120", True),
        ("Yealink SIP VP-T49G 51.80.0.100 00:15:65:aa:bb:cc", "SIP VP-T49G", "51.80.0.100", True),
        ("Yealink SIP-T19P_E2 53.84.0.125 001565aabbcc", "SIP-T19P_E2", "53.84.0.125", True),
        ("Yealink AX83H 180.86.0.20 00:15:65:aa:bb:cc", "AX83H", "180.86.0.20", True),
        ("Yealink SIP-T46S 66.84.0.15", "SIP-T46S", "66.84.0.15", False),
        ("Yealink-T46G 28.71.0.81 28.1.0.128.0.0.0", "T46G", "28.71.0.81", False),
        ("yealink SIP-T18 18.0.0.80 00:15:65:aa:bb:cc", "SIP-T18", "18.0.0.80", True),
        ("W52P 25.30.0.2 00:15:65:aa:bb:cc", "W52P", "25.30.0.2", True),
    ],
)
def test_a_phone_says_what_it_is(user_agent, model, version, mac):
    found = identify(user_agent, LIBRARY.user_agents)
    assert (found.vendor, found.model, found.version) == ("yealink", model, version)
    assert found.mac == (MacAddress.parse("001565aabbcc") if mac else None)


@pytest.mark.parametrize("name", ["001565aabb01.cfg", "805E0CAABB01.CFG", "f01653aabb01.cfg"])
def test_a_phone_fetches_its_file_in_any_case(name):
    """Capitals were refused, five of its prefixes unknown (seen in Tancredi)."""
    match = LIBRARY.route(name)
    assert match is not None
    assert (match.rule.vendor, match.rule.role) == ("yealink", "phone")
    assert match.rule.content_type == "text/plain; charset=utf-8"
    assert match.mac == MacAddress.parse(name[:12])


@pytest.mark.parametrize(
    "name", ["001565aabb01.boot", "y000000000000.boot", "y000000000028.cfg", "Y000000000108.cfg"]
)
def test_files_for_all_phones_are_not_answered(name):
    """With 404 for its boot files a phone goes on to its own file (Yealink's guides)."""
    assert LIBRARY.route(name, vendor="yealink") is None
