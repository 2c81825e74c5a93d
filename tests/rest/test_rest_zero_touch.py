"""Redirect services, DHCP and the manual way, through the API."""

import re
import xml.etree.ElementTree as ET

import pytest

from peers.rps.ymcs import FakeYmcs
from provisioning.connect.rps.problems import SENTENCES, Code, DetailNeeded
from provisioning.engine.mac import MacAddress
from provisioning.services import redirections
from provisioning.store import devices

SERVICES = "/api/v1/redirect-services"


class TestRedirectServices:
    def put(self, api, path, body):
        return api.put(path, json=body, headers={"If-Match": api.get(path).headers["ETag"]})

    def test_every_service_says_what_an_account_consists_of(self, api):
        services = {s["id"]: s for s in api.get(SERVICES).json["items"]}
        assert services["ymcs"]["takes"] == ["yealink"]
        fields = {f["name"]: f for f in services["ymcs"]["fields"]}
        assert fields["client_secret"]["secret"]
        assert all(f["label"]["it"] for s in services.values() for f in s["fields"])
        assert not services["falconieri"]["can_remove"]
        assert not any(s["configured"] for s in services.values())

    def test_an_account_is_stored_shown_masked_and_forgotten(self, api):
        with FakeYmcs() as cloud:
            body = {"settings": cloud.settings, "vendors": ["yealink"]}
            saved = self.put(api, f"{SERVICES}/ymcs", body)
            assert saved.status_code == 200, saved.text
            assert saved.json["settings"]["client_secret"] == "********"
            assert cloud.secret not in api.get("/api/v1/history").text
        path = f"{SERVICES}/ymcs"
        assert api.put(path, json=body).status_code == 428
        gone = api.delete(path, headers={"If-Match": saved.headers["ETag"]})
        assert gone.status_code == 204
        assert not api.get(path).json["configured"]

    def test_a_secret_that_somebody_changed_meanwhile_is_not_overwritten(self, api):
        """The masks of two secrets are the same, and so was the version."""
        path = f"{SERVICES}/ymcs"
        with FakeYmcs() as cloud:
            body = {"settings": cloud.settings, "vendors": ["yealink"]}
            seen = {"If-Match": self.put(api, path, body).headers["ETag"]}
            for secret, status in (("anna's", 200), ("bob's", 412)):
                settings = {**cloud.settings, "client_secret": secret}
                answer = api.put(path, json={**body, "settings": settings}, headers=seen)
                assert answer.status_code == status

    def test_wrong_fields_are_named(self, api):
        body = {"settings": {"nonsense": "x"}, "vendors": ["yealink"]}
        answer = self.put(api, f"{SERVICES}/ymcs", body)
        assert answer.status_code == 422
        named = {e["pointer"] for e in answer.json["errors"]}
        assert named >= {"#/settings/nonsense", "#/settings/client_id"}
        with FakeYmcs() as cloud:
            body = {"settings": cloud.settings, "vendors": ["snom"]}
            answer = self.put(api, f"{SERVICES}/ymcs", body)
        assert answer.status_code == 422
        assert "allowed: yealink" in answer.json["detail"]

    def test_what_went_wrong_is_told_in_both_languages(self, api, phone):
        site = api.application.extensions["site"]
        mac = MacAddress.parse(phone.rpartition("/")[2])
        with FakeYmcs() as cloud:
            body = {"settings": cloud.settings, "vendors": ["yealink"]}
            self.put(api, f"{SERVICES}/ymcs", body)
            api.post(f"{phone}/redirection")
            assert api.get(f"{phone}/redirection").json["meaning"] is None
            with pytest.raises(DetailNeeded) as told:
                redirections.settle(site, mac)
            redirections.note_problem(mac, told.value, final=True)
        answer = api.get(f"{phone}/redirection").json
        assert answer["code"] == "serial_number_required"
        assert answer["meaning"]["en"] in answer["reason"]
        assert "numero di serie" in answer["meaning"]["it"]
        assert SENTENCES.keys() == set(Code)
        assert all(said.en != said.it for said in SENTENCES.values())

    def test_a_phone_says_how_it_stands(self, api, phone):
        assert api.get(f"{phone}/redirection").json["state"] == "not_configured"
        again = api.post(f"{phone}/redirection")
        assert again.status_code == 202
        assert again.headers["Location"] == f"/api/v1/operations/{again.json['id']}"
        assert api.get("/api/v1/redirections").json["total"] == 0
        body = {"filter": {"vendor": "yealink"}}
        assert api.post("/api/v1/operations/redirect", json=body).json["total"] == 1
        looking = api.post("/api/v1/operations/redirect-look-up", json=body)
        assert (looking.status_code, looking.json["kind"]) == (202, "redirect_look_up")
        assert looking.json["total"] == 1


