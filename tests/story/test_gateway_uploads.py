"""Uploads to gateways from the API to the unit and back: proved, followed, never two at once."""

import contextlib
import threading

import pytest
from gateways_at_work import HT801, TRINITY, ht801, trinity
from site_at_work import until

import memory
from peers.gateways import clients_left

MAX_GROWTH_KILOBYTES = 60_000


def test_a_patton_is_uploaded_verified_and_answers_at_its_new_address(gateways):
    path = gateways.register(TRINITY)
    with gateways.on(trinity(), "192.168.5.41") as unit:
        made = gateways.upload(path)
        running = unit.state()["configurations"]["running-config"]

    told = gateways.site.get(f"{path}/secrets")
    assert made["outcome"]["code"] == "done", made
    assert made["device"]["code"] == "changed"
    assert made["identity"]["model"] == "SIM-4BRI"
    assert made["sent"] == made["commands"] + 1, "the question about the restart is answered"
    assert unit.restarts == 1
    assert told["ports"][0]["secret"] in running
    shown = gateways.site.get(path)
    assert (shown["current_address"], shown["login_user"]) == ("192.168.5.41", "administrator")
    assert told["login_password"] == told["admin_password"] != "old-secret"
    assert shown["delivered"]["how"] == "upload"
    assert clients_left() == []


