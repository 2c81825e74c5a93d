"""Phones of Tancredi's API: documents to the letter, merging, tokens, addresses."""

import re

import pytest
from werkzeug.test import Client

from provisioning.delivery.endpoint import Delivery
from provisioning.delivery.events import EventLog

MAC = "00-15-65-AA-BB-01"
PHONE = f"/phones/{MAC}"
TOKEN = re.compile("[0-9a-f]{32}")
READ_ONLY = (
    "mac", "short_mac", "model_url", "tok1", "tok2", "provisioning_url1", "provisioning_url2",
)  # fmt: skip


# Creation


def test_a_new_phone_is_answered_with_its_whole_document(api):
    answer = api.call(
        "POST",
        "/phones",
        {
            "mac": MAC,
            "model": "snom-D735",
            "display_name": "Snom / Caffè",
            "variables": {"linekey_type_3": "blf", "linekey_value_3": 201, "gone": None},
        },
    )
    assert answer.status == "201 CREATED"
    assert answer.headers["Location"] == f"/tancredi/api/v1/phones/{MAC}"
    assert answer.headers["Content-Type"] == "application/json"
    tok1, tok2 = (answer.json[name] for name in ("tok1", "tok2"))
    assert TOKEN.fullmatch(tok1)
    assert TOKEN.fullmatch(tok2)
    assert tok1 != tok2
    url = "https://pbx.example.org/provisioning"
    assert answer.data.decode() == (
        f'{{"mac":"{MAC}","short_mac":"001565aabb01","model":"snom-D735",'
        f'"display_name":"Snom / Caffè","tok1":"{tok1}","tok2":"{tok2}",'
        '"variables":{"linekey_type_3":"blf","linekey_value_3":"201"},'
        '"model_url":"/tancredi/api/v1/models/snom-D735",'
        f'"provisioning_url1":"{url}/{tok1}/001565aabb01.xml",'
        f'"provisioning_url2":"{url}/{tok2}/001565aabb01.xml"}}'
    )
    assert api.call("GET", PHONE).data == answer.data


def test_a_phone_needs_nothing_but_its_address(api):
    document = api.create_phone()
    assert document["model"] == document["display_name"] == ""
    assert document["variables"] == {}
    assert document["model_url"] == "/tancredi/api/v1/models/"
    # An empty file name leaves no slash at the end.
    assert document["provisioning_url2"].endswith(f"/provisioning/{document['tok2']}")


def test_a_phone_may_come_before_its_model(api):
    assert api.create_phone(model="acme-Unknown")["model"] == "acme-Unknown"
    api.send("POST", "/models", {"name": "acme-Unknown", "variables": {"language": "de"}})
    assert api.variables(f"{PHONE}?inherit=1")["language"] == "de"


def test_what_the_client_says_of_computed_members_is_ignored(api):
    document = api.create_phone(tok1="mine", tok2="mine", short_mac="x", model_url="x", other=[1])
    assert "mine" not in (document["tok1"], document["tok2"])
    assert document["short_mac"] == "001565aabb01"


@pytest.mark.parametrize("document", [{}, {"mac": None}, {"mac": ""}, {"mac": "0"}, {"mac": 0}])
def test_a_phone_without_an_address_is_refused(api, refused, document):
    refused(api.call("POST", "/phones", document), 400, "malformed-data", "Missing MAC address")


@pytest.mark.parametrize("path", ["/phones", "/phones/"])
@pytest.mark.parametrize("body", [b"", b'{"model":"x"}', b"no JSON"])
def test_changing_no_phone_tells_that_the_address_is_missing(api, refused, path, body):
    answer = api.call("PATCH", path, data=body, content_type="application/json")
    assert refused(answer, 400, "malformed-data", "Missing MAC address") == ""


@pytest.mark.parametrize("again", [MAC, "00:15:65:aa:bb:01", "001565AABB01", " 0015.65aa.bb01 "])
def test_a_phone_is_registered_once_however_it_is_written(api, refused, again):
    api.create_phone()
    answer = api.call("POST", "/phones", {"mac": again, "variables": {"language": "de"}})
    title = "The phone mac address is already registered"
    assert refused(answer, 409, "phone-exists", title) == ""
    assert api.variables(PHONE) == {}
    assert len(api.document("/phones")) == 1


def test_the_name_of_a_model_is_taken_for_phones_too(api, refused):
    api.send("POST", "/models", {"name": MAC})
    answer = api.call("POST", "/phones", {"mac": MAC})
    refused(answer, 409, "phone-exists", "The phone mac address is already registered")


@pytest.mark.parametrize(
    "written", ["00:15:65:aa:bb:01", "001565AABB01", "0015.65aa.bb01", "00-15-65-aa-bb-01 "]
)
def test_addresses_are_stored_and_answered_in_capitals_with_hyphens(api, written):
    assert api.create_phone(written)["mac"] == MAC
    assert api.document(f"/phones/{written}")["mac"] == MAC
    assert api.send("PATCH", f"/phones/{written}", {"model": "x-1"})["mac"] == MAC
    assert api.call("POST", f"/phones/{written}/tok1").status_code == 204
    assert api.call("DELETE", f"/phones/{written}").status_code == 204


