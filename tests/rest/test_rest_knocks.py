"""Devices that knock, taken in by one step."""

import pytest

from provisioning.store import device_requests

KNOCKS = "/api/v1/knocks"
MAC = "00-15-65-00-00-07"
AGENT = "Yealink SIP-T46S 66.86.0.15 00:15:65:00:00:07"


def request(mac: str, outcome: str, address: str = "192.0.2.9", at: float = 1.0) -> dict:
    return {
        "at": at, "phone": mac, "access": "tokenless", "address": address, "user_agent": AGENT,
        "vendor": "", "model": "", "firmware": "", "method": "GET", "file": "001565000007.cfg",
        "status": 404, "outcome": outcome, "reason": None, "counted": outcome == "too_many",
    }  # fmt: skip


@pytest.fixture
def knocked(api):
    device_requests.write([request(MAC, "unknown_phone"), request(MAC, "unknown_phone", at=5.0)])
    api.post("/api/v1/users", json={"name": "ada", "display_name": "Ada", "extension": "201"})
    return api


def test_a_device_is_listed_with_what_it_probably_is(knocked):
    answer = knocked.get(KNOCKS).json
    assert answer["total"] == 1
    assert answer["items"][0] == {
        "mac": MAC, "vendor": "yealink", "model": "yealink-T46", "via": "url",
        "address": "192.0.2.9", "user_agent": AGENT, "file": "001565000007.cfg", "times": 2,
        "first_at": "1970-01-01T00:00:01+00:00", "last_at": "1970-01-01T00:00:05+00:00",
    }  # fmt: skip
    assert knocked.get(f"{KNOCKS}/001565000007").json == answer["items"][0]


def test_a_device_is_taken_in_and_given_to_a_user_by_one_step(knocked):
    body = {"user": "ada", "location": "Hall", "tags": ["new"]}
    made = knocked.post(f"{KNOCKS}/{MAC}/adopt", json=body)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/api/v1/phones/{MAC}"
    assert (made.json["model"], made.json["location"]) == ("yealink-T46", "Hall")
    assert [link["number"] for link in made.json["links"]] == ["201"]
    assert knocked.get(KNOCKS).json["total"] == 0


def test_a_step_that_fails_in_the_middle_leaves_nothing(knocked):
    """A failure in the middle left half a phone (seen in NethVoice)."""
    assert knocked.post(f"{KNOCKS}/{MAC}/adopt", json={"user": "nobody"}).status_code == 404
    assert knocked.get(f"/api/v1/phones/{MAC}").status_code == 404
    assert knocked.get(KNOCKS).json["total"] == 1


def test_a_device_that_did_not_knock_is_not_taken_in(knocked):
    path = f"{KNOCKS}/00-15-65-00-00-08"
    assert knocked.post(f"{path}/adopt", json={}).status_code == 404
    assert knocked.delete(path).status_code == 404


def test_a_device_is_dismissed_until_it_knocks_again(knocked):
    assert knocked.delete(f"{KNOCKS}/{MAC}").status_code == 204
    assert knocked.get(KNOCKS).json["total"] == 0
    device_requests.write([request(MAC, "unknown_phone")])
    assert knocked.get(KNOCKS).json["total"] == 1


def test_addresses_that_try_tokens_are_listed(api):
    tries = [request(None, "unknown_token"), request(None, "too_many", at=3.0)]
    device_requests.write(tries)
    [row] = api.get("/api/v1/strangers").json["items"]
    assert (row["address"], row["requests"], row["refused"]) == ("192.0.2.9", 2, 1)
    assert api.get("/api/v1/requests").json["total"] == 1
