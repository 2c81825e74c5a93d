"""Two admins who change the same thing: the second is shown both sides."""

import pytest

GATEWAY = {
    "name": "Lobby", "mac": "C0-74-AD-0B-1C-2D", "model": "grandstream-ht802",
    "address": "192.168.5.41", "netmask": "255.255.255.0", "router": "192.168.5.1",
    "dns": ["192.168.5.1"], "pbx_host": "pbx.example.org", "proxy": "proxy.example.org",
}  # fmt: skip


@pytest.fixture
def things(api, phone):
    """Something of every kind that two people may change: path, and a change of it."""
    api.post("/api/v1/users", json={"name": "ada", "display_name": "Ada", "extension": "201"})
    api.post("/api/v1/layouts", json={"name": "Front"})
    assert api.post("/api/v1/gateways", json=GATEWAY).status_code == 201
    return {
        "phone": (phone, "PATCH", {"display_name": "{}"}),
        "model": ("/api/v1/models/yealink-T46", "PATCH", {"display_name": "{}"}),
        "defaults": ("/api/v1/defaults", "PATCH", {"variables": {"logo_text": "{}"}}),
        "user": ("/api/v1/users/ada", "PATCH", {"display_name": "{}"}),
        "state": ("/api/v1/users/ada/state", "PUT", {"forward_always": "{}"}),
        "layout": (
            "/api/v1/layouts/Front", "PATCH",
            {"variables": {"linekey_type_1": "speed_dial", "linekey_value_1": "{}"}},
        ),
        "gateway": ("/api/v1/gateways/C0-74-AD-0B-1C-2D", "PATCH", {"name": "{}"}),
        "port": (
            "/api/v1/gateways/C0-74-AD-0B-1C-2D/ports/1", "PUT",
            {"extension": "301", "display_name": "{}"},
        ),
        "settings": ("/api/v1/settings", "PATCH", {"values": {"ami_user": "{}"}}),
    }  # fmt: skip


def filled(body: dict, word: str) -> dict:
    return {
        name: filled(value, word) if isinstance(value, dict) else value.replace("{}", word)
        for name, value in body.items()
    }


@pytest.mark.parametrize(
    "kind",
    ["phone", "model", "defaults", "user", "state", "layout", "gateway", "port", "settings"],
)
def test_the_second_gets_412_with_both_versions(api, things, kind):
    path, method, body = things[kind]
    etag = api.get(path).headers["ETag"]
    first = api.open(path, method=method, json=filled(body, "first"), headers={"If-Match": etag})
    assert first.status_code == 200, first.text

    second = api.open(path, method=method, json=filled(body, "second"), headers={"If-Match": etag})

    assert second.status_code == 412
    problem = second.json
    assert problem["type"] == "/problems/changed-meanwhile"
    assert problem["sent"] == filled(body, "second")
    assert problem["current"] == api.get(path).json
    assert "first" in str(problem["current"])
    assert problem["current_etag"] == api.get(path).headers["ETag"]
    again = api.open(
        path, method=method, json=filled(body, "second"),
        headers={"If-Match": problem["current_etag"]},
    )  # fmt: skip
    assert again.status_code == 200


def test_a_link_that_somebody_else_made_meanwhile_is_seen(api, phone, things):
    api.post("/api/v1/users", json={"name": "bob", "extension": "202"})
    etag = api.get(f"{phone}/links").headers["ETag"]
    headers = {"If-Match": etag}
    assert api.put(f"{phone}/link", json={"user": "ada"}, headers=headers).status_code == 200
    refused = api.put(f"{phone}/link", json={"user": "bob"}, headers=headers)
    assert refused.status_code == 412
    assert refused.json["current"]["items"][0]["user"] == "ada"
    assert api.delete(f"{phone}/link", headers=headers).status_code == 412
    assert api.delete(f"{phone}/link").status_code == 428


def test_a_secret_is_masked_on_the_stored_side(api, phone):
    etag = api.get(phone).headers["ETag"]
    api.patch(phone, json={"display_name": "first"}, headers={"If-Match": etag})
    refused = api.patch(phone, json={"display_name": "second"}, headers={"If-Match": etag})
    assert refused.json["current"]["variables"]["account_password_1"] == "********"


@pytest.mark.parametrize(
    "kind",
    ["phone", "model", "defaults", "user", "state", "layout", "gateway", "port", "settings"],
)
def test_a_change_without_a_version_is_refused(api, things, kind):
    path, method, body = things[kind]
    assert api.open(path, method=method, json=filled(body, "x")).status_code == 428
