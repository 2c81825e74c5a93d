"""What the linter tells, and that it tells nothing else."""

import time

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import lint, models, phones, users
from provisioning.services.errors import NotFound
from provisioning.services.findings import Finding
from provisioning.store import device_requests

MAC = MacAddress.parse("00-15-65-AA-BB-01")
ACCOUNT = {
    "account_extension_1": "201",
    "account_username_1": "201",
    "account_password_1": "sip-secret",
    "account_display_name_1": "Anna",
}


@pytest.fixture
def found(site):
    """What the linter tells of a phone with a model and settings of its own."""

    def look(model, variables):
        phones.create(site, MAC, model=model, variables=variables, by="tests")
        return lint.lint_phone(site, MAC)

    return look


def heard(user_agent_parts):
    vendor, model, firmware = user_agent_parts
    event = {
        "at": 1.0, "phone": str(MAC), "access": "tok2", "address": "192.0.2.1", "user_agent": "",
        "vendor": vendor, "model": model, "firmware": firmware, "method": "GET", "file": "f",
        "status": 200, "outcome": "served", "reason": None,
    }  # fmt: skip
    device_requests.write([event])


def told(findings):
    return {(finding.code, finding.setting) for finding in findings}


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("yealink-T46", "logo_text", "Example"),
        ("yealink-T46", "contrast", "4"),
        ("yealink-T19", "brightness", "7"),
        ("snom-D785", "userpw", "123456"),
        ("snom-D785", "logo_text", "Example"),
        ("sangoma-S500", "call_waiting_off", "*71"),
        ("sangoma-S500", "call_waiting_on", "*70"),
        ("akuvox-WP480", "logo_text", "Example"),
        ("gigaset-Maxwell3", "contrast", "4"),
        ("fanvil-X4", "brightness", "7"),
        ("nethesis-NPX3", "brightness", "7"),
        ("yealink-T46", "a_setting_of_nobody", "7"),
        ("yealink-T46", "mac", "001565aabb02"),
    ],
)
def test_a_setting_that_the_template_does_not_read_has_no_effect(found, model, name, value):
    assert told(found(model, {**ACCOUNT, name: value})) == {("no_effect", name)}


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("yealink-T46", "brightness", "8"),  # as the model presets it
        ("yealink-T46", "language", "en"),  # as the defaults have it
        ("yealink-T46", "account_dtmf_type_2", "sip_info"),
        ("yealink-T46", "outbound_proxy_3", "192.0.2.7"),
        ("yealink-T46", "lcd_logo_url", "http://www.example.org/logo.dob"),
        ("yealink-T46", "hostname", "pbx2.example.org"),
        ("yealink-T46", "ui_first_config", "1"),
        ("snom-D785", "tonezone", "it"),
        ("fanvil-X4", "logo_text", "Example"),
        ("nethesis-NPX5", "nethesis_sidepages_count", "2"),
        ("gigaset-P825", "brightness", "3"),
        ("sangoma-S500", "pound", "1"),
        ("akuvox-WP480", "ntp_server", "192.0.2.9"),
    ],
)
def test_a_setting_with_an_effect_is_not_told(found, model, name, value):
    assert found(model, {name: value}) == []


def test_what_hangs_on_an_account_is_read_before_the_phone_has_one(found):
    """The admin sets a proxy first; the account comes when the phone is given to a user."""
    assert found("yealink-T46", {"outbound_proxy_1": "192.0.2.7"}) == []


def test_an_account_that_the_model_lacks_is_told_once(found):
    account = {"account_username_3": "203", "account_password_3": "x", "account_dnd_allow_3": "1"}
    assert found("fanvil-X3", account) == [
        Finding("no_effect", "account_username_3", "203", "the model has 2 accounts")
    ]


def test_the_proxy_of_an_account_that_the_model_lacks_is_told_with_the_number(found):
    [finding] = found("fanvil-X3", {"outbound_proxy_3": "192.0.2.7"})
    assert finding == Finding(
        "no_effect", "outbound_proxy_3", "192.0.2.7", "the model has 2 accounts"
    )


