"""Gateways and their ports, registered and changed through the API."""

import threading
import time

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.jobs.handlers import handlers
from provisioning.jobs.worker import Worker
from provisioning.services import application_settings, operations
from provisioning.services.gateways import states
from provisioning.services.site import PublicUrl
from provisioning.store import gateway_uploads as stored_uploads
from provisioning.store import operations as stored_operations
from provisioning.store import strangers
from provisioning.store.database import transaction

PATH = "/api/v1/gateways"
HT802 = {
    "name": "Lobby",
    "mac": "c0:74:ad:0b:1c:2d",
    "model": "grandstream-ht802",
    "address": "192.168.5.41",
    "netmask": "255.255.255.0",
    "router": "192.168.5.1",
    "dns": ["192.168.5.1"],
    "pbx_host": "pbx.example.org",
    "proxy": "proxy.example.org",
}
FXO = HT802 | {
    "name": "Lines",
    "mac": "00A0BA11A2B3",
    "model": "patton-trinity-fxo-8",
    "address": "192.168.5.42",
}
ONE = f"{PATH}/C0-74-AD-0B-1C-2D"


@pytest.fixture
def users(api):
    """Two users."""
    for name, extension in (("ada", "201"), ("ben", "202")):
        body = {"name": name, "display_name": name.title(), "extension": extension}
        assert api.post("/api/v1/users", json=body).status_code == 201


def register(api, **changes):
    answer = api.post(PATH, json=HT802 | changes)
    assert answer.status_code == 201, answer.text
    return answer.json


def etag(api, path):
    return api.get(path).headers["ETag"]


def put_port(api, number, body, *, of=ONE):
    path = f"{of}/ports/{number}"
    return api.put(path, json=body, headers={"If-Match": etag(api, path)})


def pointers(answer):
    assert answer.status_code == 422, answer.text
    return {error["pointer"] for error in answer.json["errors"]}


def test_a_gateway_is_registered_in_any_notation_of_its_address_with_all_its_ports(api):
    answer = api.post(PATH, json=HT802)

    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == ONE
    assert [(port["number"], port["used"]) for port in answer.json["ports"]] == [
        (1, False), (2, False),
    ]  # fmt: skip
    assert api.get(f"{PATH}/C074AD0B1C2D").json == answer.json
    assert (answer.json["transport"], answer.json["shell"]) == ("tls", "ssh")


def test_a_new_gateway_gets_a_strong_password_that_only_its_secrets_tell(api):
    shown = register(api)
    told = api.get(f"{ONE}/secrets").json

    assert shown["admin_password"] == "********"
    assert len(told["admin_password"]) == 20
    assert told["admin_password"] not in api.get(ONE).text
    assert (told["login_user"], told["login_password"]) == ("admin", "admin")


