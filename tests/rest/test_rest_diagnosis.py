"""``GET /phones/{mac}/diagnosis``, as the user interface asks for it."""

import pytest

URL = "/api/v1/phones/00-15-65-AA-BB-01/diagnosis"
STEPS = [
    "address", "model", "redirect", "network", "token", "request", "account", "configuration",
    "registration", "firmware",
]  # fmt: skip


def test_a_phone_is_told_step_by_step_with_what_to_do(api, phone):
    answer = api.get(URL)

    assert answer.status_code == 200
    body = answer.json
    assert (body["mac"], body["known"], body["result"]) == ("00-15-65-AA-BB-01", True, "problem")
    assert [step["code"] for step in body["steps"]] == STEPS
    asked = body["steps"][3]
    assert (asked["finding"], asked["result"]) == ("never_asked_options", "problem")
    assert asked["title"] == {
        "en": "First contact by DHCP or PnP",
        "it": "Primo contatto con DHCP o PnP",
    }
    assert body["next_step"] == asked["next_step"]
    assert body["next_step"]["code"] == "start_phone_with_options"
    assert body["next_step"]["parameters"] == {"mac": "00:15:65:AA:BB:01", "options": ["66"]}
    assert set(body["next_step"]["sentence"]) == {"en", "it"}


def test_an_address_that_is_not_registered_is_answered_too(api):
    body = api.get(URL).json
    assert (body["known"], body["result"]) == (False, "problem")
    assert body["next_step"]["code"] == "register_phone"
    assert body["steps"][4]["next_step"] is None


@pytest.mark.parametrize("notation", ["0015.65aa.bb01", "00:15:65:aa:bb:01", "001565AABB01"])
def test_the_address_is_taken_in_any_notation(api, phone, notation):
    assert api.get(f"/api/v1/phones/{notation}/diagnosis").json["known"]


def test_times_are_written_as_everywhere(api, phone):
    api.post("/api/v1/users", json={"name": "ada", "extension": "201"})
    link = f"{phone}/link"
    api.put(link, json={"user": "ada"}, headers={"If-Match": "*"})
    api.put("/api/v1/users", json={"users": []})
    account = api.get(URL).json["steps"][6]
    assert account["finding"] == "user_gone"
    assert account["facts"]["gone_at"].endswith("+00:00")


def test_nothing_secret_is_told(api, phone, secret):
    told = api.get(URL).text
    secrets = api.get(f"{phone}/secrets").json
    assert secrets["tok1"]
    for hidden in (secret, secrets["tok1"], secrets["tok2"]):
        assert hidden not in told


def test_nobody_is_told_without_signing_in(anonymous, phone):
    assert anonymous.get(URL).status_code == 401