def test_an_empty_setting_is_never_told(found):
    assert found("yealink-T46", {"logo_text": "", "contrast": "", "linekey_type_99": ""}) == []


def test_the_value_of_a_secret_without_effect_stays_hidden(found):
    [finding] = found("snom-D785", {"userpw": "geheim1"})
    assert (finding.code, finding.value) == ("no_effect", "********")


@pytest.mark.parametrize(
    ("model", "prefix", "number", "count"),
    [
        ("yealink-T23", "linekey", 4, 3),
        ("yealink-T19", "softkey", 5, 4),
        ("snom-D785", "linekey", 25, 24),
        ("fanvil-X3", "linekey", 3, 2),
        ("nethesis-NPX210", "linekey", 107, 106),
        ("sangoma-S300", "linekey", 1, 0),
        ("gigaset-P825", "linekey", 29, 28),
        ("akuvox-SPR50P", "linekey", 2, 1),
        ("yealink-T46", "expkey", 181, 180),
        ("nethesis-NPX5", "expkey", 1, 0),
    ],
)
def test_a_key_that_the_model_lacks_is_told_once(found, model, prefix, number, count):
    key = {"value": "202", "label": "Hall", "type": "speed_dial"}
    findings = found(model, {f"{prefix}_{member}_{number}": v for member, v in key.items()})
    assert [(f.code, f.setting, f.value) for f in findings] == [
        ("no_such_key", f"{prefix}_type_{number}", "speed_dial")
    ]
    assert str(count) in findings[0].detail


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("snom-D785", "linekey_type_3", "direct_pickup"),  # listed by the model
        ("snom-D785", "expkey_type_3", "voice_mail"),
        ("gigaset-Maxwell3", "linekey_type_1", "transfer"),
        ("gigaset-Maxwell3", "softkey_type_1", "history"),
        ("sangoma-S500", "linekey_type_3", "phone_lock"),  # the template has no word for it
        ("akuvox-WP480", "linekey_type_3", "conference"),
        ("yealink-T46", "linekey_type_3", "mute"),
        ("snom-D785", "linekey_type_3", "xml_browser"),  # another vendor's word
        ("yealink-T46", "linekey_type_3", "perpetuum_mobile"),  # nobody's
    ],
)
def test_a_key_type_that_the_model_lacks_is_told_alone(found, model, name, value):
    of_key = {name.replace("type", "value"): "202", name.replace("type", "label"): "Hall"}
    assert told(found(model, {**of_key, name: value})) == {("key_type_unsupported", name)}


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("yealink-T46", "linekey_type_3", "dnd"),
        ("yealink-T46", "linekey_type_3", "disabled"),
        ("yealink-T46", "softkey_type_1", "history"),
        ("snom-D785", "linekey_type_3", "mute"),
        ("fanvil-X4", "linekey_type_3", "dnd"),  # needs a feature code that the PBX brings
        ("fanvil-X4", "softkey_type_1", "speed_dial"),  # needs a value
        ("nethesis-NPX5", "linekey_type_3", "queuetoggle"),
        ("gigaset-P825", "expkey_type_3", "blf"),
        ("sangoma-S500", "linekey_type_3", "record"),
        ("akuvox-WP480", "linekey_type_3", "line"),
    ],
)
def test_a_key_type_that_the_model_has_is_not_told(found, model, name, value):
    assert found(model, {name: value}) == []


def test_a_label_that_the_phone_cannot_show_is_told(found):
    """Only the first four soft keys of a Yealink have one."""
    keys = {f"softkey_{m}_{n}": "x" for n in (4, 5) for m in ("value", "label")}
    types = {f"softkey_type_{n}": "speed_dial" for n in (4, 5)}
    findings = found("yealink-T46", {**keys, **types, "cap_softkey_count": "6"})
    assert told(findings) == {("no_effect", "softkey_label_5")}


def test_a_value_left_over_on_a_key_that_takes_none_is_harmless(found):
    key = {"linekey_type_3": "queuetoggle", "linekey_value_3": "202", "linekey_label_3": "Queue"}
    assert found("yealink-T46", key) == []