# Reading


def test_the_list_has_neither_tokens_nor_settings(api):
    assert api.call("GET", "/phones").data == b"[]"
    api.create_phone("00-15-65-AA-BB-02", model="yealink-T46", display_name="B")
    api.create_phone("00-04-13-AA-BB-01")
    assert api.call("GET", "/phones").data.decode() == (
        '[{"mac":"00-04-13-AA-BB-01","model":"","display_name":"",'
        '"model_url":"/tancredi/api/v1/models/",'
        '"phone_url":"/tancredi/api/v1/phones/00-04-13-AA-BB-01"},'
        '{"mac":"00-15-65-AA-BB-02","model":"yealink-T46","display_name":"B",'
        '"model_url":"/tancredi/api/v1/models/yealink-T46",'
        '"phone_url":"/tancredi/api/v1/phones/00-15-65-AA-BB-02"}]'
    )


@pytest.mark.parametrize("path", [MAC, "defaults", "yealink-T46", "x", "..", "%00", "' OR 1=1 --"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "POST"])
def test_what_is_no_phone_is_not_found(api, not_found, path, method):
    suffix = "/tok1" if method == "POST" else ""
    not_found(api.call(method, f"/phones/{path}{suffix}", {"mac": "x"}))
    assert api.document("/models/yealink-T46")["name"] == "yealink-T46"


def test_inherit_merges_defaults_model_and_phone(api):
    api.call("PATCH", "/defaults", {"a": 1, "b": 2, "c": 3, "hostname": "voice.example.org"})
    api.send("POST", "/models", {"name": "acme-M", "variables": {"b": "", "d": 4}})
    api.create_phone(model="acme-M", variables={"c": 9})

    def shown():
        merged = api.variables(f"{PHONE}?inherit=1")
        return {name: merged[name] for name in "abcd"}

    assert shown() == {"a": "1", "b": "", "c": "9", "d": "4"}
    own = api.send("PATCH", PHONE, {"variables": {"c": None, "b": "7"}})["variables"]
    assert own == {"b": "7"}
    assert shown() == {"a": "1", "b": "7", "c": "3", "d": "4"}


def test_inherited_settings_stand_in_the_order_of_defaults_model_and_phone(api):
    api.send("POST", "/models", {"name": "acme-M", "variables": {"m": "1", "language": "de"}})
    api.create_phone(model="acme-M", variables={"p": "1", "timezone": "UTC", "m": "2"})
    defaults = list(api.document("/defaults"))
    merged = list(api.variables(f"{PHONE}?inherit=1"))
    # What the engine computes comes last, unless the defaults have it.
    assert merged == [*defaults, "m", "p", "hostname", "provisioning_url_path"]


def test_inherit_forces_what_the_engine_computes(api):
    api.create_phone(variables={"provisioning_url_path": "x", "hostname": ""})
    merged = api.variables(f"{PHONE}?inherit=1")
    assert merged["hostname"] == "pbx.example.org"
    assert merged["provisioning_url_path"] == "provisioning/"
    assert merged["provisioning_url_scheme"] == "https"
    assert api.variables(PHONE) == {"provisioning_url_path": "x", "hostname": ""}


def test_inherit_leaves_the_other_members_alone(api):
    own = api.create_phone(model="yealink-T46", variables={"language": "de"})
    merged = api.document(f"{PHONE}?inherit=1")
    assert list(merged) == list(own)
    assert {**merged, "variables": {}} == {**own, "variables": {}}
    assert merged["variables"]["cap_linekey_count"] == "27"


@pytest.mark.parametrize(
    ("query", "expands"),
    [
        ("inherit=1", True),
        ("inherit=1.0", True),
        ("inherit=01", True),
        ("inherit=true", False),
        ("inherit=", False),
        ("inherit=0", False),
        ("inherit=2", False),
        ("inherit", False),
        ("Inherit=1", False),
        ("inherit=nan", False),
        ("inherit[]=1", False),
    ],
)
def test_only_what_equals_1_asks_for_inheritance(api, query, expands):
    api.create_phone()
    assert bool(api.variables(f"{PHONE}?{query}")) is expands


def test_a_host_and_scheme_of_the_settings_make_the_addresses(api):
    api.call("PATCH", "/defaults", {"hostname": "voice.example.org"})
    phone = api.create_phone(
        variables={"provisioning_url_scheme": "http", "provisioning_url_filename": "%25MACD.xml"}
    )
    assert phone["provisioning_url1"] == (
        f"http://voice.example.org/provisioning/{phone['tok1']}/001565aabb01.xml"
    )


# Changes


@pytest.mark.parametrize("member", READ_ONLY)
def test_a_read_only_member_refuses_the_whole_change(api, refused, member):
    before = api.create_phone(variables={"language": "de"})
    change = {"variables": {"language": "it"}, "model": "x-1", member: before[member]}
    answer = api.call("PATCH", PHONE, change)
    assert refused(answer, 403, "read-only-attribute", "Cannot change a read-only attribute") == ""
    assert api.document(PHONE) == before


