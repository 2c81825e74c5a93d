"""Why a phone does not work, told of devices that really asked."""

import json
import sqlite3
import time

import pytest
from served import INTERNET, LAN, SNOM, YEALINK, Served

from provisioning.engine.mac import MacAddress
from provisioning.services import application_settings, diagnosis, files, links, phones, users
from provisioning.services.diagnosis import Diagnosis, NextStep, Step
from provisioning.services.users import NewUser
from provisioning.store import proofs
from provisioning.store.database import database, transaction

FILE = f"{YEALINK.bare}.cfg"
T46S = "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01"
STRANGER = MacAddress.parse("00-15-65-AA-BB-02")
OTHER = "Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:99"
DAY = 24 * 3600.0


def diagnose(served: Served, mac: MacAddress = YEALINK) -> Diagnosis:
    served.events.flush()
    return diagnosis.diagnose(served.site, mac)


def findings(found: Diagnosis) -> dict[str, str]:
    return {step.code: step.finding for step in found.steps}


def step_of(found: Diagnosis, code: str) -> Step:
    return next(step for step in found.steps if step.code == code)


def next_step(found: Diagnosis) -> NextStep:
    assert found.next_step is not None
    return found.next_step


def linked(served: Served, **variables: str) -> phones.PhoneDetails:
    """A phone that belongs to Ada."""
    users.create(NewUser("ada", "Ada", "201"), by="tests")
    phone = served.register(variables=variables)
    links.link(YEALINK, "ada", by="tests")
    return phone


def comes_to_life(served: Served, phone: phones.PhoneDetails) -> None:
    """First access, then with its own URL, as a phone does."""
    for token in (phone.tok1, phone.tok2):
        assert served.ask(f"{token}/{FILE}", user_agent=T46S).status_code == 200


def asterisk_says(*registered: str, at: str = LAN) -> None:
    """Who is registered, as the worker notes it."""
    application_settings.change({"ami_host": "127.0.0.1"}, by="tests")
    with transaction():
        proofs.note_registrations(dict.fromkeys(registered, at))


class TestStories:
    def test_a_new_phone_that_never_asked(self, served: Served):
        linked(served)
        asterisk_says()

        found = diagnose(served)

        assert (found.known, found.result) == (True, "problem")
        assert findings(found) == {
            "address": "address_known",
            "model": "model_chosen",
            "redirect": "redirect_not_configured",
            "network": "never_asked_options",
            "token": "first_access_open",
            "request": "no_request",
            "account": "linked",
            "configuration": "nothing_fetched",
            "registration": "not_registered_with_pbx",
            "firmware": "firmware_not_said",
        }
        step = next_step(found)
        assert step.code == "start_phone_with_options"
        assert step.parameters == {"mac": "00:15:65:AA:BB:01", "options": ("66",)}
        assert "DHCP option 66" in step.sentence.en
        assert "opzione DHCP 66" in step.sentence.it

    def test_a_phone_behind_a_wrong_vlan_that_is_silent(self, served: Served, monkeypatch):
        phone = linked(served)
        comes_to_life(served, phone)
        asterisk_says(str(YEALINK))
        assert diagnose(served).result == "ok"
        phones.change(served.site, YEALINK, variables={"vlan_id_phone": "99"}, by="tests")
        assert step_of(diagnose(served), "configuration").finding == "change_not_asked"
        assert "vlan" in served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S).text
        asterisk_says()
        served.events.flush()

        later = time.time() + 2 * DAY + 60
        monkeypatch.setattr("time.time", lambda: later)
        found = diagnose(served)

        assert found.result == "problem"
        assert [step.finding for step in found.steps if step.result == "problem"] == [
            "silent_in_vlan",
            "not_registered_with_pbx",
        ]
        assert step_of(found, "configuration").finding == "has_current"
        step = next_step(found)
        assert (step.code, step.parameters) == ("check_vlan", {"vlan": "99"})
        assert "VLAN 99" in step.sentence.it

    def test_a_phone_that_fetches_and_does_not_register(self, served: Served):
        phone = linked(served)
        comes_to_life(served, phone)
        asterisk_says()

        found = diagnose(served)

        assert {step.code: step.result for step in found.steps if step.result != "ok"} == {
            "redirect": "not_applicable",
            "network": "not_applicable",
            "registration": "problem",
        }
        assert next_step(found).code == "check_registration"
        asterisk_says(str(YEALINK))
        found = diagnose(served)
        assert (found.result, found.next_step) == ("ok", None)
        assert step_of(found, "registration").facts["registered_from"] == LAN