ANNA = {"linekey_type_3": "blf", "linekey_person_3": "anna"}


def test_a_key_of_a_person_is_as_good_as_a_typed_one(found):
    """No template reads the reference; what it fills in is read."""
    users.create(users.NewUser("anna", "Anna", "201"), by="tests")
    assert found("yealink-T46", ANNA) == []


@pytest.mark.parametrize("model", ["yealink-T46", "snom-D785", "fanvil-X4", "sangoma-S500"])
def test_a_key_whose_person_is_gone_is_told_alone(found, model):
    assert found(model, {**ANNA, "linekey_label_3": "Boss"}) == [
        Finding("orphan_key", "linekey_person_3", "anna", "there is no such user: the key is free")
    ]


def test_an_orphan_says_nothing_of_other_keys_of_its_type(found):
    findings = found("yealink-T46", {**ANNA, "linekey_type_4": "blf", "linekey_value_4": "202"})
    assert told(findings) == {("orphan_key", "linekey_person_3")}


def test_a_key_of_a_person_that_the_model_lacks_is_told_once(found):
    settings = {"linekey_type_28": "blf", "linekey_person_28": "nobody"}
    assert told(found("yealink-T46", settings)) == {("no_such_key", "linekey_type_28")}


def test_a_reference_of_the_model_that_the_phone_hides_is_no_orphan(site, found):
    models.change(site, "yealink-T46", variables=ANNA, by="tests")
    own = {"linekey_type_3": "blf", "linekey_value_3": "202", "linekey_label_3": "Berta"}
    assert found("yealink-T46", own) == []


def test_an_orphan_of_a_model_is_told_of_the_model(site):
    models.change(site, "yealink-T46", variables=ANNA, by="tests")
    assert told(lint.lint_model(site, "yealink-T46")) == {("orphan_key", "linekey_person_3")}


@pytest.mark.parametrize(
    ("model", "name", "file"),
    [
        ("yealink-T46", "background_file", "hall.png"),
        ("snom-D785", "ringtone_file", "ring.wav"),
        ("fanvil-X4", "firmware_file", "x4.z"),
        ("gigaset-P825", "firmware_file", "p825.bin"),
        ("nethesis-NPX5", "firmware_file", "npx5.z"),
    ],
)
def test_a_file_that_does_not_exist_is_told_until_it_is_uploaded(site, found, model, name, file):
    findings = found(model, {name: file})
    assert [(f.code, f.setting, f.value) for f in findings] == [("no_such_file", name, file)]
    folder = site.collection(site.catalogue.find(name).collection)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(b"x")
    assert lint.lint_phone(site, MAC) == []


def test_a_value_that_cannot_be_used_is_told_with_what_is_used(found):
    findings = found("yealink-T46", {"vlan_id_phone": "5000", "brightness": "12"})
    assert sorted((f.setting, f.value, f.detail) for f in findings) == [
        ("brightness", "12", "'9' is used in its place"),
        ("vlan_id_phone", "5000", "nothing is used in its place"),
    ]
    assert {f.code for f in findings} == {"not_usable"}


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("yealink-T46", "date_format", "YY MM DD"),
        ("yealink-T46", "backlight_time", "7"),
        ("nethesis-NPX5", "ringtone", "-1"),
    ],
)
def test_a_value_that_the_model_does_not_have_is_told(found, model, name, value):
    [finding] = found(model, {name: value})
    assert (finding.code, finding.setting, finding.value) == ("not_usable", name, value)


def test_a_template_that_does_not_exist_is_told(found):
    [finding] = found("yealink-T46", {"tmpl_phone": "gone.tmpl"})
    assert (finding.code, finding.setting, finding.value) == (
        "cannot_serve", "tmpl_phone", "gone.tmpl",
    )  # fmt: skip


def test_a_missing_template_of_the_firmware_hides_nothing_else(found):
    findings = found("nethesis-NPX5", {"tmpl_firmware": "gone.tmpl", "linekey_type_99": "blf"})
    assert told(findings) == {("cannot_serve", "tmpl_firmware"), ("no_such_key", "linekey_type_99")}


