"""Keys through the API, each with the layer it comes from."""

import pytest

MAC = "00-15-65-AA-BB-01"


def test_a_key_tells_where_it_comes_from_and_what_it_hides(api, phone):
    layout = {
        "name": "Hall",
        "variables": {"linekey_type_20": "blf", "linekey_value_20": "202"},
        "uses": {"models": ["yealink-T46"]},
    }
    assert api.post("/api/v1/layouts", json=layout).status_code == 201
    change = {"variables": {"linekey_label_20": "Door", "expkey_type_61": "dnd"}}
    assert api.patch(phone, json=change, headers={"If-Match": "*"}).status_code == 200

    found = api.get(f"{phone}/keys").json

    assert [len(found[kind]) for kind in ("soft_keys", "line_keys")] == [4, 27]
    assert found["line_keys"][19] == {
        "number": 20,
        "type": "blf",
        "value": "202",
        "label": "Door",
        "person": None,
        "orphan": False,
        "free": False,
        "origin": {"kind": "layout", "id": "Hall"},
        "changed_by": [{"kind": "phone", "id": MAC}],
        "hides": [],
    }
    assert [module["number"] for module in found["expansion_modules"]] == [1, 2, 3]
    first = found["expansion_modules"][1]["keys"][0]
    assert (first["number"], first["type"], first["origin"]["kind"]) == (61, "dnd", "phone")
    last = found["expansion_modules"][2]["keys"][59]
    assert (last["number"], last["free"], last["origin"]) == (180, True, None)


def test_a_key_of_a_user_says_whether_there_is_that_user(api, phone):
    change = {"variables": {"linekey_type_3": "blf", "linekey_person_3": "anna"}}
    assert api.patch(phone, json=change, headers={"If-Match": "*"}).status_code == 200
    key = api.get(f"{phone}/keys").json["line_keys"][2]
    assert (key["person"], key["orphan"], key["free"]) == ("anna", True, True)
    findings = api.get(f"{phone}/lint").json["items"]
    assert [item["code"] for item in findings] == ["orphan_key"]


def test_a_model_has_keys_too(api):
    layout = {
        "name": "Hall",
        "variables": {"linekey_type_20": "dnd"},
        "uses": {"models": ["yealink-T46"]},
    }
    assert api.post("/api/v1/layouts", json=layout).status_code == 201
    key = api.get("/api/v1/models/yealink-T46/keys").json["line_keys"][19]
    assert (key["type"], key["origin"]) == ("dnd", {"kind": "layout", "id": "Hall"})


@pytest.mark.parametrize("path", ["phones/00-15-65-AA-BB-99", "models/yealink-T999"])
def test_what_is_not_there_has_no_keys(api, path):
    assert api.get(f"/api/v1/{path}/keys").status_code == 404
