"""Models of Tancredi's API: shipped ones to the letter, copies, changes, what is taken back."""

import pytest

from provisioning.store import scopes as stored
from provisioning.store.database import configuration_change

T46 = "/models/yealink-T46"
MAC = "00-15-65-AA-BB-01"

YEALINK_COMMON = {
    "cap_contrast": "", "contrast": "", "cap_brightness": "1", "brightness": "8",
    "cap_screensaver_time_blacklist": "3,5,7,10,1200,2400,3000,3600", "screensaver_time": "600",
    "cap_backlight_time_blacklist": "3,5,7,10,1200,2400,3000,3600", "backlight_time": "0",
    "cap_ldap_tls_blacklist": "", "provisioning_url_filename": "", "tmpl_phone": "yealink.tmpl",
    "cap_linekey_type_blacklist": "", "cap_softkey_count": "4", "cap_softkey_type_blacklist": "",
    "cap_expkey_type_blacklist": "", "cap_ringtone_count": "10", "cap_ringtone_blacklist": "",
    "cap_dss_transfer_blacklist": "", "cap_expmodule_count": "3",
    "cap_date_format_blacklist": "DD MM YY,DD MMM WW,MM DD YYYY,MMM DD WW,YY MM DD",
    "softkey_type_1": "history", "softkey_value_1": "", "softkey_label_1": "",
    "softkey_type_2": "ldap", "softkey_value_2": "", "softkey_label_2": "",
    "softkey_type_3": "group_pickup", "softkey_value_3": "", "softkey_label_3": "",
    "softkey_type_4": "menu", "softkey_value_4": "", "softkey_label_4": "",
    "linekey_type_1": "line", "linekey_value_1": "", "linekey_label_1": "",
    "linekey_type_2": "line", "linekey_value_2": "", "linekey_label_2": "",
}  # fmt: skip
SHIPPED = {
    "yealink-T46": (
        "Yealink T46G/S/U",
        {
            **YEALINK_COMMON,
            "cap_screensaver_file": "1",
            "cap_background_file": "1",
            "cap_linekey_count": "27",
            "cap_expkey_count": "60",
        },
    ),
    "yealink-AX83": (
        "Yealink AX83H",
        {
            **{
                name: value
                for name, value in YEALINK_COMMON.items()
                if not name.startswith(("linekey_", "softkey_")) or name[-1] in "12"
                if not name.startswith("linekey_")
            },
            "cap_contrast": "1", "contrast": "6", "cap_brightness": "", "brightness": "",
            "cap_screensaver_file": "", "cap_background_file": "", "backlight_time": "30",
            "cap_linekey_count": "0", "cap_softkey_count": "2", "cap_expkey_count": "0",
            "cap_expmodule_count": "0",
        },
    ),
    # The name and the soft keys are slips of Tancredi's, which clients have seen for years.
    "snom-D335": (
        "Snom D385",
        {
            "screensaver_time": "",
            "cap_screensaver_time_blacklist": (
                "0,3,5,7,10,15,30,60,120,300,600,1200,1800,2400,3000,3600"
            ),
            "cap_backlight_time_blacklist": "", "cap_contrast": "", "cap_screensaver_file": "",
            "cap_background_file": "1", "backlight_time": "32",
            "cap_ldap_tls_blacklist": "starttls", "provisioning_url_filename": "{mac}.xml",
            "tmpl_phone": "snom.tmpl", "tmpl_firmware": "snom-firmware.tmpl",
            "cap_linekey_count": "48",
            "cap_linekey_type_blacklist": (
                "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail"
            ),
            "cap_softkey_count": "4", "cap_softkey_type_blacklist": "", "cap_expkey_count": "18",
            "cap_expkey_type_blacklist": (
                "direct_pickup,hold,ldap,phone_lock,prefix,recall,voice_mail"
            ),
            "cap_expmodule_count": "3", "cap_ringtone_count": "10", "cap_ringtone_blacklist": "",
            "cap_dss_transfer_blacklist": "verify",
            "cap_date_format_blacklist": (
                "DD MM YYYY,DD MMM WW,DD MMM YY,DD MMM YYYY,WWW DD MMM,WWW MMM DD,MM DD YYYY,"
                "MMM DD WW,YY MM DD,YYYY MM DD"
            ),
            "linekey_type_1": "line", "linekey_type_2": "line", "softkey_type_1": "history",
            "softkey_type_2": "menu", "softkey_type_3": "forward", "softkey_type_4": "status",
            "ldap_number_filter": "(|(telephoneNumber=%*)(mobile=%*)(homePhone=%*))",
            "ldap_name_filter": "(|(cn=%*)(o=%*))",
        },
    ),
}  # fmt: skip


