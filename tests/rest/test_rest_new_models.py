"""Models made before a release knows them, through the API."""

import pytest

MODELS = "/api/v1/models"
OWN = f"{MODELS}/yealink-T99"
ANY = {"If-Match": "*"}


@pytest.fixture
def made(api):
    body = {"id": "yealink-T99", "display_name": "T99", "base": "yealink-T46"}
    assert api.post(MODELS, json=body).status_code == 201
    return api.get(OWN)


def recognise(api, headers=ANY, **body):
    sent = {"mac_prefixes": [], "user_agents": [], **body}
    return api.put(f"{OWN}/recognition", json=sent, headers=headers)


def test_a_model_shows_how_its_devices_are_recognised(api, made):
    assert made.json["recognition"] == {
        "mac_prefixes": [],
        "user_agents": ["SIP-T46G", "SIP-T46S", "SIP-T46U"],
    }
    answer = recognise(api, mac_prefixes=["02aabb"], user_agents=["SIP-T99W"])
    assert answer.status_code == 200
    assert answer.json == api.get(OWN).json
    assert answer.json["recognition"] == {
        "mac_prefixes": ["02:AA:BB"],
        "user_agents": ["SIP-T99W"],
    }


def test_recognition_changes_under_the_version_of_the_model(api, made):
    old = {"If-Match": made.headers["ETag"]}
    answer = recognise(api, old, user_agents=["SIP-T99W"])
    assert answer.status_code == 200
    assert answer.headers["ETag"] == api.get(OWN).headers["ETag"] != made.headers["ETag"]
    assert recognise(api, old, user_agents=["SIP-T98"]).status_code == 412
    assert recognise(api, {}, user_agents=["SIP-T98"]).status_code == 428


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"mac_prefixes": ["02:AA"]}, "#/mac_prefixes"),
        ({"user_agents": [" "]}, "#/user_agents"),
    ],
)
def test_what_recognises_nothing_is_a_wrong_field(api, made, body, pointer):
    answer = recognise(api, **body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_shipped_model_is_not_taught(api):
    path = f"{MODELS}/yealink-T46/recognition"
    answer = api.put(path, json={"mac_prefixes": [], "user_agents": []}, headers=ANY)
    assert answer.status_code == 404


def test_a_suggestion_needs_nothing(api):
    assert api.get("/api/v1/suggestion").json == {"vendor": "", "model": ""}


def test_a_suggestion_by_address_and_by_user_agent(api):
    by_address = api.get("/api/v1/suggestion?mac=e0-e6-56-02-00-01").json
    assert by_address == {"vendor": "nethesis", "model": "nethesis-NPX210"}
    query = {"user_agent": "Fanvil X6U Pro 2.4.13 0c383e010203"}
    by_name = api.get("/api/v1/suggestion", query_string=query).json
    assert by_name == {"vendor": "fanvil", "model": "fanvil-X6U"}


def test_a_suggestion_for_no_address_is_refused(api):
    answer = api.get("/api/v1/suggestion?mac=xyz")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "mac"


def test_a_test_rendering_hides_secrets(api, secret):
    variables = {"account_password_1": secret, "account_username_1": "777", "ldap_password": "pw1"}
    answer = api.post(f"{MODELS}/yealink-T46/preview", json={"variables": variables})
    assert answer.status_code == 200
    body = answer.json["body"]
    assert "account.1.user_name = 777" in body
    assert "account.1.password = ********" in body
    assert secret not in body
    assert "pw1" not in body
    assert answer.json["file_name"].endswith(".cfg")


def test_a_test_rendering_tells_what_could_not_be_used(api):
    variables = {"vlan_id_phone": "9", "background_file": "gone.png"}
    answer = api.post(f"{MODELS}/yealink-T46/preview", json={"variables": variables})
    assert answer.json["replaced"] == [{"name": "background_file", "value": "gone.png", "used": ""}]


def test_a_test_rendering_takes_only_values_that_a_phone_could_have(api):
    answer = api.post(f"{MODELS}/yealink-T46/preview", json={"variables": {"vlan_id_phone": "x"}})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/variables/vlan_id_phone"


def test_any_file_of_a_model_can_be_test_rendered(api):
    path = f"{MODELS}/nethesis-NPX5/preview?file=nethesis_np_x5_hwv1_0.txt"
    assert api.get(path).status_code == 200
    assert api.get(f"{MODELS}/nethesis-NPX5/preview?file=nothing.txt").status_code == 404
    assert api.get(f"{MODELS}/nethesis-NPX999/preview").status_code == 404


def test_a_template_that_does_not_exist_is_told_when_tried(api, made):
    change = {"variables": {"tmpl_phone": "gone.tmpl"}}
    assert api.patch(OWN, json=change, headers=ANY).status_code == 200
    answer = api.get(f"{OWN}/preview")
    assert answer.status_code == 409
    assert "gone.tmpl" in answer.json["detail"]


def test_nothing_is_offered_for_a_shipped_model(api):
    assert api.get(f"{MODELS}/yealink-T46").json["superseded_by"] is None
    assert api.get(f"{MODELS}/yealink-T46/merge").status_code == 404
    assert api.post(f"{MODELS}/yealink-T46/merge", json={"keep": []}).status_code == 404


def test_a_model_whose_devices_a_release_knows_may_be_merged(api, made):
    recognise(api, user_agents=["SIP-T48S"])
    change = {"variables": {"adminpw": "geheim12", "brightness": "2"}}
    api.patch(OWN, json=change, headers=ANY)
    assert api.get(OWN).json["superseded_by"] == "yealink-T48"
    listed = {item["id"]: item["superseded_by"] for item in api.get(MODELS).json["items"]}
    assert {model for model, by in listed.items() if by} == {"yealink-T99"}
    offer = api.get(f"{OWN}/merge").json
    secret = {"name": "adminpw", "site": "********", "shipped": None}
    assert secret in offer["differences"]
    refused = api.post(f"{OWN}/merge", json={"keep": ["language"]})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == "#/keep"
    merged = api.post(f"{OWN}/merge", json={"keep": ["brightness"]})
    assert merged.status_code == 200
    assert merged.json["id"] == "yealink-T48"
    assert merged.json["differences"] == {"brightness": "2"}
    assert merged.headers["ETag"] == api.get(f"{MODELS}/yealink-T48").headers["ETag"]
    assert api.get(OWN).status_code == 404