def test_the_transcript_tells_what_was_said_and_no_secret(gateways):
    path = gateways.register(HT801)
    with gateways.on(ht801(), "192.168.5.41"):
        made = gateways.upload(path)

    told = gateways.site.get(f"{path}/secrets")
    secrets = [told["admin_password"], told["ports"][0]["secret"], "old-secret"]
    answer = gateways.site.call("GET", f"/gateway-uploads/{made['id']}/transcript?limit=5000")
    lines = answer.json["items"]
    assert made["outcome"]["code"] == "done", made
    assert "set 35 350" in [line["text"] for line in lines if line["kind"] == "sent"]
    assert not [secret for secret in secrets if secret in answer.text]
    half = lines[len(lines) // 2]["id"]
    rest = gateways.site.get(f"/gateway-uploads/{made['id']}/transcript?after={half}&limit=5000")
    assert rest["items"] == [line for line in lines if line["id"] > half]


def test_what_the_unit_held_before_is_kept_and_shown_without_secrets(gateways):
    path = gateways.register(TRINITY)
    with gateways.on(trinity(), "192.168.5.41"):
        made = gateways.upload(path)

    of = f"/gateway-uploads/{made['id']}/old-configuration"
    assert "OldSecret0000000000X" not in gateways.site.get(of)["text"]
    assert "username old" in gateways.site.get(of)["text"]
    assert "OldSecret0000000000X" in gateways.site.call("POST", of).json["text"]


@pytest.mark.parametrize(
    ("unit", "outcome", "device"),
    [
        (lambda: trinity(login=("administrator", "another")), "wrong_password", "unchanged"),
        (lambda: trinity(mac="00A0BA999999", model="SIM-4BRI"), "wrong_model", "unchanged"),
        (lambda: trinity(returns=False), "not_back_after_reboot", "unknown"),
    ],
)
def test_a_failure_ends_in_its_state_with_a_reason_for_the_admin(gateways, unit, outcome, device):
    path = gateways.register(TRINITY)
    with gateways.on(unit(), "192.168.5.41"):
        made = gateways.upload(path)

    item = gateways.site.get(f"/operations/{made['operation']}/items")["items"][0]
    assert (made["outcome"]["code"], made["device"]["code"]) == (outcome, device)
    assert item["state"] == "failed"
    assert item["reason"].startswith(made["outcome"]["meaning"]["en"])
    assert made["outcome"]["to_do"]["it"]
    assert gateways.site.get(path)["current_address"] == "192.168.5.40"
    assert clients_left() == []


def test_a_gateway_that_is_not_there_is_unreachable(gateways):
    path = gateways.register(HT801)
    made = gateways.upload(path)

    assert made["outcome"]["code"] == "unreachable"
    assert made["device"]["code"] == "unchanged"


def test_a_grandstream_is_told_where_its_file_is_and_fetches_it(gateways):
    """The unit is told over the command line, fetches over HTTPS: no SIP secret over telnet."""
    path = gateways.register(HT801, fetches=True)
    told = gateways.site.get(f"{path}/secrets")
    token = told["provisioning_url"].partition("/provisioning/")[2]
    with gateways.on(ht801(), "192.168.5.41") as unit:
        answer = gateways.site.call("POST", f"{path}/uploads")
        until(lambda: unit.restarts)
        fetched = gateways.site._client.get(f"/provisioning/{token}/cfgc074ad0b1c2d.xml")
        gateways.site.work(answer.json["id"])
        commands = "\n".join(unit.commands())

    made = gateways.site.get(path)
    assert fetched.status_code == 200
    assert f"<P34>{told['ports'][0]['secret']}</P34>" in fetched.text
    assert made["upload"]["outcome"]["code"] == "told"
    assert made["delivered"]["how"] == "fetch"
    assert made["fetched_at"]
    assert told["ports"][0]["secret"] not in commands
    assert f"set 237 pbx.example.org/provisioning/{token}" in commands


def test_only_the_token_and_the_name_open_the_file_of_a_gateway(gateways):
    path = gateways.register(HT801, fetches=True)
    token = gateways.site.get(f"{path}/secrets")["provisioning_url"].rpartition("/")[2]
    client = gateways.site._client

    for place in (f"{token}x/cfgc074ad0b1c2d.xml", "cfgc074ad0b1c2d.xml", f"{token}/cfg0.xml"):
        assert client.get(f"/provisioning/{place}").status_code == 404
    assert client.head(f"/provisioning/{token}/cfgc074ad0b1c2d.xml").status_code == 200
    assert gateways.site.get(path)["fetched_at"] is None
    gateways.site.application.events.flush()
    log = gateways.site.get("/requests")["items"]
    assert {one["phone"] for one in log if one["access"] == "gateway"} == {"C0-74-AD-0B-1C-2D"}
    assert token not in str(log)


def test_an_upload_is_stopped_when_its_operation_is_cancelled(gateways):
    path = gateways.register(HT801)
    with gateways.on(ht801(fault=("hang", "get", "")), "192.168.5.41"):
        number = gateways.site.call("POST", f"{path}/uploads").json["id"]
        until(lambda: (gateways.site.get(path)["upload"] or {}).get("phase") == "save_old")
        gateways.site.call("POST", f"/operations/{number}/cancel")
        gateways.site.work(number)

    made = gateways.site.get(path)["upload"]
    assert made["outcome"]["code"] == "cancelled"
    assert made["device"]["code"] == "unchanged"


def test_an_upload_that_is_retried_or_cloned_waits_for_the_one_that_goes_on(gateways):
    """Only a new upload was refused; two at once would type into each other's configuration."""
    path = gateways.register(HT801)
    failed = gateways.upload(path)["operation"]
    with gateways.on(ht801(fault=("hang", "get", "")), "192.168.5.41") as unit:
        number = gateways.site.call("POST", f"{path}/uploads").json["id"]
        until(lambda: (gateways.site.get(path)["upload"] or {}).get("phase") == "save_old")
        gateways.site.call("POST", f"/operations/{failed}/retry")
        cloned = gateways.site.call("POST", f"/operations/{number}/clone").json["id"]
        wanted = f"The upload of operation {number} to this gateway goes on."
        for waits in (failed, cloned):
            items = f"/operations/{waits}/items"
            until(lambda at=items: gateways.site.get(at)["items"][0]["reason"] == wanted)
            gateways.site.call("POST", f"/operations/{waits}/cancel")
        gateways.site.call("POST", f"/operations/{number}/cancel")
        gateways.site.work(number)
        assert unit.commands().count("status") == 1

    assert gateways.site.get(f"/gateway-uploads?operation={number}")["total"] == 1
    assert gateways.site.get(f"/gateway-uploads?operation={cloned}")["total"] == 0


def test_trunks_and_telephones_reach_the_pbx_and_leave_it(gateways):
    path = gateways.register(TRINITY)
    gateways.register(HT801, address="192.168.5.42", current_address="")
    file = gateways.site.pjsip_file

    def has(*names):
        text = file.read_text() if file.exists() else ""
        return all(f"[{name}]" in text for name in names)

    until(lambda: has("Patton_11a2b3_isdn_0", "350"))
    text = file.read_text()
    secrets = gateways.site.get(f"{path}/secrets")["ports"]
    assert f"password = {secrets[0]['secret']}" in text
    assert "context = from-pstn-identity" in text
    assert "device_state_busy_at = 2" in text
    gateways.site.register_everybody()
    told = gateways.site.get("/gateways/C0-74-AD-0B-1C-2D/registrations")
    assert told["ports"] == [
        {"number": 1, "account": "350", "registered": True, "address": "192.0.2.1"}
    ]
    assert told["reason"] is None
    assert gateways.site.get(f"{path}/registrations")["ports"][0]["registered"] is False
    gateways.site.change("DELETE", path)
    until(lambda: not has("Patton_11a2b3_isdn_0"))
    assert has("350")


def test_fifty_gateways_are_uploaded_at_once_in_bounded_memory_and_each_can_be_followed(gateways):
    """The progress of all of them is one request."""
    paths, most = [], 0
    with contextlib.ExitStack() as stack:
        for n in range(1, 51):
            program = (ht801 if n % 5 == 0 else trinity)(
                address=f"192.168.{n}.40", mac=f"{'C074AD' if n % 5 == 0 else '00A0BA'}0000{n:02X}"
            )
            stack.enter_context(gateways.on(program, f"192.168.{n}.41"))
            body = HT801 if n % 5 == 0 else TRINITY
            places = {
                "name": f"Gateway {n}", "mac": program.mac, "address": f"192.168.{n}.41",
                "current_address": f"192.168.{n}.40", "router": f"192.168.{n}.1",
            }  # fmt: skip
            ports = [{"number": 1, "extension": str(600 + n)}] if n % 5 == 0 else body["ports"]
            paths.append(gateways.register(body, **places, ports=ports))
        macs = [path.rpartition("/")[2] for path in paths]
        before = memory.begin()
        answer = gateways.site.call("POST", "/gateway-uploads", {"gateways": macs})
        number = answer.json["id"]

        def look():
            nonlocal most
            progress = gateways.site.get(f"/operations/{number}")["items"]
            most = max(most, progress["working"])
            threading.Event().wait(0.05)
            return progress["done"] + progress["failed"] == 50

        until(look, seconds=120)
        followed = gateways.site.get(f"/gateway-uploads?operation={number}&page_size=100")["items"]

    assert [one["outcome"]["code"] for one in followed] == ["done"] * 50
    assert {one["gateway"] for one in followed} == set(macs)
    assert most > 12
    assert memory.peak() - before < MAX_GROWTH_KILOBYTES
    assert clients_left() == []
