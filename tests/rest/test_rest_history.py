"""The history through the API: look, compare, restore."""

HISTORY = "/api/v1/history"


def change(api, path, body):
    headers = {"If-Match": api.get(path).headers["ETag"]}
    assert api.patch(path, json=body, headers=headers).status_code == 200


def latest(api):
    return api.get(HISTORY).json["items"][0]


def test_a_change_is_shown_alone_as_in_the_list(api, phone):
    entry = latest(api)
    assert api.get(f"{HISTORY}/{entry['id']}").json == entry
    assert entry["restores"] is None
    assert api.get(f"{HISTORY}/999").status_code == 404


def test_a_change_is_taken_back_and_the_history_tells(api, phone, secret):
    change(api, phone, {"variables": {"account_password_1": "another-one", "language": "it"}})
    number = latest(api)["id"]
    answer = api.post(f"{HISTORY}/{number}/restore", json={"to": "before"})
    assert answer.status_code == 200, answer.text
    entry = latest(api)
    assert answer.json == {
        "kind": "phone",
        "subject": "00-15-65-AA-BB-01",
        "change": entry["id"],
        "phones_touched": 1,
        "remarks": [],
    }
    assert entry["restores"] == {"change": number, "to": "before"}
    assert entry["action"] == "restore"
    assert api.get(f"{phone}/secrets").json["variables"]["account_password_1"] == secret
    assert secret not in api.get(f"{HISTORY}/{entry['id']}").text


def test_a_deleted_phone_comes_back_and_tells_what_does_not(api, phone):
    api.delete(phone, headers={"If-Match": "*"})
    answer = api.post(f"{HISTORY}/{latest(api)['id']}/restore", json={"to": "before"})
    assert answer.json["remarks"] == [
        "new_tokens", "links_not_restored", "layouts_not_restored", "own_accounts",
    ]  # fmt: skip
    assert api.get(phone).json["display_name"] == "Reception"


def test_what_stands_in_the_way_is_told(api):
    user = {"name": "ada", "extension": "201"}
    api.post("/api/v1/users", json=user)
    api.delete("/api/v1/users/ada", headers={"If-Match": "*"})
    number = latest(api)["id"]
    api.post("/api/v1/users", json={**user, "name": "bob"})
    answer = api.post(f"{HISTORY}/{number}/restore", json={"to": "before"})
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/cannot-restore"
    assert "201" in answer.json["detail"]


def test_who_looked_at_secrets_is_no_state(api, phone):
    api.get(f"{phone}/secrets")
    answer = api.post(f"{HISTORY}/{latest(api)['id']}/restore", json={"to": "after"})
    assert answer.status_code == 409
    assert answer.json["type"] == "/problems/no-state"


def test_a_side_is_needed(api, phone):
    answer = api.post(f"{HISTORY}/{latest(api)['id']}/restore", json={"to": "yesterday"})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/to"


def test_two_changes_are_compared_without_secrets(api, phone, secret):
    first = latest(api)["id"]
    change(api, phone, {"variables": {"account_password_1": "another-one", "language": "it"}})
    second = latest(api)["id"]
    answer = api.get(f"{HISTORY}/{first}/compare/{second}")
    assert answer.json["items"] == [
        {"member": "variables/account_password_1", "one": "********", "other": "********"},
        {"member": "variables/language", "one": None, "other": "it"},
    ]
    backwards = api.get(f"{HISTORY}/{first}/compare/{second}?other_side=before")
    assert backwards.json["items"] == []


def test_passwords_of_other_programs_are_masked_too(api):
    change(api, "/api/v1/settings", {"values": {"ami_secret": "pbx-secret"}})
    number = latest(api)["id"]
    for path in (f"{number}", f"{number}/compare/{number}?side=before"):
        assert "pbx-secret" not in api.get(f"{HISTORY}/{path}").text