def test_settings_are_set_emptied_unset_and_left(api):
    before = api.create_phone(variables={"a": "1", "b": "2", "c": "3"})
    change = {"variables": {"a": "", "b": None, "d": True, "never": None}}
    after = api.send("PATCH", PHONE, change)
    assert after == {**before, "variables": {"a": "", "c": "3", "d": "1"}}
    assert api.document(PHONE) == after


def test_empty_hides_what_the_model_presets_and_null_lets_it_through(api):
    api.create_phone(model="yealink-T46", variables={"softkey_type_1": ""})
    assert api.variables(f"{PHONE}?inherit=1")["softkey_type_1"] == ""
    api.send("PATCH", PHONE, {"variables": {"softkey_type_1": None}})
    assert api.variables(f"{PHONE}?inherit=1")["softkey_type_1"] == "history"


def test_model_and_settings_change_together(api):
    before = api.create_phone(model="yealink-T46", variables={"a": "1"})
    after = api.send("PATCH", PHONE, {"model": "snom-D735", "variables": {"b": "2"}})
    assert (after["model"], after["variables"]) == ("snom-D735", {"a": "1", "b": "2"})
    assert (after["tok1"], after["tok2"]) == (before["tok1"], before["tok2"])
    assert after["model_url"] == "/tancredi/api/v1/models/snom-D735"


def test_null_takes_the_model_away(api):
    api.create_phone(model="yealink-T46")
    assert api.send("PATCH", PHONE, {"model": None})["model"] == ""
    assert api.variables(f"{PHONE}?inherit=1")["tmpl_phone"] == "fallback.tmpl"


def test_no_settings_are_a_change_too(api):
    before = api.create_phone(variables={"a": "1"})
    assert api.send("PATCH", PHONE, {"variables": {}}) == before


@pytest.mark.parametrize("change", [{}, {"display_name": "New"}, {"phone_url": "x"}, {"other": 1}])
def test_a_change_of_nothing_is_a_bare_400(api, is_bare, change):
    before = api.create_phone(display_name="Old")
    is_bare(api.call("PATCH", PHONE, change), 400)
    is_bare(api.call("PATCH", PHONE), 400)
    assert api.document(PHONE) == before


def test_the_display_name_beside_settings_stays(api):
    api.create_phone(display_name="Old")
    change = {"display_name": "New", "variables": {"a": "1"}}
    assert api.send("PATCH", PHONE, change)["display_name"] == "Old"


def test_a_phone_of_its_own_model_does_not_hang(api):
    api.create_phone()
    assert api.send("PATCH", PHONE, {"model": MAC})["model"] == MAC
    assert api.variables(f"{PHONE}?inherit=1")["language"] == "en"
    assert api.document("/phones")[0]["model"] == MAC


# Deletion and tokens


def test_a_deleted_phone_is_gone_with_its_tokens(api, not_found, is_bare, ask):
    tokens = api.create_phone(model="yealink-T46")
    is_bare(api.call("DELETE", PHONE), 204)
    not_found(api.call("GET", PHONE))
    not_found(api.call("DELETE", PHONE))
    assert api.document("/phones") == []
    assert [ask(tokens[kind]) for kind in ("tok1", "tok2")] == [404, 404]
    assert api.create_phone()["tok2"] != tokens["tok2"]


@pytest.fixture
def ask(site):
    """The status that a phone with a token gets."""
    events = EventLog()
    delivery = Delivery(site, trusted_proxies=(), tokenless_networks=(), events=events)
    client = Client(delivery)

    def status(token):
        return client.get(f"/provisioning/{token}/001565aabb01.cfg").status_code

    yield status
    events.flush()  # or its thread would write into the next test's database


def test_a_new_first_access_token_ends_the_old_one(api, is_bare, ask):
    before = api.create_phone(model="yealink-T46")
    is_bare(api.call("POST", f"{PHONE}/tok1"), 204)
    after = api.document(PHONE)
    assert TOKEN.fullmatch(after["tok1"])
    assert after["tok1"] != before["tok1"]
    assert after["tok2"] == before["tok2"]
    assert [ask(t) for t in (before["tok1"], after["tok1"], after["tok2"])] == [404, 200, 200]


def test_a_consumed_first_access_token_is_null_until_it_is_made_anew(api, ask):
    before = api.create_phone(model="yealink-T46")
    assert ask(before["tok2"]) == 200
    consumed = api.call("GET", PHONE)
    assert b'"tok1":null,' in consumed.data
    assert b'"provisioning_url1":null,' in consumed.data
    assert consumed.json["provisioning_url2"] == before["provisioning_url2"]
    api.call("POST", f"{PHONE}/tok1", {"ignored": True})
    after = api.document(PHONE)
    assert after["provisioning_url1"].endswith(f"/{after['tok1']}")
    assert [ask(after["tok1"]), ask(before["tok1"])] == [200, 404]
