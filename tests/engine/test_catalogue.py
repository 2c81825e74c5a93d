"""The catalogue as clients meet it, and what its file is refused for."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine.catalogue import (
    Catalogue,
    CatalogueFileError,
    FieldError,
    Parameter,
    ValueNotAllowed,
    VariablesRefused,
    stored_form,
)

FILE = Path(__file__).parents[2] / "templates" / "parameters.yaml"
CATALOGUE = Catalogue.load(FILE)

# The variables of Tancredi 1.9, without suffix _N; softkey_value stands there a second time,
# without index, because two templates read it by mistake.
PLAIN = """
    mac short_mac model display_name tok1 tok2 model_url provisioning_url1 provisioning_url2
    provisioning_complete provisioning_user_agent
    tmpl_phone tmpl_firmware tmpl_firmware_v2 tmpl_variables
    hostname provisioning_url_scheme provisioning_url_path provisioning_url_filename
    provisioning_freq provisioning_protocol pnp_enable
    sip_tls_port sip_udp_port
    cfalwayson cfalwaysoff cfbusyon cfbusyoff cftimeouton cftimeoutoff cftimeout dndon dndoff
    dndtoggle call_waiting_on call_waiting_off pickup_direct pickup_group queuetoggle
    timezone tonezone language ntp_server date_format time_format call_waiting_tone dss_transfer
    adminpw userpw
    vlan_id_phone vlan_id_pcport
    ldap_server ldap_port ldap_tls ldap_user ldap_password ldap_base ldap_name_display
    ldap_name_attr ldap_mainphone_number_attr ldap_mobilephone_number_attr
    ldap_otherphone_number_attr ldap_number_filter ldap_name_filter ldap_number_attr
    ringtone ringtone_file background_file screensaver_file firmware_file backlight_time
    screensaver_time brightness contrast logo_text lcd_logo_mode lcd_logo_url wallpaper
    cap_linekey_count cap_softkey_count cap_expkey_count cap_expmodule_count cap_dsskey_count
    cap_ringtone_count cap_linekey_type_blacklist cap_softkey_type_blacklist
    cap_expkey_type_blacklist cap_ringtone_blacklist cap_date_format_blacklist
    cap_dss_transfer_blacklist cap_ldap_tls_blacklist cap_backlight_time_blacklist
    cap_screensaver_time_blacklist cap_background_file cap_screensaver_file cap_contrast
    cap_brightness fanvil_sidekey_count nethesis_sidekey_count fanvil_sidepages_count
    nethesis_sidepages_count fanvil_lkpages_count nethesis_lkpages_count
    auto_redial call_waiting pound yealink_blf_active_backlight
    ui_first_config
