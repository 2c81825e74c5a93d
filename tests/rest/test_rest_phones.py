"""Phones through the API."""

import threading

import pytest

from provisioning.store import device_requests
from provisioning.store.database import database

PHONES = "/api/v1/phones"


def change(api, path, body):
    """Change what is there now, whatever it is."""
    return api.patch(path, json=body, headers={"If-Match": api.get(path).headers["ETag"]})


def heard(**differences):
    """A request of the phone as delivery notes it."""
    event = {
        "at": 1_700_000_000.0,
        "phone": "00-15-65-AA-BB-01",
        "access": "tok2",
        "address": "192.0.2.7",
        "user_agent": "Yealink SIP-T46G 28.83.0.120",
        "vendor": "yealink",
        "model": "T46G",
        "firmware": "28.83.0.120",
        "method": "GET",
        "file": "001565aabb01.cfg",
        "status": 200,
        "outcome": "served",
        "reason": None,
    }
    device_requests.write([{**event, **differences}])


def test_a_registered_phone_tells_what_it_is_and_hides_its_secrets(api):
    answer = api.post(
        PHONES,
        json={
            "mac": "0015.65AA.bb01",
            "model": "yealink-T46",
            "display_name": "Réception",
            "variables": {"account_password_1": "geheim", "brightness": 5, "ldap_password": ""},
        },
    )
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PHONES}/00-15-65-AA-BB-01"
    assert answer.json == {
        "mac": "00-15-65-AA-BB-01",
        "vendor": "yealink",
        "model": "yealink-T46",
        "display_name": "Réception",
        "location": "",
        "tags": [],
        "note": "",
        "serial": "",
        "check_code": "",
        "links": [],
        "contact": None,
        "proof": {
            "saved": answer.json["proof"]["saved"],
            "asked": None,
            "fetched": None,
            "registered": None,
            "pending": False,
            "checking": True,
        },
        "states": ["waiting", "not_linked"],
        "layouts": [],
        "variables": {"account_password_1": "********", "brightness": "5", "ldap_password": ""},
        "first_access": True,
        "warnings": [],
    }
    again = api.get(answer.headers["Location"])
    assert again.json == answer.json
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert again.headers["Cache-Control"] == "no-store"
    assert again.headers["X-Content-Type-Options"] == "nosniff"


def test_a_phone_is_registered_once(api, phone):
    answer = api.post(PHONES, json={"mac": "001565AABB01"})
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/already-exists"


@pytest.mark.parametrize("written", ["00:15:65:aa:bb:01", "001565aabb01", "0015.65aa.bb01"])
def test_a_path_may_name_the_phone_in_any_notation(api, phone, written):
    assert api.get(f"{PHONES}/{written}").json["mac"] == "00-15-65-AA-BB-01"


def test_the_list_has_no_settings_and_comes_in_pages(api):
    for number in range(5):
        body = {"mac": f"00156500000{number}", "variables": {"adminpw": "geheim"}}
        assert api.post(PHONES, json=body).status_code == 201
    answer = api.get(PHONES, query_string={"page": 2, "page_size": 2}).json
    assert [phone["mac"][-2:] for phone in answer["items"]] == ["02", "03"]
    assert (answer["total"], answer["page"], answer["page_size"]) == (5, 2, 2)
    assert "variables" not in answer["items"][0]
    assert "geheim" not in api.get(PHONES).text


def test_phones_are_found_by_name_address_and_model(api, phone):
    api.post(PHONES, json={"mac": "0C383E000001", "model": "fanvil-X3", "display_name": "Lager"})

    def found(**query):
        return [item["display_name"] for item in api.get(PHONES, query_string=query).json["items"]]

    assert found(search="rece") == ["Reception"]
    assert found(search="65:aa") == ["Reception"]
    assert found(model="fanvil-X3") == ["Lager"]
    assert found(search="nothing like that") == []
    assert sorted(found()) == ["Lager", "Reception"]


def test_the_last_contact_stands_in_the_list_and_at_the_phone(api, phone):
    heard(access="tok1", at=1_700_000_000.0)
    heard(access="tok2", at=1_700_000_060.0, host="pbx.example.org")
    contact = {
        "at": "2023-11-14T22:14:20+00:00",
        "address": "192.0.2.7",
        "access": "tok2",
        "vendor": "yealink",
        "model": "T46G",
        "firmware": "28.83.0.120",
        "outcome": "served",
        "permanent_at": "2023-11-14T22:14:20+00:00",
        "host": "pbx.example.org",
    }
    assert api.get(phone).json["contact"] == contact
    assert api.get(PHONES).json["items"][0]["contact"] == contact


def test_a_contact_of_the_phone_does_not_make_an_edit_stale(api, phone):
    seen = api.get(phone).headers["ETag"]
    heard()
    answer = api.patch(phone, json={"model": "yealink-T48"}, headers={"If-Match": seen})
    assert answer.status_code == 200


def test_news_is_not_withheld_from_a_reader_who_knows_the_settings(api, phone):
    seen = api.get(phone).headers["ETag"]
    heard()
    answer = api.get(phone, headers={"If-None-Match": seen})
    assert answer.status_code == 200
    assert answer.json["contact"] is not None


