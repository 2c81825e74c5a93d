"""A model made before a release knows it, from the first phone to the release; all from outside."""

import shutil

import pytest
from werkzeug.test import Client

from provisioning.app import Application, open_site, prepare
from provisioning.services import accounts, site
from provisioning.settings import Settings
from provisioning.store.database import database

T99 = "/api/v1/models/yealink-T99"
PHONE = "/api/v1/phones/02-AA-BB-00-00-01"
FILE = "02aabb000001.cfg"
USER_AGENT = "Yealink SIP-T99W 185.86.0.5 02:aa:bb:00:00:01"
RULE = "files: [{pattern: 'hall-(..)\\.cfg', role: phone, mac: '02-AA-BB-00-00-\\1'}]\n"


@pytest.fixture
def settings(tmp_path):
    yield Settings.from_environment(
        {
            "PROVISIONING_STATE": str(tmp_path / "state"),
            "PROVISIONING_PUBLIC_URL": "https://pbx.example.org",
            "PROVISIONING_ADMIN_PASSWORD": "not-random",
        }
    )
    database.close()


@pytest.fixture
def start(settings):
    """Start the server, as after an installation or an update."""
    running = []

    def start_one():
        prepare(settings)
        running.append(Application(settings, open_site(settings)))
        token = accounts.create_service_token(f"tests{len(running)}", by="tests")
        return Server(running[-1], token)

    yield start_one
    for application in running:
        application.events.flush()


