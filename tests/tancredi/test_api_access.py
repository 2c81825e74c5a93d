"""Who may use Tancredi's API, in each of its modes."""

import dataclasses

import pytest
from werkzeug.test import Client

from provisioning.app import Application
from provisioning.services import accounts
from provisioning.store.tables import Change
from provisioning.web.callers import parse_networks

BASE = "/tancredi/api/v1"
TITLE = "Access to resource is forbidden with current client privileges"
MAC = "00-15-65-AA-BB-01"
FOREIGN = "203.0.113.7"
EVERYTHING = [
    ("GET", "/phones"),
    ("OPTIONS", "/phones"),
    ("POST", "/phones"),
    ("GET", f"/phones/{MAC}"),
    ("DELETE", "/models/yealink-T46"),
    ("GET", "/defaults"),
    ("GET", "/macvendors"),
    ("POST", "/firmware"),
    ("DELETE", "/firmware/x"),
    ("PUT", "/defaults"),
    ("GET", "/nowhere"),
    ("GET", ""),
]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", FOREIGN])
def test_without_a_token_nothing_is_answered(client_of, refused, address):
    client = client_of(token=None, address=address)
    for method, path in EVERYTHING:
        assert refused(client.call(method, path), 403, "forbidden", TITLE)
    assert client.call("HEAD", "/phones").status_code == 403


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer wrong", "Basic YWRtaW46YQ==", "Bearer é", "Bearer ' OR 1=1",
     "static x", "Bearer " + "x" * 5000],
)  # fmt: skip
def test_what_is_no_service_token_opens_nothing(client_of, refused, header):
    answer = client_of(token=None).call("GET", "/phones", headers={"Authorization": header})
    assert refused(answer, 403, "forbidden", TITLE)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_service_token_opens_everything(client_of, token, scheme):
    header = {"Authorization": f"{scheme} {token}"}
    client = client_of(token=None, address=FOREIGN)
    assert client.call("GET", "/phones", headers=header).status_code == 200


def test_a_revoked_token_opens_nothing(api, refused):
    accounts.revoke_service_token("tests", by="tests")
    refused(api.call("GET", "/phones"), 403, "forbidden", TITLE)


def test_a_sessions_secret_opens_the_api_but_its_cookie_does_not(client_of, password):
    secret = accounts.sign_in("admin", password)
    assert client_of(token=secret).call("GET", "/phones").status_code == 200
    cookie = {"Cookie": f"provisioning_session={secret}"}
    assert client_of(token=None).call("GET", "/phones", headers=cookie).status_code == 403


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.9.10", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.168.1.5", {}, 403),
        (FOREIGN, {}, 403),
        ("", {}, 403),
        # A proxy on this machine speaks for somebody else.
        ("127.0.0.1", {"X-Forwarded-For": FOREIGN}, 403),
        ("127.0.0.1", {"X-Forwarded-For": f"127.0.0.1, {FOREIGN}"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": f"{FOREIGN}, 127.0.0.1"}, 403),
        ("127.0.0.1", {"X-Real-Ip": FOREIGN}, 403),
        ("127.0.0.1", {"Forwarded": f"for={FOREIGN}"}, 403),
        ("127.0.0.1", {"Forwarded": 'for="[2001:db8::7]:4711"'}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "unknown"}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 200),
        ("::1", {"X-Forwarded-For": "127.0.0.1"}, 200),
        # Somebody else claims to be this machine.
        (FOREIGN, {"X-Forwarded-For": "127.0.0.1"}, 403),
        (FOREIGN, {"X-Real-Ip": "127.0.0.1"}, 403),
        (FOREIGN, {"Forwarded": "for=127.0.0.1"}, 403),
        (FOREIGN, {"X-Forwarded-For": "::1"}, 403),
    ],
)
def test_in_trusted_mode_only_this_machine_needs_no_token(client_of, address, headers, status):
    client = client_of(token=None, address=address, tancredi_api="trusted")
    assert client.call("GET", "/phones", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Forwarded-For": "127.0.0.1"}, 200),
        ({"X-Forwarded-For": FOREIGN}, 403),
        # The client wrote the first one itself; the proxy added who it is.
        ({"X-Forwarded-For": f"127.0.0.1, {FOREIGN}"}, 403),
        ({"X-Forwarded-For": f"{FOREIGN}, 127.0.0.1"}, 200),
        ({}, 403),
    ],
)
def test_a_trusted_proxy_is_believed_about_its_client(client_of, headers, status):
    client = client_of(
        token=None,
        address="192.0.2.1",
        tancredi_api="trusted",
        trusted_proxies=parse_networks("192.0.2.1"),
    )
    assert client.call("GET", "/phones", headers=headers).status_code == status


def test_in_trusted_mode_a_token_still_opens_from_anywhere(client_of):
    client = client_of(address=FOREIGN, tancredi_api="trusted")
    assert client.call("GET", "/phones").status_code == 200


def test_the_history_tells_who_it_was(client_of, api):
    api.create_phone(MAC)
    local = client_of(token=None, address="127.0.0.1", tancredi_api="trusted")
    local.send("PATCH", f"/phones/{MAC}", {"variables": {"a": "1"}})
    actors = [change.actor for change in Change.select().where(Change.subject == MAC)]
    assert actors == ["token:tests", "trusted:127.0.0.1"]


def in_mode(mode, settings, site, token):
    """Calls the whole application from this machine, with a token."""
    application = Application(dataclasses.replace(settings, tancredi_api=mode), site)
    header = {"Authorization": f"Bearer {token}"}
    return lambda method, path: Client(application).open(path, method=method, headers=header)


def test_the_whole_application_serves_the_api(settings, site, token):
    call = in_mode("token", settings, site, token)
    answer = call("GET", f"{BASE}/phones")
    assert (answer.status_code, answer.data) == (200, b"[]")
    for path in ("/tancredi/nowhere", "/tancredi/", f"{BASE}/nowhere", BASE):
        assert call("GET", path).headers["Content-Type"] == "application/problem+json"
        assert call("GET", path).status_code == 404


def test_switched_off_there_is_no_api(settings, site, token):
    call = in_mode("off", settings, site, token)
    statuses = {call(method, BASE + path).status_code for method, path in EVERYTHING}
    assert statuses == {404}
    assert call("GET", "/api/v1/phones").status_code == 200