# Shipped models


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_answered_as_tancredi_ships_it(api, name):
    display_name, variables = SHIPPED[name]
    document = api.document(f"/models/{name}")
    assert list(document) == ["name", "display_name", "variables", "model_url"]
    assert document == {
        "name": name,
        "display_name": display_name,
        "variables": variables,
        "model_url": f"/tancredi/api/v1/models/{name}",
    }
    assert api.document(f"/models/{name}/version/original") == document


def test_the_list_has_the_shipped_models_in_byte_order(api):
    listed = api.document("/models")
    assert list(listed[0]) == ["name", "display_name", "model_url"]
    names = [found["name"] for found in listed]
    assert names == sorted(names)
    assert set(SHIPPED) < set(names)
    assert {name.partition("-")[0] for name in names} == set(api.document("/macvendors").values())
    by_name = {found["name"]: found for found in listed}
    assert by_name["snom-D335"]["display_name"] == "Snom D385"
    assert by_name["snom-D335"]["model_url"] == "/tancredi/api/v1/models/snom-D335"


def test_inherit_shows_the_defaults_below_a_model(api):
    api.call("PATCH", "/defaults", {"language": "it"})
    merged = api.variables(f"{T46}?inherit=1")
    assert merged == {**api.document("/defaults"), **SHIPPED["yealink-T46"][1]}
    assert merged["language"] == "it"
    assert api.variables(f"{T46}/version/original?inherit=1") == merged


@pytest.mark.parametrize("name", ["x", "defaults", MAC, "..", "yealink-T46 ", "yealink-t46", "%00"])
def test_what_is_no_model_is_not_found(api, not_found, name):
    phone = api.create_phone(model="yealink-T46")
    not_found(api.call("GET", f"/models/{name}"))
    not_found(api.call("GET", f"/models/{name}/version/original"))
    not_found(api.call("PATCH", f"/models/{name}", {"name": "x", "variables": {}}))
    not_found(api.call("DELETE", f"/models/{name}"))
    assert api.document(f"/phones/{MAC}") == phone


# Used models


def listed(api, query=""):
    return [found["name"] for found in api.document(f"/models{query}")]


@pytest.mark.parametrize(
    "query", ["filter[used]", "filter[used]=", "filter[used]=0", "filter%5Bused%5D=1"]
)
def test_the_filter_keeps_models_that_phones_have(api, query):
    assert listed(api, f"?{query}") == []
    api.send("POST", "/models", {"name": "yealink-T46-reception"})
    api.create_phone(MAC, model="yealink-T46-reception")
    api.create_phone("00-15-65-AA-BB-02", model="snom-D735")
    api.create_phone("00-15-65-AA-BB-03", model="snom-D735")
    api.create_phone("00-15-65-AA-BB-04", model="acme-Unknown")
    assert listed(api, f"?{query}") == ["snom-D735", "yealink-T46-reception"]


@pytest.mark.parametrize(
    "query", ["filter=used", "filter", "filter[other]=1", "used=1", "filter[]"]
)
def test_other_filters_are_ignored(api, query):
    assert len(listed(api, f"?{query}")) == len(listed(api)) > 100


# Creation


def test_a_new_model_is_answered_with_its_whole_document(api):
    answer = api.call(
        "POST",
        "/models",
        {
            "name": "acme-M.1_x",
            "display_name": "Caffè / 1",
            "variables": {"b": 5, "a": "", "c": None},
        },
    )
    assert answer.status == "201 CREATED"
    assert answer.headers["Location"] == "/tancredi/api/v1/models/acme-M.1_x"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.data.decode() == (
        '{"name":"acme-M.1_x","display_name":"Caffè / 1","variables":{"b":"5","a":""},'
        '"model_url":"/tancredi/api/v1/models/acme-M.1_x"}'
    )
    assert api.call("GET", "/models/acme-M.1_x").data == answer.data


def test_a_model_needs_nothing_but_its_name(api):
    answer = api.call("POST", "/models", {"name": "M"})
    assert answer.data == (
        b'{"name":"M","display_name":"","variables":{},"model_url":"/tancredi/api/v1/models/M"}'
    )


def test_a_model_of_an_unknown_vendor_is_usable_but_not_listed(api):
    before = listed(api)
    for name in ("acme-M", "yealink", "yealink-Z", "akuvox-A"):
        api.send("POST", "/models", {"name": name})
    assert listed(api) == [*before, "akuvox-A", "yealink", "yealink-Z"]
    assert api.document("/models/acme-M")["name"] == "acme-M"


