"""Lists of phones: found, filtered, sorted, counted."""

import time

import pytest

from provisioning.store import device_requests, proofs
from provisioning.store import phones as stored
from provisioning.store.database import transaction
from provisioning.store.proofs import Compared
from provisioning.store.tables import Proof

PHONES = "/api/v1/phones"
A, B, C, D = (f"00-15-65-00-00-0{n}" for n in range(1, 5))
SNOM = "00-04-13-00-00-05"


@pytest.fixture
def fleet(api):
    """Five phones, of two users, two vendors and every state."""
    for name, extension, group in (("ada", "201", "sales"), ("bob", "302", "support")):
        api.post(
            "/api/v1/users",
            json={"name": name, "display_name": f"{name.title()} K", "extension": extension,
                  "group": group},
        )  # fmt: skip
    for mac, model, more in (
        (A, "yealink-T46", {"location": "Hall", "tags": ["front", "b1"], "serial": "SN77"}),
        (B, "yealink-T48", {"location": "Attic", "tags": ["b1"], "display_name": "Zoe's"}),
        (C, "", {"note": "spare"}),
        (D, "yealink-T46", {}),
        (SNOM, "snom-D785", {"location": "Hall"}),
    ):
        assert api.post(PHONES, json={"mac": mac, "model": model, **more}).status_code == 201
    for mac, user in ((A, "ada"), (B, "bob"), (D, "ada")):
        etag = api.get(f"{PHONES}/{mac}/links").headers["ETag"]
        api.put(f"{PHONES}/{mac}/link", json={"user": user}, headers={"If-Match": etag})
    now = time.time()
    heard(A, now, "tok2", "served", "66.86.0.15")
    heard(B, now - 3 * 24 * 3600, "tok2", "served", "66.84.0.1")
    heard(D, now - 1, "tok1", "failed", "66.86.0.15")
    proofs.compared([Compared(A, now, now + 1, "another")])
    Proof.update(registered=False, registered_at=now).where(Proof.phone == B).execute()
    return api


def heard(mac: str, at: float, access: str, outcome: str, firmware: str) -> None:
    device_requests.write([{
        "at": at, "phone": mac, "access": access, "address": "192.0.2.77", "user_agent": "",
        "vendor": "yealink", "model": "SIP-T46S", "firmware": firmware, "method": "GET",
        "file": "", "status": 200, "outcome": outcome, "reason": None,
        **({"served_etag": '"e"', "served_digest": "d"} if outcome == "served" else {}),
    }])  # fmt: skip


def found(api, query: str) -> list[str]:
    answer = api.get(f"{PHONES}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json["total"] == len(answer.json["items"])
    return [phone["mac"] for phone in answer.json["items"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=201", [A, D]),
        ("search=91201", [D]),
        ("search=bob", [B]),
        ("search=K", [A, B, D]),
        ("search=hall", [SNOM, A]),
        ("search=SN77", [A]),
        ("search=spare", [C]),
        ("search=192.0.2.77", [A, B, D]),
        ("search=0015.6500.0003", [C]),
        ("search=15:65:00:00:02", [B]),
        ("search=15-65-00-00-02", [B]),
        ("search=zoe%27s", [B]),
        ("search=T48", [B]),
        ("search=%25", []),
        ("model=yealink-T46", [A, D]),
        ("vendor=yealink", [A, B, C, D]),
        ("vendor=snom", [SNOM]),
        ("vendor=nobody", []),
        ("tag=b1", [A, B]),
        ("location=Hall", [SNOM, A]),
        ("user=ada", [A, D]),
        ("group=support", [B]),
        ("firmware=66.84.0.1", [B]),
        ("tag=b1&location=Hall", [A]),
        ("state=no_model", [C]),
        ("state=not_linked", [SNOM, C]),
        ("state=waiting", [SNOM, C]),
        ("state=first_contact", [D]),
        ("state=pending", [A]),
        ("state=silent", [B]),
        ("state=not_registered", [B]),
        ("state=failing", [D]),
        ("state=fine", []),
        ("sort=-mac&tag=b1", [B, A]),
        ("sort=user", [SNOM, C, A, D, B]),
        ("sort=-extension&tag=b1", [B, A]),
        ("sort=location&vendor=yealink", [C, D, B, A]),
        ("sort=contact&user=ada", [D, A]),
    ],
)
def test_phones_are_found(fleet, query, expected):
    """The search of NethVoice's wizard knows no users, and fails at phones without a model."""
    assert found(fleet, query) == expected


def test_a_phone_is_in_several_states_the_worst_first(fleet):
    states = {p["mac"]: p["states"] for p in fleet.get(PHONES).json["items"]}
    assert states[D] == ["failing", "first_contact"]
    assert states[B] == ["not_registered", "silent"]
    assert states[C] == ["no_model", "waiting", "not_linked"]


def test_phones_are_counted_by_what_they_have_in_common(fleet):
    query = "facets=model,tag,location,firmware,group,state"
    assert fleet.get(f"{PHONES}?{query}").json["facets"] == {
        "model": {"snom-D785": 1, "yealink-T46": 2, "yealink-T48": 1},
        "tag": {"b1": 2, "front": 1},
        "location": {"Attic": 1, "Hall": 2},
        "firmware": {"66.84.0.1": 1, "66.86.0.15": 2},
        "group": {"sales": 2, "support": 1},
        "state": {"failing": 1, "no_model": 1, "waiting": 2, "first_contact": 1, "not_linked": 2,
                  "not_registered": 1, "silent": 1, "pending": 1},
    }  # fmt: skip
    filtered = fleet.get(f"{PHONES}?facets=model&tag=b1&page_size=1").json
    assert filtered["facets"] == {"model": {"yealink-T46": 1, "yealink-T48": 1}}
    assert (filtered["total"], len(filtered["items"])) == (2, 1)


@pytest.mark.parametrize("query", ["facets=nothing", "sort=nothing", "state=nothing"])
def test_what_no_list_knows_is_refused_with_what_there_is(fleet, query):
    answer = fleet.get(f"{PHONES}?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == query.partition("=")[0]


def test_a_row_tells_whose_phone_it_is_and_how_far_its_changes_are(fleet):
    [row] = fleet.get(f"{PHONES}?search=SN77").json["items"]
    assert [(link["user"], link["number"]) for link in row["links"]] == [("ada", "201")]
    assert row["tags"] == ["b1", "front"]
    assert row["proof"]["pending"]
    assert row["proof"]["fetched"] < row["proof"]["saved"]


def test_five_thousand_phones_are_listed_within_a_second(api):
    with transaction():
        for n in range(5_000):
            stored.insert(f"00-15-65-01-{n // 256:02X}-{n % 256:02X}", model="yealink-T46",
                          display_name=f"Phone {n}", variables={"language": "it"})  # fmt: skip
    begun = time.process_time()
    answer = api.get(f"{PHONES}?search=phone&sort=-user&facets=state,model&page_size=100").json
    assert answer["total"] == 5_000
    assert time.process_time() - begun < 1.0
