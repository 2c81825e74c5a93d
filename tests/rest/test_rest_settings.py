"""Settings of the application through the API."""

from provisioning.services import application_settings

SETTINGS = "/api/v1/settings"


def change(api, **values):
    etag = api.get(SETTINGS).headers["ETag"]
    return api.patch(SETTINGS, json={"values": values}, headers={"If-Match": etag})


def test_settings_are_shown_with_their_defaults(api):
    values = api.get(SETTINGS).json["values"]
    assert (values["devices_per_user"], values["pbx_connector"]) == ("8", "none")


def test_a_setting_is_changed_and_returns_to_how_it_is_shipped(api):
    assert change(api, devices_per_user=9, encryption=False).json["values"] == {
        **api.get(SETTINGS).json["values"], "devices_per_user": "9", "encryption": "",
    }  # fmt: skip
    assert change(api, devices_per_user=None).json["values"]["devices_per_user"] == "8"


def test_a_secret_is_masked_and_a_mask_sent_back_leaves_it(api):
    changed = change(api, ami_secret="s3cret").json["values"]
    assert changed["ami_secret"] == "********"
    change(api, ami_secret="********", ami_user="provisioning")

    assert application_settings.get().text("ami_secret") == "s3cret"
    history = api.get("/api/v1/history?kind=settings").text
    assert "s3cret" not in history
    assert "ami_user" in history


def test_wrong_values_are_all_named_and_nothing_is_changed(api):
    answer = change(api, devices_per_user=10, pbx_connector="magic", ami_host="a b", x="y")
    assert answer.status_code == 422
    answer = change(api, devices_per_user=10, pbx_connector="magic", ami_host="a b")
    pointers = {error["pointer"] for error in answer.json["errors"]}
    assert pointers == {f"#/values/{n}" for n in ("devices_per_user", "pbx_connector", "ami_host")}
    assert api.get(SETTINGS).json["values"]["pbx_connector"] == "none"


def test_every_setting_is_described_for_a_form(api):
    described = {p["name"]: p for p in api.get(f"{SETTINGS}/parameters").json["items"]}
    assert described.keys() >= api.get(SETTINGS).json["values"].keys()
    assert all(p["label"]["it"] and p["help"]["it"] for p in described.values())
    assert described["nethvoice_password"]["secret"]
    categories = [c["id"] for c in api.get(f"{SETTINGS}/categories").json["items"]]
    assert {p["category"] for p in described.values()} == set(categories)


def test_the_pbx_that_is_chosen_is_told_of_the_accounts_that_are_there(api, phone):
    api.post("/api/v1/users", json={"name": "ada", "extension": "201"})
    etag = api.get(f"{phone}/links").headers["ETag"]
    api.put(f"{phone}/link", json={"user": "ada"}, headers={"If-Match": etag})
    change(api, pbx_connector="asterisk", pjsip_file="/srv/devices.conf")
    assert api.get("/api/v1/operations?kind=pbx_accounts").json["total"] == 1
