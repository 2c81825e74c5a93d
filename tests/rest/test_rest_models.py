"""Models, defaults, catalogue and vendors through the API."""

MODELS = "/api/v1/models"
T46 = f"{MODELS}/yealink-T46"
OWN = f"{MODELS}/yealink-T46-reception"


def change(api, path, body):
    return api.patch(path, json=body, headers={"If-Match": api.get(path).headers["ETag"]})


def made(api, **differences):
    body = {"id": "yealink-T46-reception", "display_name": "T46 reception", "base": "yealink-T46"}
    return api.post(MODELS, json={**body, **differences})


def test_a_shipped_model_tells_what_the_hardware_can_do(api, phone):
    found = api.get(T46).json
    assert found["vendor"] == "yealink"
    assert found["shipped"] is True
    assert found["base"] == "yealink-T46"
    assert found["phones"] == 1
    assert found["differences"] == {}
    capabilities = found["capabilities"]
    assert capabilities["line_keys"] == 27
    assert capabilities["expansion_modules"] == 3
    assert capabilities["background_file"] is True
    assert "DD MM YY" in capabilities["not_offered"]["date_format"]


def test_all_models_are_listed_without_their_settings(api, phone):
    found = {item["id"]: item for item in api.get(MODELS).json["items"]}
    assert found["yealink-T46"]["phones"] == 1
    assert "variables" not in found["yealink-T46"]


def test_a_model_of_the_site_keeps_only_what_it_changes(api):
    answer = made(api, variables={"brightness": 3, "contrast": None})
    assert answer.status_code == 201
    assert answer.headers["Location"] == OWN
    assert answer.json["differences"] == {"brightness": "3", "contrast": None}
    assert answer.json["shipped"] is False
    assert answer.json["variables"]["brightness"] == "3"
    assert "contrast" not in answer.json["variables"]
    assert answer.json["capabilities"]["line_keys"] == 27
    assert made(api).status_code == 409


def test_null_returns_to_the_base(api):
    made(api, variables={"brightness": 3})
    answer = change(api, OWN, {"variables": {"brightness": None}})
    assert answer.json["differences"] == {}
    assert answer.json["variables"]["brightness"] == api.get(T46).json["variables"]["brightness"]


def test_a_changed_shipped_model_can_be_compared_with_what_was_shipped(api):
    change(api, T46, {"variables": {"brightness": "3"}, "display_name": "Ours"})
    assert api.get(T46).json["changes"] == 1
    shipped = api.get(f"{T46}/shipped").json
    assert shipped["variables"]["brightness"] == "8"
    assert shipped["display_name"] != "Ours"
    made(api)
    assert api.get(f"{OWN}/shipped").status_code == 404


def test_deleting_a_shipped_model_takes_back_the_changes_only(api):
    change(api, T46, {"variables": {"brightness": "3"}})
    headers = {"If-Match": api.get(T46).headers["ETag"]}
    assert api.delete(T46, headers=headers).status_code == 204
    assert api.get(T46).json["changes"] == 0


def test_a_model_in_use_is_not_deleted(api, phone):
    answer = api.delete(T46, headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/in-use"


def test_a_change_of_an_old_version_of_a_model_is_refused(api):
    old = {"If-Match": api.get(T46).headers["ETag"]}
    assert api.patch(T46, json={"display_name": "One"}, headers=old).status_code == 200
    assert api.patch(T46, json={"display_name": "Two"}, headers=old).status_code == 412
    assert api.delete(T46, headers=old).status_code == 412
    assert api.patch(T46, json={"display_name": "Two"}).status_code == 428


def test_a_base_that_is_not_shipped_is_a_wrong_field(api):
    answer = made(api, base="yealink-T999")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/base"


def test_a_name_that_cannot_be_an_id_is_a_wrong_field(api):
    answer = made(api, id="yealink/T46")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/id"
    assert "letters" in answer.json["errors"][0]["allowed"]


def test_the_defaults_change_under_their_version(api):
    path = "/api/v1/defaults"
    old = api.get(path)
    answer = change(api, path, {"variables": {"language": "it", "ntp_server": ""}})
    assert answer.json["variables"]["language"] == "it"
    assert answer.json["variables"]["ntp_server"] == ""
    body = {"variables": {"language": "de"}}
    stale = api.patch(path, json=body, headers={"If-Match": old.headers["ETag"]})
    assert stale.status_code == 412
    assert api.patch(path, json=body).status_code == 428


def test_a_mask_leaves_the_password_of_the_defaults(api):
    before = api.get("/api/v1/defaults/secrets").json
    shown = api.get("/api/v1/defaults").json
    assert shown["variables"]["adminpw"] == "********"
    assert change(api, "/api/v1/defaults", shown).status_code == 200
    assert api.get("/api/v1/defaults/secrets").json == before


def test_the_catalogue_has_what_a_form_needs_in_both_languages(api):
    found = {item["name"]: item for item in api.get("/api/v1/parameters").json["items"]}
    assert found["vlan_id_phone"]["maximum"] == 4094
    assert found["adminpw"]["secret"] is True
    assert [name for name, item in found.items() if item["reboot"]] == [
        "firmware_file",
        "vlan_id_phone",
        "vlan_id_pcport",
    ]
    assert found["linekey_type"]["index"] == "line_key"
    for item in found.values():
        assert item["label"]["en"]
        assert item["label"]["it"]


def test_the_catalogue_can_be_asked_for_one_category(api):
    categories = [item["id"] for item in api.get("/api/v1/parameters/categories").json["items"]]
    assert "ldap" in categories
    found = api.get("/api/v1/parameters?category=ldap").json["items"]
    assert found
    assert {item["category"] for item in found} == {"ldap"}


def test_a_vendor_tells_how_its_phones_are_recognised(api):
    found = api.get("/api/v1/vendors/yealink").json
    assert "001565" in found["prefixes"]
    assert found["models"] > 10
    assert found["dhcp"]["options"] == [66]
    assert found in api.get("/api/v1/vendors").json["items"]
    assert api.get("/api/v1/vendors/nobody").status_code == 404