@pytest.mark.parametrize("document", [{}, {"name": None}, {"name": ""}, {"display_name": "x"}])
def test_a_model_without_a_name_is_refused(api, refused, document):
    refused(api.call("POST", "/models", document), 400, "malformed-data", "Missing model name")


@pytest.mark.parametrize(
    "name",
    ["a b", "a/b", "../a", "..\\a", "a\n", "\n", "é", 'a"b', "a'b", "a[metadata]", "a;b", "${HOME}",
     "{{7*7}}", "<a>", "a=b", "a%2fb", "x" * 129],
)  # fmt: skip
def test_a_name_with_other_characters_is_refused(api, refused, name):
    before = listed(api)
    answer = api.call("POST", "/models", {"name": name, "variables": {}})
    refused(answer, 400, "malformed-data", "Illegal character(s) in model name")
    assert listed(api) == before


@pytest.mark.parametrize("name", ["yealink-T46", "acme-M", "defaults", MAC])
def test_a_name_that_is_taken_is_refused(api, refused, name):
    api.create_phone(MAC)
    api.send("POST", "/models", {"name": "acme-M", "display_name": "Old"})
    answer = api.call("POST", "/models", {"name": name, "variables": {"a": "1"}})
    # Tancredi's index says #model-exists; this is what it sends.
    refused(answer, 409, "phone-exists", "The model name is already registered")
    assert api.document("/models/acme-M")["display_name"] == "Old"


# Copies


def copy(api, source="yealink-T46", suffix="reception"):
    """What the wizard does."""
    original = api.document(f"/models/{source}")
    return api.send(
        "POST",
        "/models",
        {
            "name": f"{source}-{suffix}",
            "display_name": f"{original['display_name']} - {suffix}",
            "variables": original["variables"],
        },
    )


def test_a_copy_shows_everything_and_stores_only_what_differs(api):
    copied = copy(api)
    assert copied["display_name"] == "Yealink T46G/S/U - reception"
    assert copied["variables"] == SHIPPED["yealink-T46"][1]
    row = stored.find_model("yealink-T46-reception")
    assert (row.base, row.differences) == ("yealink-T46", {})
    api.send("PATCH", "/models/yealink-T46-reception", {"variables": {"language": "de"}})
    row = stored.find_model("yealink-T46-reception")
    assert row.differences == {"language": "de"}


@pytest.mark.parametrize("name", ["snom-D335", "snom-D712", "yealink-AX83"])
def test_a_copy_of_a_model_that_ours_corrects_stays_to_the_letter(api, name):
    assert copy(api, name)["variables"] == api.variables(f"/models/{name}")
    assert stored.find_model(f"{name}-reception").differences == {}


def test_a_copy_is_a_snapshot_of_the_sites_changes(api):
    api.send("PATCH", T46, {"variables": {"language": "de", "softkey_type_1": None}})
    copied = copy(api)
    api.send("PATCH", T46, {"variables": {"language": "fr", "softkey_type_1": "dnd", "x": "1"}})
    assert api.document("/models/yealink-T46-reception") == copied
    assert copied["variables"]["language"] == "de"
    assert "softkey_type_1" not in copied["variables"]
    api.call("DELETE", T46)
    assert api.document("/models/yealink-T46-reception") == copied


def test_a_copy_without_a_setting_of_its_source_lacks_it(api):
    own = {"language": "de", "softkey_type_1": "history"}
    model = {"name": "yealink-T46-short", "variables": own}
    assert api.send("POST", "/models", model)["variables"] == own
    api.create_phone(MAC, model="yealink-T46-short")
    merged = api.variables(f"/phones/{MAC}?inherit=1")
    assert merged["tmpl_phone"] == "fallback.tmpl"
    assert "softkey_type_2" not in merged


# Changes


def test_name_and_settings_are_changed(api):
    before = api.document(T46)
    patch = {"backlight_time": 60, "new": "1", "contrast": None}
    after = api.send("PATCH", T46, {"display_name": "Ours", "variables": patch})
    variables = {**before["variables"], "backlight_time": "60", "new": "1"}
    del variables["contrast"]
    assert after == {**before, "display_name": "Ours", "variables": variables}
    assert api.document(T46) == after
    assert api.document(f"{T46}/version/original") == before


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({"display_name": "New"}, "New"),
        ({"display_name": None}, ""),
        ({"display_name": ""}, ""),
        ({"variables": {}}, "Yealink T46G/S/U"),
    ],
)
def test_either_member_may_be_changed_alone(api, change, shown):
    before = api.document(T46)
    assert api.send("PATCH", T46, change) == {**before, "display_name": shown}
    assert api.document(T46) == {**before, "display_name": shown}
    by_name = {found["name"]: found["display_name"] for found in api.document("/models")}
    assert by_name["yealink-T46"] == shown