class TestUnregistered:
    def test_a_device_that_knocks_is_told_with_its_vendor_and_model(self, served: Served):
        served.ask(f"{STRANGER.bare}.cfg", user_agent=T46S.replace("01", "02"))

        found = diagnose(served, STRANGER)

        assert (found.known, found.result) == (False, "problem")
        assert step_of(found, "address").facts["vendor"] == "Yealink"
        knocked = step_of(found, "network")
        assert knocked.finding == "stranger_knocked"
        assert knocked.facts["address"] == LAN
        assert knocked.facts["says"] == "Yealink SIP-T46S"
        step = next_step(found)
        assert (step.code, step.parameters) == (
            "register_phone_as",
            {"mac": "00:15:65:AA:BB:02", "suggested": "yealink-T46"},
        )

    def test_a_device_that_nobody_heard_can_still_be_registered(self, served: Served):
        found = diagnose(served, SNOM)
        assert step_of(found, "network").finding == "stranger_never_heard"
        assert next_step(found).code == "register_phone"
        assert step_of(found, "firmware").result == "not_applicable"

    def test_one_with_the_url_of_another_server_is_told(self, served: Served):
        served.ask(f"{'ab' * 16}/{STRANGER.bare}.cfg", user_agent=T46S.replace("01", "02"))
        found = step_of(diagnose(served, STRANGER), "network")
        assert found.finding == "stranger_with_token"
        assert found.next_step.code == "give_new_url"

    @pytest.mark.parametrize("mac", ["01-00-5E-00-00-FB", "FF-FF-FF-FF-FF-FF"])
    def test_a_group_address_is_nobodys(self, served: Served, mac):
        found = diagnose(served, MacAddress.parse(mac))
        assert next_step(found).code == "check_address"

    def test_what_a_removed_phone_asked_is_still_told(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        served.events.flush()
        phones.delete(YEALINK, by="tests")
        served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S)
        assert step_of(diagnose(served), "network").finding == "stranger_with_token"