def test_a_phone_that_nothing_is_known_of_cannot_be_served(site):
    mac = MacAddress.parse("02-00-00-00-00-01")
    phones.create(site, mac, by="tests")
    assert told(lint.lint_phone(site, mac)) == {("cannot_serve", "")}


def test_a_site_template_may_read_any_setting(site, found):
    folder = site.own_vendors / "yealink"
    folder.mkdir(parents=True)
    (folder / "ours.j2").write_text("{{ variables.get('reception') }}\n")
    site.refresh()
    site._load()
    settings = {"tmpl_phone": "yealink/ours.j2", "reception": "201", "logo_text": "Example"}
    assert told(found("yealink-T46", settings)) == {("no_effect", "logo_text")}


@pytest.mark.parametrize(
    ("said", "code", "value"),
    [
        (("yealink", "SIP-T48S", "66.86.0.15"), "other_model", "SIP-T48S (Yealink T48G/S/U)"),
        (("fanvil", "X4", "2.4.1"), "other_vendor", "fanvil"),
        (("yealink", "SIP-T46S", "66.84.0.15"), "firmware_too_old", "66.84.0.15"),
    ],
)
def test_what_the_phone_says_of_itself_is_told_too(site, found, said, code, value):
    found("yealink-T46", {})
    heard(said)
    [finding] = lint.lint_phone(site, MAC)
    assert (finding.code, finding.setting, finding.value) == (code, "", value)


def test_a_phone_without_a_model_has_no_mismatch(site, found):
    found("", {})
    heard(("yealink", "SIP-T48S", "66.84.0.15"))
    assert lint.lint_phone(site, MAC) == []


def test_a_phone_whose_model_nobody_made_is_held_against_its_vendor(site, found):
    found("yealink-T999", {})
    heard(("snom", "D785", "10.1"))
    assert told(lint.lint_phone(site, MAC)) == {("other_vendor", "")}


def test_no_shipped_model_has_anything_to_tell(site):
    assert {m: f for m in site.library.models if (f := lint.lint_model(site, m))} == {}


def test_a_model_is_looked_through_for_what_the_site_changes(site):
    changes = {"logo_text": "Example", "brightness": "3", "account_dtmf_type_1": "inband"}
    models.change(site, "yealink-T46", variables=changes, by="tests")
    assert told(lint.lint_model(site, "yealink-T46")) == {("no_effect", "logo_text")}


def test_what_the_model_changes_is_told_of_its_phones_too(site, found):
    models.change(site, "yealink-T46", variables={"logo_text": "Example"}, by="tests")
    assert told(found("yealink-T46", {})) == {("no_effect", "logo_text")}


def test_everything_is_looked_through_models_first(site, found):
    models.change(site, "yealink-T46", variables={"logo_text": "Example"}, by="tests")
    found("yealink-T46", {})
    assert [(name, len(findings)) for name, findings in lint.lint_all(site)] == [
        ("yealink-T46", 1), (str(MAC), 1),
    ]  # fmt: skip


def test_only_what_exists_can_be_looked_through(site):
    with pytest.raises(NotFound):
        lint.lint_phone(site, MAC)
    with pytest.raises(NotFound):
        lint.lint_model(site, "yealink-T999")


def test_a_phone_with_all_its_keys_is_looked_through_in_a_moment(site, found):
    """27 line keys and 20 settings of its own, none of which the template reads."""
    types = ["blf", "speed_dial", "dnd", "forward", "line", "prefix", "record", "url", "dtmf"]
    keys = {f"linekey_type_{n}": types[n % len(types)] for n in range(1, 28)}
    keys |= {f"linekey_value_{n}": f"2{n:02d}" for n in range(1, 28)}
    keys |= {f"linekey_label_{n}": f"Key {n}" for n in range(1, 28)}
    others = {f"nobody_reads_{n}": "x" for n in range(20)}
    found("yealink-T46", {**ACCOUNT, **keys, **others})
    lint.lint_phone(site, MAC)  # compiles the template
    begun = time.process_time()
    findings = lint.lint_phone(site, MAC)
    took = time.process_time() - begun
    assert len(findings) == 20
    assert took < 0.3