def test_the_name_of_a_model_is_read_only(api, refused):
    before = api.document(T46)
    change = {"name": "yealink-T46", "display_name": "New", "variables": {"a": "1"}}
    answer = api.call("PATCH", T46, change)
    assert refused(answer, 403, "read-only-attribute", "Cannot change a read-only attribute") == ""
    assert api.document(T46) == before


@pytest.mark.parametrize("change", [{}, {"model_url": "x"}, {"other": 1}])
def test_a_change_of_nothing_is_a_bare_400(api, is_bare, change):
    is_bare(api.call("PATCH", T46, change), 400)
    is_bare(api.call("PATCH", T46), 400)


def test_unset_in_a_model_lets_the_defaults_through(api):
    api.send("PATCH", T46, {"variables": {"backlight_time": None, "screensaver_time": ""}})
    api.create_phone(MAC, model="yealink-T46")
    merged = api.variables(f"/phones/{MAC}?inherit=1")
    assert (merged["backlight_time"], merged["screensaver_time"]) == ("30", "")
    assert "backlight_time" not in api.variables(T46)


def test_a_value_set_back_is_no_longer_a_difference(api):
    api.send("PATCH", T46, {"variables": {"backlight_time": "60", "contrast": None}})
    api.send("PATCH", T46, {"variables": {"backlight_time": "0", "contrast": ""}})
    assert stored.find_model("yealink-T46").differences == {}


def test_the_wizards_reset_brings_the_shipped_settings_back(api):
    patch = {"language": "de", "softkey_type_1": "dnd", "contrast": None}
    api.send("PATCH", T46, {"variables": patch})
    shipped = api.variables(f"{T46}/version/original")
    reset = {name: shipped.get(name) or None for name in {**api.variables(T46), **shipped}}
    after = api.send("PATCH", T46, {"display_name": "yealink-T46", "variables": reset})
    # The wizard sends null for what the shipped model leaves empty.
    assert after["variables"] == {name: value for name, value in shipped.items() if value}


# Deletion


def test_a_shipped_model_is_taken_back_by_deleting_it(api, is_bare):
    before = api.call("GET", T46).data
    is_bare(api.call("DELETE", T46), 204)
    api.send("PATCH", T46, {"display_name": "Ours", "variables": {"language": "de"}})
    is_bare(api.call("DELETE", T46), 204)
    assert api.call("GET", T46).data == before
    assert stored.find_model("yealink-T46") is None


def test_a_model_of_the_site_is_gone_when_deleted(api, not_found, is_bare):
    copy(api)
    is_bare(api.call("DELETE", "/models/yealink-T46-reception"), 204)
    not_found(api.call("GET", "/models/yealink-T46-reception"))
    not_found(api.call("DELETE", "/models/yealink-T46-reception"))
    assert "yealink-T46-reception" not in listed(api)


def test_the_original_of_a_model_that_is_not_shipped_is_not_found(api, not_found):
    copy(api)
    not_found(api.call("GET", "/models/yealink-T46-reception/version/original"))


@pytest.mark.parametrize("name", ["yealink-T46", "yealink-T46-reception"])
def test_a_model_that_a_phone_has_cannot_be_deleted(api, refused, name):
    copy(api)
    api.send("PATCH", T46, {"variables": {"language": "de"}})
    api.create_phone(MAC, model=name)
    before = api.document(f"/models/{name}")
    refused(
        api.call("DELETE", f"/models/{name}"),
        409,
        "resource-in-use",
        "The resource is in use by other resources and cannot be deleted",
    )
    assert api.document(f"/models/{name}") == before
    api.send("PATCH", f"/phones/{MAC}", {"model": None})
    assert api.call("DELETE", f"/models/{name}").status_code == 204


def test_a_model_whose_base_is_no_longer_shipped_still_answers(api):
    with configuration_change():
        stored.save_model("acme-Old-2", base="acme-Old", display_name="Old", differences={"a": "1"})
    assert api.variables("/models/acme-Old-2") == {"a": "1"}
    assert api.send("PATCH", "/models/acme-Old-2", {"variables": {"b": "2"}})["variables"] == {
        "a": "1",
        "b": "2",
    }


def test_changes_of_a_model_that_is_no_longer_shipped_still_answer(api):
    with configuration_change():
        stored.save_model("acme-Old", base="acme-Old", display_name=None, differences={"a": None})
    assert api.document("/models/acme-Old")["variables"] == {}
    assert api.call("DELETE", "/models/acme-Old").status_code == 204
