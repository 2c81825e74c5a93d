"""The linter and the warnings through the API."""

import pytest

from provisioning.store import device_requests

MODEL = "/api/v1/models/yealink-T46"


def heard(model="SIP-T48S", firmware="66.84.0.15"):
    event = {
        "at": 1.0, "phone": "00-15-65-AA-BB-01", "access": "tok2", "address": "192.0.2.1",
        "user_agent": "", "vendor": "yealink", "model": model, "firmware": firmware,
        "method": "GET", "file": "001565aabb01.cfg", "status": 200, "outcome": "served",
        "reason": None,
    }  # fmt: skip
    device_requests.write([event])


def change(api, path, variables):
    answer = api.patch(path, json={"variables": variables}, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


def test_a_phone_with_nothing_to_tell_has_no_findings(api, phone):
    assert api.get(f"{phone}/lint").json == {"items": []}


def test_a_phone_tells_what_will_not_work(api, phone):
    change(api, phone, {"linekey_type_28": "blf", "background_file": "hall.png"})
    heard()
    found = {(i["code"], i["setting"], i["value"]) for i in api.get(f"{phone}/lint").json["items"]}
    assert found == {
        ("no_such_key", "linekey_type_28", "blf"),
        ("no_such_file", "background_file", "hall.png"),
        ("other_model", "", "SIP-T48S (Yealink T48G/S/U)"),
        ("firmware_too_old", "", "66.84.0.15"),
    }


def test_a_secret_is_masked_in_a_finding(api, phone):
    change(api, phone, {"a_password_of_nobody": "geheim"})
    answer = api.get(f"{phone}/lint")
    assert [item["value"] for item in answer.json["items"]] == ["********"]
    assert "geheim" not in answer.text


def test_a_model_tells_what_will_not_work(api):
    change(api, MODEL, {"logo_text": "Example"})
    [item] = api.get(f"{MODEL}/lint").json["items"]
    assert (item["code"], item["setting"]) == ("no_effect", "logo_text")
    assert "does not read it" in item["detail"]


@pytest.mark.parametrize("path", ["phones/00-15-65-AA-BB-99", "models/yealink-T999"])
def test_what_is_not_there_has_no_findings(api, path):
    assert api.get(f"/api/v1/{path}/lint").status_code == 404


def test_a_phone_is_shown_with_its_warnings(api, phone):
    assert api.get(phone).json["warnings"] == []
    heard()
    assert api.get(phone).json["warnings"] == [
        {
            "code": "other_model",
            "found": "SIP-T48S (Yealink T48G/S/U)",
            "expected": "SIP-T46G, SIP-T46S, SIP-T46U",
        },
        {"code": "firmware_too_old", "found": "66.84.0.15", "expected": "x.86"},
    ]


def test_a_warning_makes_no_new_version_of_the_phone(api, phone):
    """What a phone says must not refuse the change an admin is about to save."""
    before = api.get(phone).headers["ETag"]
    heard()
    assert api.get(phone).headers["ETag"] == before