def test_whoever_asks_for_secrets_is_kept_in_the_history_and_the_secrets_are_not(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    told = api.get(f"{ONE}/secrets").json
    history = api.get("/api/v1/history?kind=gateway")

    assert [entry["action"] for entry in history.json["items"]] == ["show", "create"]
    assert told["ports"][0]["user"] == "201"
    assert len(told["ports"][0]["secret"]) >= 20
    for secret in (told["ports"][0]["secret"], told["admin_password"]):
        assert secret not in history.text
        assert secret not in api.get(ONE).text


def test_a_telephone_port_shares_the_numbers_of_its_user_with_the_phones(api, phone, users):
    version = {"If-Match": etag(api, f"{phone}/links")}
    assert api.put(f"{phone}/link", json={"user": "ada"}, headers=version).status_code == 200
    shown = register(api, ports=[{"number": 2, "user": "ada"}, {"number": 1, "user": "ben"}])

    assert [port["extension"] for port in shown["ports"]] == ["202", "91201"]


def test_a_user_lists_the_telephones_at_gateways_and_is_found_by_their_numbers(api, users):
    register(api, ports=[{"number": 2, "user": "ada"}])
    shown = api.get("/api/v1/users/ada").json

    assert shown["gateway_ports"] == [{"gateway": ONE[-17:], "port": 2, "number": "201"}]
    assert [u["name"] for u in api.get("/api/v1/users?linked=true").json["items"]] == ["ada"]


def test_an_empty_telephone_port_takes_no_number_of_anybody(api, users):
    """NethVoice makes an account of an empty port, and wrong numbers."""
    shown = register(api, ports=[{"number": 1}, {"number": 2, "user": "ada"}])

    assert [port["extension"] for port in shown["ports"]] == [None, "201"]
    assert api.get(f"{ONE}/secrets").json["ports"][0] == {"number": 1, "user": "", "secret": ""}


def test_a_port_may_have_a_number_that_is_nobodys(api, users):
    shown = register(api, ports=[{"number": 1, "extension": "350", "display_name": "Fax"}])
    assert shown["ports"][0]["extension"] == "350"

    refused = put_port(api, 2, {"extension": "201"})
    assert pointers(refused) == {"#/extension"}
    assert "user ada" in refused.json["errors"][0]["detail"]


def test_every_mistake_of_a_gateway_is_told_at_once_with_its_place(api):
    register(api, wan_mac="")
    wrong = {
        "name": "lobby",
        "mac": "C0-74-AD-0B-1C-2E",
        "address": "192.168.5.41",
        "router": "10.0.0.1",
        "pbx_host": "pbx example",
        "transport": "tcp",
        "ports": [{"number": 3}, {"number": 1, "user": "nobody"}],
    }
    refused = api.post(PATH, json=HT802 | wrong)

    assert pointers(refused) == {
        "#/name", "#/address", "#/router", "#/pbx_host", "#/transport", "#/ports/0/number",
        "#/ports/1/user",
    }  # fmt: skip
    assert all(error["allowed"] for error in refused.json["errors"])
    assert api.get(PATH).json["total"] == 1


def test_an_address_on_a_label_belongs_to_one_gateway(api):
    register(api)
    again = api.post(PATH, json=HT802 | {"name": "Other", "address": "192.168.5.50"})

    assert again.status_code == 409


def test_two_boxes_of_one_model_do_not_cross(api):
    """NethVoice can read two boxes with the same generated name back as one."""
    register(api, ports=[{"number": 1, "extension": "301"}])
    other = {"name": "Attic", "mac": "C0-74-AD-0B-1C-2E", "address": "192.168.5.43"}
    register(api, **other, ports=[{"number": 1, "extension": "302"}])

    assert api.get(ONE).json["ports"][0]["extension"] == "301"
    assert api.get(f"{PATH}/{other['mac']}").json["ports"][0]["extension"] == "302"


def test_ports_are_changed_one_by_one_and_what_stays_keeps_its_number_and_secret(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    before = api.get(f"{ONE}/secrets").json["ports"]
    changed = put_port(api, 1, {"user": "ada", "display_name": "Ada's fax"})
    after = api.get(f"{ONE}/secrets").json["ports"]

    assert changed.status_code == 200, changed.text
    assert changed.json["display_name"] == "Ada's fax"
    assert after == before
    assert put_port(api, 2, {"user": "ben"}).json["extension"] == "202"


def test_a_port_that_goes_to_another_user_gets_another_number_and_secret(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    before = api.get(f"{ONE}/secrets").json["ports"][0]
    put_port(api, 1, {"user": "ben"})
    after = api.get(f"{ONE}/secrets").json["ports"][0]

    assert (before["user"], after["user"]) == ("201", "202")
    assert after["secret"] != before["secret"]


def test_a_secret_is_renewed_on_demand(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    before = api.get(f"{ONE}/secrets").json["ports"][0]
    assert api.post(f"{ONE}/ports/1/secret").status_code == 204
    after = api.get(f"{ONE}/secrets").json["ports"][0]

    assert after["user"] == before["user"]
    assert after["secret"] != before["secret"]


def test_a_port_that_is_freed_gives_its_number_back(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    path = f"{ONE}/ports/1"
    freed = api.delete(path, headers={"If-Match": etag(api, path)})

    assert freed.status_code == 204
    assert api.get(path).json["used"] is False
    assert put_port(api, 2, {"user": "ada"}).json["extension"] == "201"


def test_a_port_that_the_model_does_not_have_is_no_port(api):
    register(api)
    assert api.get(f"{ONE}/ports/3").status_code == 404


def test_a_port_needs_the_version_that_its_editor_has_seen(api, users):
    register(api)
    path = f"{ONE}/ports/1"
    seen = etag(api, path)
    assert api.put(path, json={"user": "ada"}).status_code == 428
    put_port(api, 1, {"user": "ada"})
    late = api.put(path, json={"user": "ben"}, headers={"If-Match": seen})

    assert late.status_code == 412
    assert late.json["current"]["user"] == "ada"


def test_numbers_of_trunks_are_never_given_twice(api):
    """Counting the trunks can give a number twice after one was deleted (seen in NethVoice)."""
    lines = [{"number": n, "line_number": f"072112345{n}"} for n in (1, 2, 3)]
    shown = api.post(PATH, json=FXO | {"ports": lines}).json
    of = f"{PATH}/{shown['mac']}"
    numbers = [port["trunk_number"] for port in shown["ports"] if port["used"]]
    path = f"{of}/ports/1"
    api.delete(path, headers={"If-Match": etag(api, path)})
    put_port(api, 8, {"line_number": "+390721999"}, of=of)
    after = [port for port in api.get(of).json["ports"] if port["used"]]

    assert numbers == ["20001", "20002", "20003"]
    assert [port["trunk_number"] for port in after] == ["20002", "20003", "20001"]
    assert [port["trunk_name"] for port in after] == [
        "Patton_11a2b3_fxo_1", "Patton_11a2b3_fxo_2", "Patton_11a2b3_fxo_7",
    ]  # fmt: skip


def test_a_line_needs_its_number_and_belongs_to_no_user(api, users):
    shown = api.post(PATH, json=FXO).json
    refused = put_port(api, 8, {"user": "ada"}, of=f"{PATH}/{shown['mac']}")

    assert pointers(refused) == {"#/user"}
    refused = put_port(api, 8, {"line_number": "12\r\nreload"}, of=f"{PATH}/{shown['mac']}")
    assert pointers(refused) == {"#/line_number"}


def test_a_user_with_a_telephone_at_a_gateway_is_not_removed(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    path = "/api/v1/users/ada"
    refused = api.delete(path, headers={"If-Match": etag(api, path)})

    assert refused.status_code == 409
    assert "gateway C0-74-AD-0B-1C-2D port 1" in refused.json["detail"]


def test_a_gateway_is_changed_and_all_its_ports_stay(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    before = api.get(f"{ONE}/secrets").json
    body = {"address": "192.168.5.99", "name": "Hall", "admin_password": "********"}
    changed = api.patch(ONE, json=body, headers={"If-Match": etag(api, ONE)})
    after = api.get(f"{ONE}/secrets").json

    assert (changed.json["name"], changed.json["address"]) == ("Hall", "192.168.5.99")
    assert after["ports"] == before["ports"]
    assert after["admin_password"] == before["admin_password"]


def test_a_mask_for_a_password_that_is_none_is_refused(api):
    register(api)
    body = {"user_password": "********"}
    refused = api.patch(ONE, json=body, headers={"If-Match": etag(api, ONE)})

    assert pointers(refused) == {"#/user_password"}


def test_another_unit_takes_the_place_of_a_broken_one_with_its_trunks(api):
    shown = api.post(PATH, json=FXO | {"ports": [{"number": 1, "line_number": "0721"}]}).json
    of = f"{PATH}/{shown['mac']}"
    changed = api.patch(of, json={"mac": "00-A0-BA-99-99-99"}, headers={"If-Match": etag(api, of)})

    assert changed.json["mac"] == "00-A0-BA-99-99-99"
    assert changed.json["ports"][0]["trunk_name"] == "Patton_11a2b3_fxo_0"
    assert api.get(of).status_code == 404


def test_a_gateway_that_is_removed_gives_everything_back(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    assert api.delete(ONE, headers={"If-Match": etag(api, ONE)}).status_code == 204
    register(api, ports=[{"number": 2, "user": "ada"}])

    assert api.get(ONE).json["ports"][1]["extension"] == "201"


def test_gateways_are_found_by_name_model_and_address(api):
    register(api)
    api.post(PATH, json=FXO)

    for search, name in (("lobb", "Lobby"), ("fxo", "Lines"), ("5.42", "Lines")):
        assert [one["name"] for one in api.get(f"{PATH}?search={search}").json["items"]] == [name]


def test_every_model_tells_what_can_be_chosen_for_it(api):
    models = {model["id"]: model for model in api.get("/api/v1/gateway-models").json["items"]}

    assert len(models) == 17
    assert models["patton-trinity-bri-4"]["line"]["protocols"].keys() == {"pp", "pmp"}
    assert models["grandstream-ht812"]["ethernet"] == 2
    assert set(models["grandstream-ht801"]["shells"]) == {"ssh", "telnet"}


def test_the_preview_is_the_file_without_its_secrets(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    told = api.get(f"{ONE}/secrets").json
    kinds = [file["kind"] for file in api.get(f"{ONE}/files").json["items"]]
    secrets = [told["admin_password"], told["ports"][0]["secret"]]

    assert "xml" in kinds
    for kind in kinds:
        text = api.get(f"{ONE}/files/{kind}").json["text"]
        assert not [secret for secret in secrets if secret in text]
    assert "201" in api.get(f"{ONE}/files/text").json["text"]
    assert api.get(f"{ONE}/files/pdf").status_code == 404


@pytest.mark.parametrize(
    ("name", "written"),
    [("A" * 61, "A" * 60), ("Ada\u00a0Lovelace", "Ada Lovelace"), ("\u202eAda\u200b", "Ada")],
)
def test_no_name_of_a_user_keeps_a_gateway_from_its_file(api, users, name, written):
    """A long name, or one with a no-break space, refused the file and every change of the unit."""
    register(api, ports=[{"number": 1, "user": "ada"}])
    renamed = api.patch(
        "/api/v1/users/ada",
        json={"display_name": name},
        headers={"If-Match": etag(api, "/api/v1/users/ada")},
    )

    assert renamed.status_code == 200, renamed.text
    assert f"<P3>{written}</P3>" in api.get(f"{ONE}/files/xml").json["text"]
    changed = api.patch(ONE, json={"name": "Lobby 2"}, headers={"If-Match": etag(api, ONE)})
    assert changed.status_code == 200, changed.text


def test_registrations_tell_that_the_manager_is_set_by_half(api, users):
    """An address of the Manager without user and secret answered with status 500."""
    register(api, ports=[{"number": 1, "user": "ada"}])
    application_settings.change({"ami_host": "127.0.0.1"}, by="test")

    told = api.get(f"{ONE}/registrations")

    assert told.status_code == 200
    assert "user name and a secret are needed" in told.json["reason"]


def test_a_file_is_saved_under_a_name_of_its_own_and_the_history_keeps_it(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    saved = api.post(f"{ONE}/files/xml/download")
    secret = api.get(f"{ONE}/secrets").json["ports"][0]["secret"]

    assert f"<P34>{secret}</P34>" in saved.text
    assert "ht802_c074ad0b1c2d_" in saved.headers["Content-Disposition"]
    assert saved.headers["Cache-Control"] == "no-store"
    assert [e["action"] for e in api.get("/api/v1/history?kind=gateway").json["items"]][:2] == [
        "show", "show",
    ]  # fmt: skip


def test_what_changed_since_the_last_file_is_told_without_secrets(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    assert api.get(f"{ONE}/diff").json["since"] is None
    api.post(f"{ONE}/files/text/download")
    assert api.get(f"{ONE}/diff").json == {"since": "download", "lines": []}
    assert api.get(ONE).json["outdated"] is False

    put_port(api, 2, {"user": "ben"})
    api.post(f"{ONE}/ports/1/secret")
    lines = api.get(f"{ONE}/diff").json["lines"]
    secrets = [port["secret"] for port in api.get(f"{ONE}/secrets").json["ports"]]

    assert api.get(ONE).json["outdated"] is True
    assert "-P34=********" in lines
    assert "+P34=********" in lines
    assert not [line for line in lines for secret in secrets if secret in line]


def test_the_changes_of_one_port_are_told_alone(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}])
    api.post(f"{ONE}/files/text/download")
    put_port(api, 2, {"user": "ben"})
    api.post(f"{ONE}/ports/1/secret")

    def changed(port):
        lines = api.get(f"{ONE}/diff?port={port}").json["lines"][2:]
        return {line[1:].partition("=")[0] for line in lines if line[0] in "+-"}

    assert changed(1) == {"P34"}
    assert "P735" in changed(2)
    assert "P34" not in changed(2)


def test_a_dry_run_shows_every_command_and_asks_nobody(api, users):
    register(api, ports=[{"number": 1, "user": "ada"}], fetches=False, login_shell="telnet")
    planned = api.get(f"{ONE}/upload-plan").json
    secret = api.get(f"{ONE}/secrets").json["ports"][0]["secret"]
    commands = [command["command"] for command in planned["commands"]]

    assert planned["target"] == "192.168.5.41:23 (telnet)"
    assert planned["then"] == "192.168.5.41:22 (ssh)"
    assert "set 35 201" in commands
    assert "set 34 ********" in commands
    assert secret not in str(planned)
    assert {"telnet_in_the_clear", "factory_login"} <= {c["code"] for c in planned["concerns"]}


def test_a_gateway_that_fetches_is_only_told_where_its_file_is(api):
    register(api)
    planned = api.get(f"{ONE}/upload-plan").json
    url = api.get(f"{ONE}/secrets").json["provisioning_url"]
    commands = [command["command"] for command in planned["commands"]]

    assert planned["then"] == ""
    assert "set 212 2" in commands
    assert "set 237 ********" in commands
    assert url.startswith("https://pbx.example.org/provisioning/")
    assert url.rpartition("/")[2] not in str(planned)


def test_secrets_that_are_fetched_in_the_clear_are_told(api, monkeypatch):
    """The answer called it encrypted, whatever the public address was."""
    site = api.application.extensions["site"]
    register(api)
    assert "fetch_in_the_clear" not in concerns_of(api)
    monkeypatch.setattr(site, "public_url", PublicUrl.parse("http://pbx.example.org"))
    assert "fetch_in_the_clear" in concerns_of(api)


def test_a_pbx_that_makes_nothing_for_gateways_is_told(api):
    """With NethVoice's connector, or none, ports had numbers and secrets that no PBX knew."""
    register(api)
    assert "pbx_not_told" in concerns_of(api)
    settings = "/api/v1/settings"
    body = {"values": {"pbx_connector": "asterisk"}}
    api.patch(settings, json=body, headers={"If-Match": etag(api, settings)})
    assert "pbx_not_told" not in concerns_of(api)


def concerns_of(api) -> set[str]:
    return {concern["code"] for concern in api.get(f"{ONE}/upload-plan").json["concerns"]}


def test_a_patton_needs_to_be_told_from_where_it_copies(api):
    shown = api.post(PATH, json=FXO).json
    path = f"{PATH}/{shown['mac']}/upload-plan"
    refused = api.get(path)

    assert refused.status_code == 409
    assert refused.json["code"] == "no_tftp"
    settings = "/api/v1/settings"
    body = {"values": {"tftp_address": "192.168.5.2"}}
    api.patch(settings, json=body, headers={"If-Match": etag(api, settings)})
    commands = [command["command"] for command in api.get(path).json["commands"]]
    assert any("tftp://********" in command or "tftp://" in command for command in commands)


def test_a_value_that_cannot_be_typed_is_told_before_anything_is_sent(api, users):
    register(api, ports=[{"number": 1, "extension": "350", "display_name": "Fax 1"}], fetches=False)
    refused = api.get(f"{ONE}/upload-plan")

    assert refused.status_code == 409
    assert refused.json["code"] == "not_typable"


def test_without_a_manager_nobody_knows_which_ports_are_registered(api):
    register(api, ports=[{"number": 1, "extension": "350"}, {"number": 2, "enabled": False}])
    told = api.get(f"{ONE}/registrations").json

    assert told["ports"] == [{"number": 1, "account": "350", "registered": None, "address": None}]
    assert told["reason"]


def test_one_upload_at_a_time_goes_to_a_gateway(api):
    register(api)
    first = api.post(f"{ONE}/uploads")
    second = api.post("/api/v1/gateway-uploads", json={"gateways": [HT802["mac"]]})

    assert first.status_code == 202, first.text
    assert second.status_code == 409
    assert f"operation {first.json['id']}" in second.json["detail"]


def test_a_registered_gateway_does_not_knock_like_a_phone_that_nobody_knows(api):
    """By its label and by its other address: both were offered as new phones."""
    macs = ("C0-74-AD-00-00-01", "C0-74-AD-00-00-02")
    asked = {"via": "url", "address": "192.0.2.1", "user_agent": ""}

    def knock():
        with transaction():
            for mac in macs:
                strangers.note_knock(mac, **asked)
        return [one["mac"] for one in api.get("/api/v1/knocks").json["items"]]

    assert sorted(knock()) == sorted(macs)
    ht812 = {"model": "grandstream-ht812", "mac": macs[0], "wan_mac": macs[1]}
    assert api.post(PATH, json=HT802 | ht812).status_code == 201
    assert api.get("/api/v1/knocks").json["items"] == []
    assert knock() == []


def test_a_gateway_stays_while_an_upload_to_it_goes_on(api):
    """How the unit was left would be told nowhere."""
    register(api)
    number = api.post(f"{ONE}/uploads").json["id"]
    seen = {"If-Match": etag(api, ONE)}
    assert api.delete(ONE, headers=seen).status_code == 409
    assert api.patch(ONE, json={"mac": "C074AD000001"}, headers=seen).status_code == 409
    api.post(f"/api/v1/operations/{number}/cancel")
    assert api.delete(ONE, headers={"If-Match": etag(api, ONE)}).status_code == 204


def test_an_upload_whose_worker_was_killed_is_not_begun_again_and_says_so(api):
    """Half an upload wants somebody to look; typing it all once more could make it worse."""
    site = api.application.extensions["site"]
    register(api)
    number = api.post(f"{ONE}/uploads").json["id"]
    [item] = stored_operations.claim(number, "killed.1", limit=1, now=time.time())
    upload = stored_uploads.insert(states.get(MacAddress.parse(item.subject)).id, number, by="x")
    worker = Worker(handlers(site))
    thread = threading.Thread(target=worker.run)
    thread.start()
    while not operations.progress(number).ended:
        thread.join(0.02)
    worker.stop()
    thread.join()

    [ended] = api.get(f"/api/v1/operations/{number}/items").json["items"]
    assert ended["state"] == "failed"
    assert "interrupted" in ended["reason"]
    made = api.get(f"/api/v1/gateway-uploads/{upload}").json
    assert (made["outcome"]["code"], made["device"]["code"]) == ("interrupted", "unknown")
    assert api.get("/api/v1/gateway-uploads").json["total"] == 1
    assert api.post(f"{ONE}/uploads").status_code == 202