class TestDhcp:
    @pytest.mark.parametrize("server", ["dnsmasq", "kea", "dhcpd", "text"])
    def test_the_vendors_in_use_are_in_the_configuration(self, api, phone, server):
        answer = api.get(f"/api/v1/dhcp/{server}")
        assert answer.status_code == 200
        assert answer.content_type == "text/plain; charset=utf-8"
        assert "https://pbx.example.org/provisioning/$MAC.cfg" in answer.text
        assert "$mac.cfg" not in answer.text

    def test_vendors_may_be_named_and_the_description_is_in_both_languages(self, api):
        query = "vendors=snom,gigaset"
        english = api.get(f"/api/v1/dhcp/text?{query}").text
        italian = api.get(f"/api/v1/dhcp/text?{query}&language=it").text
        assert "114" in english
        assert english != italian
        answer = api.get("/api/v1/dhcp/text?vendors=nobody")
        assert answer.status_code == 422

    def test_phones_that_want_an_address_of_their_own_are_left_out_unless_asked_for(self, api):
        mac = "0C-11-05-00-00-01"
        api.post("/api/v1/phones", json={"mac": mac, "model": "akuvox-SPR50P"})
        token = api.get(f"/api/v1/phones/{mac}/secrets").json["tok1"]
        assert token not in api.get("/api/v1/dhcp/dnsmasq").text
        assert token in api.get("/api/v1/dhcp/dnsmasq?own=true").text
        last = api.get("/api/v1/history").json["items"][0]
        assert (last["kind"], last["action"]) == ("dhcp", "show")

    def test_a_phone_of_an_unknown_model_is_told_a_whole_address_too(self, api):
        """It ended at the token, and an Akuvox fetches what it is told and nothing else."""
        mac = "0C-11-05-00-00-01"
        api.post("/api/v1/phones", json={"mac": mac})
        token = api.get(f"/api/v1/phones/{mac}/secrets").json["tok1"]
        whole = f"/provisioning/{token}/0c1105000001.cfg"
        assert whole in api.get("/api/v1/dhcp/dnsmasq?own=true").text
        assert api.get(f"/api/v1/phones/{mac}/first-contact").json["url"].endswith(whole)

    def test_a_server_that_there_is_not_is_no_path(self, api):
        assert api.get("/api/v1/dhcp/windows").status_code == 404


class TestByHand:
    def test_what_is_typed_comes_with_a_picture_to_scan(self, api, phone):
        found = api.get(f"{phone}/first-contact").json
        url = api.get(f"{phone}/secrets").json["provisioning_url1"]
        assert found["url"] == url
        assert found["fields"][0]["value"] == url
        assert all(found[s]["text"]["it"] for s in ("enter", "reset", "switch_off"))
        picture = ET.fromstring(found["qr"])
        assert picture.tag.endswith("svg")
        assert re.search(r"<path", found["qr"])

    def test_who_looked_at_the_address_is_kept(self, api, phone):
        api.get(f"{phone}/first-contact")
        last = api.get("/api/v1/history").json["items"][0]
        assert (last["subject"], last["action"]) == ("00-15-65-AA-BB-01", "show")

    def test_a_phone_whose_first_access_is_used_up_gets_a_new_one_first(self, api, phone):
        devices.drop_first_access("00-15-65-AA-BB-01")
        assert api.get(f"{phone}/first-contact").status_code == 409
        api.post(f"{phone}/tok1")
        assert api.get(f"{phone}/first-contact").status_code == 200