class Server:
    """The server as an admin's program and a phone meet it."""

    def __init__(self, application, token):
        self._events = application.events
        self._client = Client(application)
        self._token = token

    def admin(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self._token}", "If-Match": "*"}
        answer = self._client.open(path, method=method, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    def refused(self, path):
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._client.get(path, headers=headers).status_code

    def phone(self, path):
        """What the phone gets, from within the local network."""
        answer = self._client.get(
            f"/provisioning/{path}",
            headers={"User-Agent": USER_AGENT},
            environ_overrides={"REMOTE_ADDR": "192.168.1.50"},
        )
        self._events.flush()
        assert answer.status_code == 200, path
        return answer.text


def make_the_model(server):
    body = {
        "id": "yealink-T99",
        "display_name": "T99W of ours",
        "base": "yealink-T46",
        "variables": {"cap_linekey_count": "36", "cap_expmodule_count": "0", "brightness": "2"},
    }
    server.admin("POST", "/api/v1/models", body)
    recognised_by = {"mac_prefixes": ["02:AA:BB"], "user_agents": ["SIP-T99W"]}
    made = server.admin("PUT", f"{T99}/recognition", recognised_by)
    assert made["recognition"] == recognised_by
    assert made["capabilities"]["line_keys"] == 36
    return made


def register_a_phone(server):
    variables = {
        "account_username_1": "201",
        "account_password_1": "sip-secret",
        "linekey_type_36": "blf",
        "linekey_value_36": "202",
    }
    body = {"mac": "02-AA-BB-00-00-01", "model": "yealink-T99", "variables": variables}
    server.admin("POST", "/api/v1/phones", body)
    return server.admin("GET", f"{PHONE}/secrets")["tok2"]


def release_the_model(tmp_path, monkeypatch):
    """A tree as a later release has it, with the model in it."""
    shipped = tmp_path / "release"
    shutil.copytree(site.shipped_data(), shipped)
    vendor = shipped / "phones" / "yealink" / "vendor.yaml"
    model = (
        "  yealink-T99: {name: Yealink T99W, family: colour, hardware: [T99W],"
        " user_agents: [SIP-T99W], variables: {cap_linekey_count: 40, brightness: 4}}\n"
    )
    vendor.write_text(vendor.read_text().replace("models:\n", f"models:\n{model}", 1))
    monkeypatch.setattr(site, "shipped_data", lambda: shipped)


def test_a_model_is_tried_before_a_phone_has_it(start):
    server = start()
    make_the_model(server)
    preview = server.admin("GET", f"{T99}/preview")
    assert "linekey.36.type" in preview["body"]
    assert "linekey.37.type" not in preview["body"]
    tried = {"variables": {"linekey_type_36": "blf", "linekey_value_36": "202"}}
    assert "linekey.36.value = 202" in server.admin("POST", f"{T99}/preview", tried)["body"]
    assert server.admin("GET", f"{T99}/lint")["items"] == []


def test_its_devices_are_recognised_by_prefix_and_by_user_agent(start):
    server = start()
    make_the_model(server)
    expected = {"vendor": "yealink", "model": "yealink-T99"}
    for query in ("mac=02aabb000001", "user_agent=Yealink%20SIP-T99W%20185.86.0.5"):
        assert server.admin("GET", f"/api/v1/suggestion?{query}") == expected


def test_its_phones_are_served_without_a_false_warning(start):
    server = start()
    make_the_model(server)
    token = register_a_phone(server)
    first = server.phone(FILE)  # the phone has no token yet
    assert "sip-secret" not in first
    full = server.phone(f"{token}/{FILE}")
    assert "account.1.password = sip-secret" in full
    assert "linekey.36.value = 202" in full
    assert "expansion_module" not in full.replace("expansion_module.backgrounds", "")
    found = server.admin("GET", PHONE)
    assert found["contact"]["model"] == "SIP-T99W"
    assert found["warnings"] == []
    assert server.admin("GET", f"{PHONE}/lint")["items"] == []


def test_a_release_that_ships_the_model_offers_to_merge(start, tmp_path, monkeypatch):
    server = start()
    made = make_the_model(server)
    assert made["superseded_by"] is None
    assert server.refused(f"{T99}/merge") == 404
    token = register_a_phone(server)
    before = server.phone(f"{token}/{FILE}")

    release_the_model(tmp_path, monkeypatch)
    server = start()
    assert server.phone(f"{token}/{FILE}") == before  # nothing changes unasked
    assert server.admin("GET", T99)["superseded_by"] == "yealink-T99"
    offer = server.admin("GET", f"{T99}/merge")
    assert offer == {
        "model": "yealink-T99",
        "shipped": "yealink-T99",
        "differences": [
            {"name": "brightness", "site": "2", "shipped": "4"},
            {"name": "cap_expmodule_count", "site": "0", "shipped": "3"},
            {"name": "cap_linekey_count", "site": "36", "shipped": "40"},
        ],
    }

    merged = server.admin("POST", f"{T99}/merge", {"keep": ["cap_expmodule_count"]})
    assert merged["shipped"] is True
    assert merged["differences"] == {"cap_expmodule_count": "0"}
    assert merged["superseded_by"] is None
    assert merged["phones"] == 1
    after = server.phone(f"{token}/{FILE}")
    assert "linekey.36.value = 202" in after
    assert "linekey.40.type" in after
    assert "phone_setting.active_backlight_level = 5" in after
    assert server.admin("GET", PHONE)["warnings"] == []
    assert server.refused(f"{T99}/merge") == 404
    suggested = server.admin("GET", "/api/v1/suggestion?mac=02aabb000001")
    assert suggested["model"] == "yealink-T99"


def test_rules_of_the_site_survive_an_update(start, settings, tmp_path, monkeypatch):
    own = settings.state / "templates" / "phones" / "yealink"
    own.mkdir(parents=True)
    (own / "vendor.yaml").write_text(RULE)
    server = start()
    make_the_model(server)
    token = register_a_phone(server)
    before = server.phone(f"{token}/hall-01.cfg")
    assert "sip-secret" in before

    release_the_model(tmp_path, monkeypatch)
    server = start()
    assert server.phone(f"{token}/hall-01.cfg") == before
    assert "sip-secret" not in server.phone("hall-01.cfg")