"""
COUNTED = {
    "account": """
        account_extension account_username account_password account_display_name
        account_encryption account_dtmf_type account_voicemail account_dnd_allow account_fwd_allow
        account_dnd_enable account_call_waiting account_always_fwd_target account_busy_fwd_target
        account_timeout_fwd_target account_cftimeout outbound_proxy outbound_proxy_port
        outbound_proxy2 outbound_proxy2_port
    """,
    "soft_key": "softkey_type softkey_value softkey_label softkey_person",
    "line_key": "linekey_type linekey_value linekey_label linekey_person",
    "expansion_key": "expkey_type expkey_value expkey_label expkey_person",
    "dss_key": "dsskey_type dsskey_value dsskey_label",
    "handset": """
        handset_name handset_hac handset_incoming_lines handset_dialout_line handset_default_line
        name
    """,
}

# The defaults that Tancredi 1.9 ships.
DEFAULTS = [
    ("cap_ldap_tls_blacklist", "starttls"),
    ("tmpl_phone", "fallback.tmpl"),
    ("provisioning_url_scheme", "https"),
    ("provisioning_url_filename", ""),
    ("provisioning_freq", "everyday"),
    ("sip_tls_port", "5061"),
    ("sip_udp_port", "5060"),
    ("ringtone", "1"),
    ("timezone", "UTC"),
    ("tonezone", "us"),
    ("language", "en"),
    ("ntp_server", "pool.ntp.org"),
    ("call_waiting_tone", "1"),
    ("date_format", "DD MM YY"),
    ("time_format", "24"),
    ("dss_transfer", "attended"),
    ("ldap_server", ""),
    ("ldap_port", "389"),
    ("ldap_tls", "none"),
    ("ldap_user", ""),
    ("ldap_password", ""),
    ("ldap_base", "dc=phonebook"),
    ("ldap_name_display", "%cn %o"),
    ("ldap_mainphone_number_attr", "telephoneNumber"),
    ("ldap_mobilephone_number_attr", "mobile"),
    ("ldap_otherphone_number_attr", "homePhone"),
    ("ldap_name_attr", "cn o"),
    ("ldap_number_filter", "(|(telephoneNumber=%)(mobile=%)(homePhone=%))"),
    ("ldap_name_filter", "(|(cn=%)(o=%))"),
    ("vlan_id_phone", ""),
    ("vlan_id_pcport", ""),
    ("cap_ringtone_count", "1"),
    ("cap_ringtone_blacklist", "-1,0"),
    ("background_file", ""),
    ("screensaver_file", ""),
    ("cap_background_file", ""),
    ("cap_screensaver_file", ""),
    ("screensaver_time", "600"),
    ("backlight_time", "30"),
    ("cap_brightness", ""),
    ("cap_contrast", ""),
    ("brightness", "5"),
    ("contrast", "5"),
    ("cap_screensaver_time_blacklist", ""),
    ("cap_backlight_time_blacklist", ""),
]

# Settings that Tancredi does not have.
OURS = {"http_command_source"}

KEY_VALUES = {  # 4.2 and 4.3
    "softkey_type": {
        "required": {"forward", "pick_up", "speed_dial", "prefix"},
        "optional": set(),
        "none": {"dnd", "recall", "group_pickup", "history", "menu", "status", "ldap"},
    },
    "linekey_type": {
        "required": {
            "blf", "direct_pickup", "dtmf", "forward", "multicast_paging", "prefix", "speed_dial",
            "url",
        },
        "optional": {"transfer"},
        "none": {
            "conference", "dnd", "group_pickup", "hold", "ldap", "line", "mute", "phone_lock",
            "queuetoggle", "recall", "record", "voice_mail",
        },
    },
}  # fmt: skip


def setting(name: str) -> Parameter:
    found = CATALOGUE.find(name)
    assert found is not None, name
    return found


def refusals(variables: dict[str, object]) -> dict[str, FieldError]:
    with pytest.raises(VariablesRefused) as refused:
        CATALOGUE.check(variables)
    return {error.name: error for error in refused.value.errors}


class TestContent:
    def test_every_setting_without_index_is_there(self):
        found = {p.name for p in CATALOGUE.parameters.values() if not p.index}
        assert found == set(PLAIN.split()) | OURS

    @pytest.mark.parametrize("index", COUNTED)
    def test_every_counted_setting_is_there(self, index):
        found = {p.name for p in CATALOGUE.parameters.values() if p.index == index}
        assert found == set(COUNTED[index].split())

    def test_the_defaults_are_those_shipped_in_their_order(self):
        assert list(CATALOGUE.defaults.items()) == DEFAULTS

    def test_every_setting_has_a_label_and_a_help_in_both_languages(self):
        for parameter in CATALOGUE.parameters.values():
            for text in (parameter.label, parameter.help):
                assert text.en.strip(), parameter.name
                assert text.it.strip(), parameter.name

    def test_no_help_is_left_untranslated(self):
        choices = [c for p in CATALOGUE.parameters.values() for c in p.values]
        helps = [p.help for p in CATALOGUE.parameters.values()] + [c.help for c in choices]
        assert [h.en for h in helps if h and h.en == h.it] == []

    def test_every_key_type_is_explained_in_both_languages(self):
        for name in ("softkey_type_1", "linekey_type_1", "expkey_type_1"):
            for choice in setting(name).values:
                assert choice.help, choice.value
                assert choice.label.en
                assert choice.label.it

    @pytest.mark.parametrize("name", KEY_VALUES)
    def test_key_types_say_whether_they_need_a_value(self, name):
        found = {"required": set(), "optional": set(), "none": set()}
        for choice in setting(f"{name}_1").values:
            found[choice.key_value].add(choice.value)
        assert found == KEY_VALUES[name]

    def test_expansion_keys_have_the_types_of_line_keys(self):
        assert setting("expkey_type_1").values == setting("linekey_type_1").values

    def test_every_category_has_settings(self):
        used = {parameter.category for parameter in CATALOGUE.parameters.values()}
        assert used == set(CATALOGUE.categories)

    def test_labels_of_a_category_tell_its_settings_apart(self):
        for category in CATALOGUE.categories:
            settings = [p for p in CATALOGUE.parameters.values() if p.category == category]
            assert len({p.label.en for p in settings}) == len(settings), category
            assert len({p.label.it for p in settings}) == len(settings), category

    @pytest.mark.parametrize(
        ("name", "writer"),
        [
            ("language", "admin"),
            ("cfalwayson", "pbx"),
            ("account_password_1", "pbx"),
            ("account_dnd_enable_1", "runtime"),
            ("provisioning_complete", "runtime"),
            ("cap_linekey_count", "model"),
            ("tmpl_phone", "model"),
        ],
    )
    def test_the_writer_of_a_setting_is_known(self, name, writer):
        assert setting(name).writer == writer


class TestFind:
    def test_a_counted_setting_is_found_under_every_number(self):
        assert setting("linekey_type_1") is setting("linekey_type_116")
        assert setting("linekey_type_12").name == "linekey_type"
        assert setting("outbound_proxy2_port_1").name == "outbound_proxy2_port"

    @pytest.mark.parametrize(
        "name",
        ["linekey_type", "linekey_type_0", "linekey_type_01", "linekey_type_", "linekey_type_-1",
         "linekey_type_1_2", "linekey_type_²", "linekey_type_1\n", "language_1", "unheard_of", ""],
    )  # fmt: skip
    def test_what_is_not_a_public_name_is_not_found(self, name):
        assert CATALOGUE.find(name) is None


class TestSecrets:
    @pytest.mark.parametrize(
        "name",
        ["account_password_1", "adminpw", "userpw", "ldap_password", "tok1", "tok2",
         "provisioning_url1", "provisioning_url2", "account_password_x", "wifi_Password",
         "my_secret", "guestPW"],
    )  # fmt: skip
    def test_what_opens_a_door_is_secret(self, name):
        assert CATALOGUE.is_secret(name)

    @pytest.mark.parametrize("name", ["language", "account_username_1", "site_note"])
    def test_the_rest_is_not(self, name):
        assert not CATALOGUE.is_secret(name)

    def test_a_refused_secret_is_not_repeated(self):
        with pytest.raises(ValueNotAllowed) as refused:
            setting("adminpw").check("grüße")
        assert "grüße" not in str(refused.value)
        assert refused.value.value == ""


GOOD = [
    ("vlan_id_phone", "4094", "4094"),
    ("vlan_id_phone", " 007 ", "7"),
    ("ringtone", "-1", "-1"),
    ("backlight_time", "20", "20"),  # preset of Akuvox, not among the choices
    ("backlight_time", "32", "32"),  # preset of the D335
    ("call_waiting_tone", "1", "1"),
    ("call_waiting_tone", "0", ""),
    ("linekey_type_1", "mute", "mute"),  # preset of the D305 and D315
    ("linekey_type_1", "call_park", "call_park"),  # Yealink only
    ("softkey_type_4", "group_pickup", "group_pickup"),
    ("tonezone", "gb", "gb"),
    ("language", "no", "no"),
    ("timezone", "Europe/Rome", "Europe/Rome"),
    ("timezone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("hostname", "pbx.example.org", "pbx.example.org"),
    ("hostname", "192.0.2.1", "192.0.2.1"),
    ("hostname", "2001:db8::1", "2001:db8::1"),
    ("background_file", "Logo_(2).bmp", "Logo_(2).bmp"),
    ("tmpl_phone", "snomD8XX.tmpl", "snomD8XX.tmpl"),
    ("provisioning_url_filename", "%25MACD.xml", "%25MACD.xml"),
    ("provisioning_url_filename", "{mac}.xml", "{mac}.xml"),
    ("lcd_logo_url", "http://192.0.2.1/logo.dob", "http://192.0.2.1/logo.dob"),
    ("ldap_number_filter", "(|(cn=%*)(o=%*))", "(|(cn=%*)(o=%*))"),
    ("cap_linekey_type_blacklist", "hold, ldap,,hold ", "hold,ldap"),
    ("cap_date_format_blacklist", "DD MM YY,DD MMM WW", "DD MM YY,DD MMM WW"),
    ("cap_linekey_count", "27 ", "27"),
    ("adminpw", "s3cret!/#", "s3cret!/#"),
    ("account_display_name_1", "Zoë <201>", "Zoë <201>"),
]  # fmt: skip

BAD = [
    ("vlan_id_phone", "ten"),
    ("vlan_id_phone", "4095"),
    ("vlan_id_phone", "-1"),
    ("vlan_id_phone", "1.0"),
    ("vlan_id_phone", "٣"),  # a digit, but not one a phone knows
    ("vlan_id_phone", "9" * 5000),
    ("sip_tls_port", "0"),
    ("brightness", "10"),
    ("call_waiting_tone", "yes"),
    ("linekey_type_1", "BLF"),
    ("softkey_type_1", "blf"),
    ("time_format", "AM"),
    ("timezone", "Europe/Atlantis"),
    ("timezone", "../../etc/passwd"),
    ("hostname", "pbx.example.org/x"),
    ("hostname", "999.0.2.1"),
    ("hostname", "-pbx"),
    ("hostname", "pbx..example.org"),
    ("hostname", "pbx.example.org\n"),
    ("hostname", "fe80::1%eth0"),
    ("hostname", "a" * 64),
    ("background_file", ".hidden"),
    ("background_file", "../passwd"),
    ("background_file", "a b.bmp"),
    ("tmpl_phone", "../fallback.tmpl"),
    ("lcd_logo_url", "javascript:alert(1)"),
    ("ldap_name_filter", "cn=%"),
    ("cap_ldap_tls_blacklist", "starttls,ssl"),
    ("adminpw", "admin:1234"),
    ("adminpw", "two words"),
    ("adminpw", "x" * 33),
    ("account_display_name_1", "Ada\naccount.2.enable = 1"),
    ("account_display_name_1", "Ada\u2028x"),
]


class TestValues:
    @pytest.mark.parametrize(("name", "value", "stored"), GOOD)
    def test_a_good_value_is_stored(self, name, value, stored):
        assert CATALOGUE.check({name: value}) == {name: stored}

    @pytest.mark.parametrize(("name", "value"), BAD)
    def test_a_bad_value_is_refused_with_what_is_allowed(self, name, value):
        error = refusals({name: value})[name]
        assert error.detail.endswith(".")
        assert error.allowed.endswith(", or empty")

    def test_every_setting_may_be_explicitly_none(self):
        for parameter in CATALOGUE.parameters.values():
            assert parameter.check("") == ""

    def test_a_refusal_reads_as_a_sentence(self):
        error = refusals({"vlan_id_pcport": "ten"})["vlan_id_pcport"]
        assert error.detail == '"ten" is not a whole number.'
        assert error.allowed == "0 to 4094, or empty"

    def test_phones_restart_for_vlans_and_firmware_and_for_nothing_else(self):
        found = {p.name for p in CATALOGUE.parameters.values() if p.reboot}
        assert found == {"vlan_id_phone", "vlan_id_pcport", "firmware_file"}

    def test_an_integer_says_its_range_and_unit(self):
        backlight = setting("backlight_time")
        assert (backlight.minimum, backlight.maximum, backlight.unit) == (0, 3600, "s")
        assert [choice.value for choice in backlight.values][:4] == ["0", "3", "5", "7"]

    @given(st.sampled_from(list(CATALOGUE.parameters.values())), st.text(max_size=40))
    def test_checking_any_text_stores_it_or_refuses_it(self, parameter, text):
        with suppress(ValueNotAllowed):
            stored = parameter.check(text)
            assert parameter.check(stored) == stored

    @given(st.sampled_from([p for p in CATALOGUE.parameters.values() if p.words]), st.data())
    def test_every_listed_value_is_stored_as_it_is(self, parameter, data):
        words = data.draw(st.lists(st.sampled_from(parameter.words), min_size=1, unique=True))
        if parameter.type == "list":
            assert parameter.check(" , ".join(words)) == ",".join(words)
        else:
            assert [parameter.check(word) for word in words] == words


CLIENT_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)
NAMES = st.text() | st.sampled_from(
    [*PLAIN.split(), "linekey_type_1", "account_password_2", "site_x"]
)


class TestClientValues:
    @pytest.mark.parametrize("convert", [CATALOGUE.check, stored_form])
    def test_json_becomes_text(self, convert):
        sent = {"a": "abc", "b": 5, "c": 1.5, "d": True, "e": False, "f": "", "g": None, "h": 1e21}
        assert convert(sent) == {
            "a": "abc",
            "b": "5",
            "c": "1.5",
            "d": "1",
            "e": "",
            "f": "",
            "g": None,
            "h": "1000000000000000000000",
        }

    def test_a_known_setting_takes_json_types_too(self):
        sent = {
            "brightness": 7,
            "call_waiting_tone": True,
            "vlan_id_phone": None,
            "sip_tls_port": 5061.0,
        }
        stored = {"brightness": "7", "call_waiting_tone": "1", "vlan_id_phone": None}
        assert CATALOGUE.check(sent) == {**stored, "sip_tls_port": "5061"}  # fmt: skip

    @pytest.mark.parametrize("convert", [CATALOGUE.check, stored_form])
    @pytest.mark.parametrize(
        "value",
        [["a"], {"k": "v"}, "\0", "\ud800", "x" * 8193, float("nan"), float("inf"), 10**400],
    )
    def test_what_cannot_be_stored_is_refused_for_any_name(self, convert, value):
        with pytest.raises(VariablesRefused):
            convert({"site_note": value})

    @pytest.mark.parametrize("convert", [CATALOGUE.check, stored_form])
    @pytest.mark.parametrize(
        "name",
        ["", "1", "-a", "a b", "a;b", "a[x]", "a\n", "a=b", "${x}", "ä", "null", "No", "OFF",
         "true", "x" * 129, "\ud800"],
    )  # fmt: skip
    def test_a_name_that_breaks_files_is_refused(self, convert, name):
        """Such a name took a phone and the whole list of phones down (seen in Tancredi)."""
        for value in ("x", None):
            with pytest.raises(VariablesRefused) as refused:
                convert({name: value})
            assert refused.value.errors[0].name.encode() is not None

    def test_a_name_nobody_knows_may_hold_any_text(self):
        sent = {"site_note": "two\nlines", "_x.y-z": "${HOME}", "x" * 128: "x" * 8192}
        assert CATALOGUE.check(sent) == sent

    def test_the_lenient_form_takes_any_text_for_any_setting(self):
        sent = {"vlan_id_phone": "ten", "linekey_type_1": "unheard_of", "brightness": " 5 "}
        assert stored_form(sent) == sent

    def test_every_wrong_field_is_named_at_once(self):
        found = refusals({"vlan_id_phone": "ten", "language": "en", "brightness": 12, "a b": "x"})
        assert list(found) == ["vlan_id_phone", "brightness", "a b"]

    @given(st.dictionaries(NAMES, CLIENT_VALUES, max_size=4))
    def test_any_object_is_stored_or_refused(self, variables):
        for convert in (CATALOGUE.check, stored_form):
            with suppress(VariablesRefused):
                stored = convert(variables)
                assert convert(stored) == stored
                assert list(stored) == list(variables)

    @given(st.dictionaries(NAMES, st.text() | st.just("\ud800"), min_size=1, max_size=4))
    def test_a_refusal_can_always_be_sent(self, variables):
        try:
            CATALOGUE.check(variables)
        except VariablesRefused as refused:
            errors = refused.errors
        else:
            return
        for error in errors:
            assert f"{error.name} {error.detail} {error.allowed}".encode()


ENTRY = {
    "type": "text",
    "category": "sip",
    "label": "{en: Label, it: Etichetta}",
    "help": "{en: Help, it: Aiuto}",
}


def catalogue_of(tmp_path: Path, **members: str | None) -> Catalogue:
    """Load a catalogue with the one setting ``sample``, its members changed or (None) left out."""
    lines = [f"    {name}: {value}" for name, value in {**ENTRY, **members}.items() if value]
    return load(tmp_path, "\n".join(["  sample:", *lines]))


def load(tmp_path: Path, parameters: str) -> Catalogue:
    file = tmp_path / "parameters.yaml"
    categories = "categories: {sip: {label: {en: SIP, it: SIP}}}\n"
    file.write_text(f"{categories}parameters:\n{parameters}\n", encoding="utf-8")
    return Catalogue.load(file)


class TestFile:
    def test_the_sample_is_accepted(self, tmp_path):
        assert catalogue_of(tmp_path).find("sample") is not None

    @pytest.mark.parametrize(
        ("members", "told"),
        [
            ({"lable": "x"}, "unknown member lable"),
            ({"type": "number"}, "type: 'number' is not one of text"),
            ({"type": None}, "type: None is not one of"),
            ({"category": "sib"}, "category: 'sib' is not one of sip"),
            ({"index": "line"}, "index: 'line' is not one of"),
            ({"writer": "me"}, "writer: 'me' is not one of"),
            ({"label": "{en: Label}"}, "label: the text in it is missing"),
            ({"help": None}, "help: the text in en is missing"),
            ({"help": "{en: One, two, it: Uno}"}, "help: only en and it"),
            ({"type": "integer", "range": "[0, 9]", "default": '"10"'}, 'default: "10" is out of'),
            ({"type": "integer", "default": '" 5"'}, "default: it would be stored as '5'"),
            ({"type": "integer", "default": "5"}, "default: 5 is not text; quote it"),
            ({"type": "integer", "range": "[9, 0]"}, "range: the first number is the greater"),
            ({"type": "integer", "range": "[0]"}, "range: two whole numbers"),
            ({"type": "integer", "range": "[0, 5]", "values": "[9]"}, 'value 9: "9" is out of'),
            ({"type": "choice"}, "the type choice needs values"),
            ({"type": "choice", "values": "[on]"}, "YAML reads a value as True; quote it"),
            ({"type": "choice", "values": "other"}, "other is not a setting with values"),
            ({"type": "choice", "values": "{a: {label: {en: A}}}"}, "label: the text in it"),
            ({"type": "choice", "values": "{a: {label: {en: A, it: A}, value: maybe}}"},
             "value a: value: 'maybe' is not one of required"),
            ({"type": "file"}, "the type file needs collection"),
            ({"type": "boolean", "pattern": "x"}, "pattern is not for the type boolean"),
            ({"pattern": "x"}, "pattern and allowed"),
            ({"pattern": '"["', "allowed": "{en: A, it: A}"}, "pattern: "),
            ({"secret": '"yes"'}, "secret: true or false"),
            ({"reboot": '"yes"'}, "reboot: true or false"),
            ({"index": "account", "default": "x"}, "default is for settings without index"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_told_with_file_line_and_entry(self, tmp_path, members, told):
        with pytest.raises(CatalogueFileError, match=re.escape(told)) as error:
            catalogue_of(tmp_path, **members)
        assert str(error.value).startswith("parameters.yaml:3: sample: ")

    def test_a_setting_that_stands_there_twice_is_a_mistake(self, tmp_path):
        entry = "{type: text, category: sip, label: {en: L, it: E}, help: {en: H, it: A}}"
        with pytest.raises(CatalogueFileError, match="yaml:4: a: stands there twice"):
            load(tmp_path, f"  a: {entry}\n  a: {entry}")

    def test_all_mistakes_are_told_at_once(self, tmp_path):
        with pytest.raises(CatalogueFileError) as error:
            load(tmp_path, "  a: {type: text}\n  b: {type: number}\n  yes: {}")
        assert len(error.value.mistakes) == 3

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", "parameters: {a: ", "{categories: {}, parameters: []}", "a: {}"]
    )
    def test_what_is_no_catalogue_is_refused(self, tmp_path, text):
        file = tmp_path / "parameters.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(CatalogueFileError):
            Catalogue.load(file)