class TestFirstContact:
    def test_outside_the_allowed_networks_is_told_with_the_address(self, served: Served):
        served.register()
        served.ask(FILE, user_agent=T46S, address=INTERNET)
        found = diagnose(served)
        refused = step_of(found, "network")
        assert (refused.finding, refused.facts["outcome"]) == ("tokenless_refused", "refused")
        assert "PROVISIONING_TOKENLESS_NETWORKS" in refused.facts["reason"]
        step = next_step(found)
        assert (step.code, step.parameters) == ("allow_network", {"address": INTERNET})

    def test_one_that_knocked_before_it_was_registered_asks_again_at_its_next_start(
        self, served: Served
    ):
        served.ask(FILE, user_agent=T46S)
        served.events.flush()
        served.register()
        found = diagnose(served)
        assert findings(found)["network"] == "tokenless_before_registration"
        assert step_of(found, "network").next_step.code == "restart_phone"

    def test_one_that_cannot_reach_its_own_url_is_stuck(self, served: Served, monkeypatch):
        served.register()
        served.ask(FILE, user_agent=T46S)
        found = diagnose(served)
        assert findings(found)["network"] == "tokenless_seen"
        assert findings(found)["token"] == "in_first_contact"

        later = time.time() + 3 * 3600
        monkeypatch.setattr("time.time", lambda: later)
        for _ in range(120):  # it polls every minute: the log of its last requests is full
            served.ask(FILE, user_agent=T46S)
        step = next_step(diagnose(served))
        assert step.code == "check_own_url"
        assert step.parameters == {"url": "https://pbx.example.org/provisioning"}

    def test_one_that_was_reset_needs_a_new_first_access(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        served.ask(FILE, user_agent=T46S)
        assert next_step(diagnose(served)).code == "new_first_access"
        phones.rotate_tok1(YEALINK, by="tests")
        assert findings(diagnose(served))["token"] == "permanent_token_used"


class TestTokens:
    def test_an_old_url_is_told_though_the_phone_seems_silent(self, served: Served):
        """Of a phone that was removed and registered anew only unknown tokens are seen."""
        old = served.register()
        served.events.flush()
        phones.delete(YEALINK, by="tests")
        served.register()
        served.ask(f"{old.tok2}/{FILE}")
        found = diagnose(served)
        assert findings(found)["network"] == "came_with_token"
        assert next_step(found).code == "give_new_url"

    def test_another_device_with_this_phones_url_is_told(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        served.ask(f"{phone.tok2}/{FILE}", user_agent=OTHER, address=INTERNET)
        found = diagnose(served)
        assert findings(found)["model"] == "model_chosen"
        step = next_step(found)
        assert step.code == "find_other_device"
        assert step.parameters == {"other": "00-15-65-AA-BB-99", "address": INTERNET}

    def test_another_devices_file_with_this_phones_url_is_told(self, served: Served):
        phone = served.register()
        served.ask(f"{phone.tok2}/001565aabb99.cfg")
        assert findings(diagnose(served))["token"] == "token_of_other_device"

    def test_a_common_file_is_no_other_device(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        for name in ("000000000000.cfg", "y000000000028.cfg"):
            served.ask(f"{phone.tok2}/{name}")
        assert findings(diagnose(served))["token"] == "permanent_token_used"

    def test_a_neighbour_behind_the_same_address_is_not_taken_for_the_phone(self, served: Served):
        comes_to_life(served, served.register())
        served.ask(f"{'ab' * 16}/001565aabb99.cfg", user_agent=OTHER)
        assert findings(diagnose(served))["token"] == "permanent_token_used"

    def test_a_nameless_request_from_its_address_is_worth_a_look(self, served: Served):
        comes_to_life(served, served.register())
        served.ask(f"{'ab' * 16}/y000000000028.cfg")
        found = step_of(diagnose(served), "token")
        assert (found.finding, found.result) == ("token_unknown_nearby", "attention")

    def test_requests_of_an_earlier_registration_do_not_count(self, served: Served, monkeypatch):
        phone = served.register()
        served.ask(f"{phone.tok2}/{FILE}", user_agent=OTHER)
        served.events.flush()
        phones.delete(YEALINK, by="tests")
        later = time.time() + 10
        monkeypatch.setattr("time.time", lambda: later)
        served.register()
        assert findings(diagnose(served))["token"] == "first_access_open"


class TestRequests:
    def test_a_template_that_fails_is_told_with_its_reason(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        phones.change(served.site, YEALINK, variables={"tmpl_phone": "mine.tmpl"}, by="tests")
        served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S)
        found = diagnose(served)
        assert "mine.tmpl" in step_of(found, "request").facts["reason"]
        assert findings(found)["configuration"] == "not_comparable"
        assert next_step(found).code == "fix_configuration"

        phones.change(served.site, YEALINK, variables={"tmpl_phone": None}, by="tests")
        assert findings(diagnose(served))["request"] == "failed_then"

    def test_settings_that_will_not_work_are_counted(self, served: Served):
        phone = served.register(variables={"linekey_type_99": "blf", "logo_text": "Example"})
        comes_to_life(served, phone)
        found = step_of(diagnose(served), "request")
        assert (found.finding, found.facts["count"]) == ("served_with_findings", 2)
        assert set(found.facts["settings"]) == {"linekey_type_99", "logo_text"}

    def test_a_picture_that_is_not_there_is_named(self, served: Served):
        phone = served.register()
        comes_to_life(served, phone)
        served.ask(f"{phone.tok2}/backgrounds/logo.png", user_agent=T46S)
        found = step_of(diagnose(served), "request")
        assert found.finding == "other_file_missing"
        assert found.next_step.parameters == {"file": "backgrounds/logo.png"}

    def test_the_boot_files_that_no_server_has_are_no_trouble(self, served: Served):
        phone = served.register()
        for name in ("y000000000000.boot", f"{YEALINK.bare}.boot", "y000000000028.cfg", FILE):
            served.ask(f"{phone.tok2}/{name}", user_agent=T46S)
        assert findings(diagnose(served))["request"] == "served"

    def test_a_phone_that_fetches_at_its_start_only_is_never_silent(
        self, served: Served, monkeypatch
    ):
        phone = served.register(variables={"provisioning_freq": "never"})
        comes_to_life(served, phone)
        served.events.flush()
        later = time.time() + 30 * DAY
        monkeypatch.setattr("time.time", lambda: later)
        assert findings(diagnose(served))["request"] == "served"


class TestDevices:
    def test_another_model_than_chosen_is_told(self, served: Served):
        phone = served.register(model="yealink-T19")
        comes_to_life(served, phone)
        found = step_of(diagnose(served), "model")
        assert (found.finding, found.result) == ("says_other_model", "attention")

    def test_another_vendor_than_chosen_is_told_by_name(self, served: Served):
        phone = served.register(model="snom-D785")
        found = diagnose(served)
        assert step_of(found, "address").facts["model_vendor"] == "Snom"
        assert next_step(found).code == "check_address_and_model"
        served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S)
        assert step_of(diagnose(served), "model").facts["says"] == "Yealink"

    def test_a_new_prefix_is_no_trouble_once_the_device_says_what_it_is(self, served: Served):
        """An unknown vendor prefix must not block a phone (NethServer/dev 7807, 8063)."""
        mac = MacAddress.parse("02-00-00-00-00-01")
        phone = served.register(mac)
        found = step_of(diagnose(served, mac), "address")
        assert (found.finding, found.result) == ("address_unknown", "attention")
        agent = f"Yealink SIP-T46S 66.86.0.15 {mac.colons.lower()}"
        served.ask(f"{phone.tok2}/{mac.bare}.cfg", user_agent=agent)
        assert findings(diagnose(served, mac))["address"] == "address_unlisted"

    @pytest.mark.parametrize(
        ("uploaded", "assigned", "finding"),
        [
            ("", "", "firmware_free"),
            ("", "T46S-66.86.0.15.rom", "firmware_file_missing"),
            ("T46S-66.86.0.15.rom", "T46S-66.86.0.15.rom", "firmware_as_wanted"),
            ("T46S-66.87.0.15.rom", "T46S-66.87.0.15.rom", "firmware_differs"),
            ("newest.rom", "newest.rom", "firmware_not_told"),
        ],
    )
    def test_the_firmware_that_runs_is_held_against_the_file(
        self, served: Served, tmp_path, uploaded, assigned, finding
    ):
        if uploaded:
            (tmp_path / "upload").write_bytes(b"firmware")
            with (tmp_path / "upload").open("rb") as content:
                files.save(served.site, "firmware", uploaded, content, by="tests")
        phone = served.register(variables={"firmware_file": assigned})
        comes_to_life(served, phone)
        assert findings(diagnose(served))["firmware"] == finding

    def test_firmware_too_old_for_the_template_is_told(self, served: Served):
        phone = served.register()
        served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S.replace("66.86", "66.84"))
        found = findings(diagnose(served))
        assert found["model"] == "says_firmware_too_old"
        assert found["firmware"] == "firmware_old"


def test_a_phone_that_is_registered_from_elsewhere_is_worth_a_look(served: Served):
    comes_to_life(served, linked(served))
    asterisk_says(str(YEALINK), at=INTERNET)
    found = step_of(diagnose(served), "registration")
    assert (found.finding, found.result) == ("registered_elsewhere", "attention")
    assert (found.facts["registered_from"], found.facts["fetched_from"]) == (INTERNET, LAN)
    # Behind a proxy the PBX sees the proxy.
    application_settings.change({"pjsip_outbound_proxy": "sip:127.0.0.1:5060;lr"}, by="tests")
    assert findings(diagnose(served))["registration"] == "registered_with_pbx"


def test_nothing_is_written_and_nothing_secret_is_told(served: Served):
    secrets = {"adminpw": "web-secret-1", "ldap_password": "ldap-secret-2"}
    phone = linked(served, **secrets, tmpl_phone="yealink/ldap-secret-2.j2")
    sip = phones.effective(served.site, YEALINK)["account_password_1"].value
    for path in (f"{phone.tok1}/{FILE}", f"{phone.tok2}/{FILE}", f"{phone.tok2}/{phone.tok2}"):
        served.ask(path, user_agent=T46S)
    served.events.flush()
    before = content_of_the_database()

    found = diagnose(served)

    told = json.dumps(found.document())
    assert "ldap-secret-2" in phones.get(served.site, YEALINK).effective["tmpl_phone"]
    assert "yealink/********.j2" in told  # a template's error tells what it likes
    for secret in (*secrets.values(), sip, phone.tok1, phone.tok2):
        assert secret not in told
    assert content_of_the_database() == before


def content_of_the_database() -> list[str]:
    with sqlite3.connect(f"file:{database.obj.database}?mode=ro", uri=True) as connection:
        return list(connection.iterdump())


def test_a_diagnosis_is_quick(served: Served):
    keys = {f"linekey_type_{n}": "blf" for n in range(1, 28)}
    values = {f"linekey_value_{n}": f"2{n:02}" for n in range(1, 28)}
    phone = linked(served, **keys, **values)
    comes_to_life(served, phone)
    for _ in range(150):
        served.ask(f"{phone.tok2}/{FILE}", user_agent=T46S)
    asterisk_says(str(YEALINK))
    assert diagnose(served).result == "ok"  # its templates are compiled once

    times = []
    for _ in range(5):
        begin = time.thread_time()  # what else the machine does is not counted
        diagnosis.diagnose(served.site, YEALINK)
        times.append(time.thread_time() - begin)

    assert min(times) < 0.1
