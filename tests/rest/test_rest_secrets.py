"""No answer holds a secret unless somebody asked for it, and asking is recorded."""

import pytest

from provisioning.services.secrets import MASK
from provisioning.store import phones as stored


def change(api, path, variables):
    headers = {"If-Match": api.get(path).headers["ETag"]}
    answer = api.patch(path, json={"variables": variables}, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def secrets_everywhere(api, phone):
    """Every scope has secrets, and the history tells of some."""
    change(api, "/api/v1/defaults", {"adminpw": "Admin-of-all", "ldap_password": "Ldap-of-all"})
    change(api, "/api/v1/models/yealink-T46", {"adminpw": "Admin-of-T46"})
    change(api, phone, {"adminpw": "Admin-of-one", "door_password": "unknown-to-catalogue"})
    change(api, phone, {"adminpw": "Admin-again"})
    found = api.get(f"{phone}/secrets").json
    return {
        "Admin-of-all",
        "Ldap-of-all",
        "Admin-of-T46",
        "Admin-of-one",
        "Admin-again",
        "unknown-to-catalogue",
        found["tok1"],
        found["tok2"],
        api.get("/api/v1/defaults/secrets").json["variables"]["userpw"],
    }


def test_no_answer_tells_a_secret_that_was_not_asked_for(api, phone, secret, secrets_everywhere):
    for path in (
        phone,
        "/api/v1/phones",
        f"{phone}/effective",
        f"{phone}/preview",
        f"{phone}/requests",
        "/api/v1/models",
        "/api/v1/models/yealink-T46",
        "/api/v1/models/yealink-T46/shipped",
        "/api/v1/defaults",
        "/api/v1/history",
        "/api/v1/requests",
    ):
        answer = api.get(path)
        assert answer.status_code == 200
        for hidden in {*secrets_everywhere, secret, "s3cr"}:
            assert hidden not in answer.text, path


def test_the_secrets_of_a_phone_are_told_and_that_is_recorded(api, phone, secret):
    answer = api.get(f"{phone}/secrets").json
    assert answer["variables"]["account_password_1"] == secret
    assert answer["variables"]["adminpw"]
    assert answer["variables"]["userpw"]
    assert answer["provisioning_url1"] == (f"https://pbx.example.org/provisioning/{answer['tok1']}")
    assert answer["tok2"] in answer["provisioning_url2"]
    latest = api.get("/api/v1/history").json["items"][0]
    assert latest["actor"] == "token:tests"
    assert latest["subject"] == "00-15-65-AA-BB-01"
    assert latest["action"] == "show"


def test_the_secrets_of_the_defaults_are_told_and_that_is_recorded(api):
    answer = api.get("/api/v1/defaults/secrets").json
    assert set(answer["variables"]) == {"adminpw", "userpw", "ldap_password"}
    latest = api.get("/api/v1/history").json["items"][0]
    assert (latest["kind"], latest["action"]) == ("defaults", "show")


def test_the_preview_is_the_file_of_the_phone_with_masks_for_secrets(api, phone, secret):
    masked = api.get(f"{phone}/preview").json
    assert masked["file_name"] == "001565aabb01.cfg"
    assert masked["content_type"].startswith("text/plain")
    assert f"account.1.password = {MASK}" in masked["body"]
    assert f"/provisioning/{MASK}" in masked["body"]
    assert "account.1.user_name = 201" in masked["body"]
    entries = api.get("/api/v1/history").json["total"]
    whole = api.get(f"{phone}/preview?secrets=1").json
    assert f"account.1.password = {secret}" in whole["body"]
    assert api.get("/api/v1/history").json["total"] == entries + 1
    differing = [
        (one, other)
        for one, other in zip(masked["body"].splitlines(), whole["body"].splitlines(), strict=True)
        if one != other
    ]
    assert all(MASK in one for one, _ in differing)


def test_a_preview_consumes_no_token(api, phone):
    api.get(f"{phone}/preview")
    assert api.get(phone).json["first_access"] is True


def test_a_file_that_the_phone_would_not_get_is_not_found(api, phone):
    assert api.get(f"{phone}/preview?file=passwd").status_code == 404


def test_a_preview_that_cannot_be_made_tells_why(api, phone):
    change(api, phone, {"tmpl_phone": "gone.tmpl"})
    answer = api.get(f"{phone}/preview")
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/cannot-serve"
    assert "'gone.tmpl'" in answer.json["detail"]


def test_every_setting_tells_its_origin_and_what_it_hides(api, phone, secrets_everywhere):
    answer = api.get(f"{phone}/effective").json
    found = {item["name"]: item for item in answer["items"]}
    assert found["adminpw"] == {
        "name": "adminpw",
        "value": MASK,
        "secret": True,
        "origin": {"kind": "phone", "id": "00-15-65-AA-BB-01"},
        "shadowed": [
            {"kind": "model", "id": "yealink-T46", "value": MASK},
            {"kind": "defaults", "id": "defaults", "value": MASK},
        ],
    }
    assert found["language"]["origin"] == {"kind": "defaults", "id": "defaults"}


def test_the_history_tells_that_a_secret_changed_but_not_how(api, phone):
    change(api, phone, {"adminpw": "first-one", "language": "it"})
    change(api, phone, {"adminpw": "second-one"})
    latest = api.get("/api/v1/history", query_string={"kind": "phone"}).json["items"][0]
    assert latest["changed"] == ["variables/adminpw"]
    assert latest["before"]["variables"]["adminpw"] == MASK
    assert latest["after"]["variables"]["adminpw"] == MASK
    assert latest["after"]["variables"]["language"] == "it"


def test_the_history_of_one_thing_is_told_alone(api, phone):
    change(api, "/api/v1/defaults", {"language": "it"})
    query = {"kind": "defaults", "subject": "defaults"}
    found = api.get("/api/v1/history", query_string=query).json["items"]
    assert {item["subject"] for item in found} == {"defaults"}
    assert found[0]["changed"] == ["language"]


def test_a_consumed_first_access_token_has_no_url(api, phone):
    stored.delete_tokens("00-15-65-AA-BB-01", kind=1)
    assert api.get(phone).json["first_access"] is False
    answer = api.get(f"{phone}/secrets").json
    assert answer["tok1"] is None
    assert answer["provisioning_url1"] is None
