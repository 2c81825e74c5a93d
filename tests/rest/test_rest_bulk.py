"""Bulk changes through the API: an answer for each phone."""

import pytest

BULK = "/api/v1/phones/bulk"
ONE, TWO = "00-15-65-00-00-01", "00-15-65-00-00-02"
FANVIL = "0C-38-3E-00-00-01"


@pytest.fixture
def fleet(api):
    for mac, model in ((ONE, "yealink-T46"), (TWO, "yealink-T46"), (FANVIL, "fanvil-X4")):
        body = {"mac": mac, "model": model, "location": "Hall", "variables": {"adminpw": "geheim"}}
        assert api.post("/api/v1/phones", json=body).status_code == 201
    return api


def change(api, **body):
    answer = api.post(BULK, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_every_phone_is_answered_for_itself(fleet):
    answer = change(fleet, phones=[ONE, FANVIL, "001565000009", ONE], model="yealink-T48")
    assert (answer["changed"], answer["unchanged"], answer["refused"]) == (1, 0, 2)
    changed, other_vendor, unknown = answer["items"]
    assert changed == {"mac": ONE, "outcome": "changed", "problem": None}
    assert other_vendor["outcome"] == "refused"
    assert other_vendor["problem"]["type"] == "/problems/other-vendor"
    assert other_vendor["problem"]["status"] == 409
    assert "fanvil" in other_vendor["problem"]["detail"]
    assert unknown["problem"]["type"] == "/problems/not-found"
    assert fleet.get(f"/api/v1/phones/{ONE}").json["model"] == "yealink-T48"


def test_all_phones_that_match_a_filter_are_changed(fleet):
    answer = change(
        fleet, filter={"vendor": "yealink"}, variables={"language": "it", "adminpw": None},
        tags_add=["floor 1"],
    )  # fmt: skip
    assert [item["mac"] for item in answer["items"]] == [ONE, TWO]
    seen = fleet.get(f"/api/v1/phones/{TWO}").json
    assert (seen["variables"], seen["tags"]) == ({"language": "it"}, ["floor 1"])
    again = change(fleet, filter={"tag": "floor 1"}, tags_add=["floor 1"])
    assert again["unchanged"] == 2


def test_a_filter_that_nothing_matches_changes_nothing(fleet):
    assert change(fleet, filter={"tag": "none"}, location="x")["items"] == []


def test_a_phone_with_another_etag_is_refused(fleet):
    etags = {mac: fleet.get(f"/api/v1/phones/{mac}").headers["ETag"] for mac in (ONE, TWO)}
    change(fleet, phones=[ONE], location="Cellar")
    answer = change(fleet, phones=[ONE, TWO, FANVIL], location="Attic", etags=etags)
    assert [item["outcome"] for item in answer["items"]] == ["refused", "changed", "changed"]
    assert answer["items"][0]["problem"]["type"] == "/problems/changed-meanwhile"
    assert fleet.get(f"/api/v1/phones/{ONE}").json["location"] == "Cellar"


def test_users_are_unlinked_and_phones_removed(fleet):
    fleet.post("/api/v1/users", json={"name": "ada", "extension": "201"})
    fleet.put(f"/api/v1/phones/{ONE}/link", json={"user": "ada"}, headers={"If-Match": "*"})
    assert change(fleet, phones=[ONE, TWO], user=None)["changed"] == 1
    assert fleet.get("/api/v1/users/ada").json["links"] == []
    assert change(fleet, phones=[ONE, TWO], delete=True)["changed"] == 2
    assert fleet.get("/api/v1/phones").json["total"] == 1


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"location": "x"}, ["#/phones"]),
        ({"phones": [ONE], "filter": {}, "location": "x"}, ["#/phones"]),
        ({"phones": [ONE]}, ["#"]),
        ({"phones": ["x"], "location": "a\nb"}, ["#/phones/0", "#/location"]),
        ({"phones": [ONE], "user": "ada"}, ["#/user"]),
        ({"phones": [ONE], "delete": True, "location": "x"}, ["#/delete"]),
        ({"phones": [ONE], "tags_add": ["a"], "tags_remove": ["a"]}, ["#/tags_add"]),
        ({"phones": [ONE], "layout_add": "a", "layout_remove": "a"}, ["#/layout_add"]),
        ({"phones": [ONE], "variables": {"language": "xx", "brightness": "99"}},
         ["#/variables/language", "#/variables/brightness"]),
        ({"phones": [ONE], "variables": {"adminpw": "********"}}, ["#/variables/adminpw"]),
    ],
)  # fmt: skip
def test_a_mistake_of_the_request_is_told_at_once_and_changes_nothing(fleet, body, pointers):
    answer = fleet.post(BULK, json=body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert fleet.get(f"/api/v1/phones/{ONE}").json["location"] == "Hall"


def test_no_answer_tells_a_secret(fleet):
    answer = fleet.post(BULK, json={"phones": [ONE, FANVIL], "variables": {"adminpw": "other-one"}})
    assert "other-one" not in answer.text
    assert "geheim" not in answer.text


def test_a_model_that_there_is_not_is_not_found(fleet):
    assert fleet.post(BULK, json={"phones": [ONE], "model": "acme-1"}).status_code == 404
