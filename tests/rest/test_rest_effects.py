"""What a change would do, through the API: checked like the change, without effect."""

import pytest

PATH = "/api/v1/effects"
MAC = "00-15-65-AA-BB-01"
MODELS = "/api/v1/models"


def told(api, query="", **draft):
    answer = api.post(f"{PATH}{query}", json=draft)
    assert answer.status_code == 200, answer.text
    return answer.json


def refused(api, **draft):
    """The status of a refusal, and the pointers of what is wrong."""
    answer = api.post(PATH, json=draft)
    return answer.status_code, {error.get("pointer") for error in answer.json.get("errors", ())}


def change(api, path, body):
    answer = api.patch(path, json=body, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def test_a_change_of_a_default_tells_counts_reasons_and_what_changes(api, phone):
    found = told(api, defaults={"variables": {"language": "it", "logo_text": "Example"}})
    assert found["counts"] == {
        "touched": 1,
        "fails": 0,
        "hidden": 0,
        "ignored": 0,
        "same": 0,
        "reboot": 0,
    }
    assert (found["total"], found["page"], found["page_size"]) == (1, 1, 20)
    [item] = found["items"]
    assert (item["mac"], item["verdict"], item["display_name"]) == (MAC, "changes", "Reception")
    assert "+lang.gui = Italian\n" in item["diff"]
    assert not item["diff_cut"]
    language, logo = item["settings"]
    assert (language["name"], language["before"], language["after"]) == ("language", "en", "it")
    assert (language["verdict"], language["reason"], language["origin"]) == ("changes", None, None)
    assert (logo["verdict"], logo["code"]) == ("ignored", "no_effect")
    [by_language, by_logo] = found["settings"]
    assert (by_language["changes"], by_language["causes"]) == (1, [])
    [cause] = by_logo["causes"]
    assert (cause["phones"], cause["code"], cause["kind"]) == (1, "no_effect", None)


def test_a_hidden_change_tells_the_layer_that_hides_it(api, phone):
    change(api, phone, {"variables": {"language": "de"}})
    found = told(api, model={"id": "yealink-T46", "variables": {"language": "it"}})
    assert (found["counts"]["hidden"], found["counts"]["touched"]) == (1, 0)
    [item] = found["items"]
    assert (item["diff"], item["settings"][0]["origin"]) == (None, {"kind": "phone", "id": MAC})
    [cause] = found["settings"][0]["causes"]
    assert (cause["kind"], cause["id"], cause["phones"]) == ("phone", None, 1)


def test_a_layout_that_is_not_there_yet_is_told_before_it_is_made(api, phone):
    draft = {
        "name": "Hall",
        "new": True,
        "variables": {"linekey_type_3": "blf", "linekey_value_3": "202"},
        "uses": {"phones": ["001565aabb01"]},
    }
    [item] = told(api, layout=draft)["items"]
    assert "+linekey.3.value = 202\n" in item["diff"]
    assert api.get("/api/v1/layouts/Hall").status_code == 404


def test_a_phone_is_told_what_another_model_and_tag_would_bring(api, phone):
    layout = {
        "name": "Hall",
        "variables": {"linekey_type_1": "dnd"},
        "uses": {"tags": ["hall"]},
    }
    assert api.post("/api/v1/layouts", json=layout).status_code == 201
    draft = {"mac": "00:15:65:aa:bb:01", "model": "yealink-T48", "tags": ["hall"]}
    [item] = told(api, phone=draft)["items"]
    assert item["model"] == "yealink-T48"
    assert "+linekey.1.type = 5\n" in item["diff"]


def test_a_vlan_says_that_phones_restart(api, phone):
    found = told(api, "?reboot=true", defaults={"variables": {"vlan_id_phone": 12}})
    assert (found["counts"]["reboot"], found["total"]) == (1, 1)
    assert found["items"][0]["reboot"]
    assert told(api, "?reboot=false", defaults={"variables": {"vlan_id_phone": 12}})["items"] == []


def test_phones_of_a_verdict_are_shown_a_page_at_a_time(api, phone):
    for n in range(2, 6):
        body = {"mac": f"00:15:65:aa:bb:0{n}", "model": "yealink-T46"}
        assert api.post("/api/v1/phones", json=body).status_code == 201
    draft = {"defaults": {"variables": {"language": "it"}}}
    found = told(api, "?verdict=changes&page=2&page_size=2", **draft)
    assert found["total"] == 5
    assert [item["mac"][-2:] for item in found["items"]] == ["03", "04"]
    assert told(api, "?verdict=hidden", **draft)["items"] == []


def test_secrets_are_masked_wherever_they_are_told(api, phone, secret):
    found = api.post(
        PATH, json={"phone": {"mac": MAC, "variables": {"account_password_1": "another-secret"}}}
    )
    assert found.status_code == 200
    [item] = found.json["items"]
    assert item["verdict"] == "changes"
    assert {item["settings"][0][side] for side in ("before", "after")} == {"********"}
    secrets = api.get(f"{phone}/secrets").json
    for hidden in ("another-secret", secret, secrets["tok1"], secrets["tok2"]):
        assert hidden not in found.text


def test_a_mask_that_is_sent_back_changes_nothing(api, phone):
    draft = {"mac": MAC, "variables": {"account_password_1": "********"}}
    assert told(api, phone=draft)["total"] == 0


def test_nothing_is_changed_and_no_version_is_asked_for(api, phone):
    before = [api.get(path).headers["ETag"] for path in (phone, f"{MODELS}/yealink-T46")]
    changes = api.get("/api/v1/history").json["total"]
    for draft in (
        {"defaults": {"variables": {"language": "it"}}},
        {"model": {"id": "yealink-T46", "variables": {"language": "it"}}},
        {"layout": {"name": "New", "new": True}},
        {"phone": {"mac": MAC, "variables": {"language": "it"}}},
    ):
        told(api, **draft)
    assert [api.get(path).headers["ETag"] for path in (phone, f"{MODELS}/yealink-T46")] == before
    assert api.get("/api/v1/history").json["total"] == changes


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({}, "#"),
        ({"defaults": {"variables": {}}, "phone": {"mac": MAC}}, "#"),
        ({"defaults": {}}, "#/defaults/variables"),
        (
            {"defaults": {"variables": {"vlan_id_phone": "ten"}}},
            "#/defaults/variables/vlan_id_phone",
        ),
        (
            {"model": {"id": "yealink-T46", "variables": {"contrast": []}}},
            "#/model/variables/contrast",
        ),
        ({"phone": {"mac": MAC, "variables": {"language": "xx"}}}, "#/phone/variables/language"),
        ({"phone": {"mac": MAC, "tags": ["a\u0022"]}}, "#/phone/tags"),
        ({"phone": {"mac": "nonsense"}}, "#/phone/mac"),
        ({"phone": {"mac": MAC, "location": "Hall"}}, "#/phone/location"),
        ({"layout": {"name": "!", "new": True}}, "#/layout/name"),
        (
            {"layout": {"name": "L", "new": True, "variables": {"language": "it"}}},
            "#/layout/variables/language",
        ),
        ({"layout": {"name": "L", "new": True, "uses": {"phones": ["x"]}}}, "#/layout/uses/phones"),
        (
            {
                "layout": {
                    "name": "L",
                    "new": True,
                    "fills": [{"kind": "linekey", "first": 3, "last": 1, "group": "g"}],
                }
            },
            "#/layout/fills",
        ),
    ],
)
def test_what_the_change_would_be_refused_for_is_refused_with_its_place(api, phone, draft, pointer):
    assert refused(api, **draft) == (422, {pointer})


def test_all_wrong_settings_are_told_at_once(api, phone):
    draft = {"variables": {"language": "xx", "vlan_id_phone": "ten"}}
    pointers = {"#/defaults/variables/language", "#/defaults/variables/vlan_id_phone"}
    assert refused(api, defaults=draft) == (422, pointers)


@pytest.mark.parametrize(
    "draft",
    [
        {"model": {"id": "yealink-T999", "variables": {}}},
        {"layout": {"name": "Nowhere"}},
        {"layout": {"name": "L", "new": True, "uses": {"models": ["yealink-T999"]}}},
        {"layout": {"name": "L", "new": True, "uses": {"phones": ["00-15-65-00-00-99"]}}},
        {"phone": {"mac": "00-15-65-00-00-99"}},
    ],
)
def test_what_is_not_there_cannot_be_changed(api, phone, draft):
    assert api.post(PATH, json=draft).status_code == 404


def test_a_new_layout_cannot_take_the_name_of_another(api):
    assert api.post("/api/v1/layouts", json={"name": "Hall"}).status_code == 201
    assert api.post(PATH, json={"layout": {"name": "Hall", "new": True}}).status_code == 409