def test_model_and_settings_change_together(api, phone):
    """Tancredi took the model and lost the settings."""
    answer = change(api, phone, {"model": "yealink-T48", "variables": {"language": "it"}})
    assert answer.status_code == 200
    assert answer.json["model"] == "yealink-T48"
    assert answer.json["variables"]["language"] == "it"
    assert answer.json["display_name"] == "Reception"


def test_null_inherits_again_and_the_empty_text_is_explicitly_none(api, phone):
    change(api, phone, {"variables": {"language": "it", "contrast": ""}})
    answer = change(api, phone, {"variables": {"language": None}})
    assert "language" not in answer.json["variables"]
    assert answer.json["variables"]["contrast"] == ""


def test_a_change_must_tell_which_version_it_changes(api, phone):
    for answer in (api.patch(phone, json={"model": ""}), api.delete(phone)):
        assert answer.status_code == 428
        assert answer.json["type"] == "/problems/if-match-needed"


def test_a_change_of_an_old_version_is_refused(api, phone):
    old = {"If-Match": api.get(phone).headers["ETag"]}
    new = api.patch(phone, json={"display_name": "One"}, headers=old)
    assert new.status_code == 200
    for answer in (
        api.patch(phone, json={"display_name": "Two"}, headers=old),
        api.delete(phone, headers=old),
    ):
        assert answer.status_code == 412
        assert answer.json["type"] == "/problems/changed-meanwhile"
    assert api.get(phone).json["display_name"] == "One"
    current = {"If-Match": new.headers["ETag"]}
    assert api.delete(phone, headers=current).status_code == 204
    assert api.get(phone).status_code == 404


def test_a_changed_password_is_another_version(api, phone):
    old = api.get(phone).headers["ETag"]
    change(api, phone, {"variables": {"account_password_1": "another"}})
    assert api.get(phone).headers["ETag"] != old


def test_of_many_changes_of_one_version_exactly_one_wins(app, api, phone, token):
    """Comparing and writing are one step: nobody can slip in between."""
    headers = {"If-Match": api.get(phone).headers["ETag"], "Authorization": f"Bearer {token}"}
    together = threading.Barrier(8)
    statuses = []

    def change_it(number):
        client = app.test_client()
        together.wait()
        answer = client.patch(phone, json={"display_name": f"{number}"}, headers=headers)
        statuses.append(answer.status_code)
        database.close()

    threads = [threading.Thread(target=change_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[412] * 7]


def test_a_mask_that_is_sent_back_leaves_the_secret_as_it_is(api, phone, secret):
    shown = api.get(phone).json["variables"]
    answer = change(api, phone, {"variables": {**shown, "language": "it"}})
    assert answer.status_code == 200
    assert api.get(f"{phone}/secrets").json["variables"]["account_password_1"] == secret


def test_a_mask_never_becomes_a_password(api, phone):
    """A copy of another phone's settings would hide that its password was not copied."""
    shown = api.get(phone).json["variables"]
    answer = api.post(PHONES, json={"mac": "001565000002", "variables": shown})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/variables/account_password_1"


def test_all_wrong_settings_are_named_at_once_and_nothing_changes(api, phone):
    before = api.get(phone)
    answer = change(
        api,
        phone,
        {
            "model": "yealink-T48",
            "variables": {"vlan_id_phone": "ten", "language": "it", "sip_udp_port": 99999},
        },
    )
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "/problems/value-not-allowed"
    errors = {error["pointer"]: error for error in answer.json["errors"]}
    assert set(errors) == {"#/variables/vlan_id_phone", "#/variables/sip_udp_port"}
    assert "ten" in errors["#/variables/vlan_id_phone"]["detail"]
    assert "4094" in errors["#/variables/vlan_id_phone"]["allowed"]
    assert api.get(phone).json == before.json


def test_a_refused_password_is_not_repeated(api, phone):
    answer = change(api, phone, {"variables": {"adminpw": "top\nsecret"}})
    assert answer.status_code == 422
    assert "secret" not in answer.text


def test_a_new_first_access_token_replaces_the_old_one(api, phone):
    before = api.get(f"{phone}/secrets").json
    assert api.post(f"{phone}/tok1").status_code == 204
    after = api.get(f"{phone}/secrets").json
    assert after["tok1"] != before["tok1"]
    assert after["tok2"] == before["tok2"]


def test_requests_are_listed_newest_first_also_of_an_address_nobody_registered(api, phone):
    heard(outcome="served")
    heard(phone="00-15-65-FF-FF-FF", access="unknown", status=404, outcome="unknown_phone")
    heard(outcome="failed", status=500, reason="no template")
    everything = api.get("/api/v1/requests").json
    assert [item["outcome"] for item in everything["items"]] == [
        "failed",
        "unknown_phone",
        "served",
    ]
    own = api.get(f"{phone}/requests", query_string={"outcome": "failed"}).json
    assert [(item["reason"], item["status"]) for item in own["items"]] == [("no template", 500)]
    stranger = api.get(f"{PHONES}/001565FFFFFF/requests").json
    assert stranger["total"] == 1
