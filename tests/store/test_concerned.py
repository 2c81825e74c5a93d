"""The phones that a change can concern, a batch at a time, as one by one."""

import pytest

from provisioning.store import concerned, device_requests, devices, phones, proofs
from provisioning.store.concerned import Concerned

MACS = [f"00-15-65-00-00-0{n}" for n in range(1, 8)]
MODELS = ["t46", "t46", "t48", "t46", "", "t48", "t19"]


@pytest.fixture(autouse=True)
def some_phones(store):
    for mac, model in zip(MACS, MODELS, strict=True):
        phones.insert(mac, model=model, display_name="", variables={"of": mac})
        phones.add_token(mac, f"token of {mac}", kind=2)
    phones.replace_tags(MACS[0], ["hall", "ward"])
    phones.replace_tags(MACS[5], ["hall"])


def found(size=100, **wanted) -> list[str]:
    return [mac for batch in concerned.batches(Concerned(**wanted), size) for mac in batch]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_every_phone_comes_once_and_in_order_however_many_at_a_time(size):
    assert found(size, everyone=True) == MACS
    assert all(len(batch) <= size for batch in concerned.batches(Concerned(everyone=True), size))


def test_phones_of_models_and_tags_and_phones_by_themselves_are_joined():
    assert found(models=["t46"]) == [MACS[0], MACS[1], MACS[3]]
    assert found(tags=["hall"]) == [MACS[0], MACS[5]]
    assert found(macs=[MACS[4], "00-00-00-00-00-00"]) == [MACS[4]]
    assert found(models=["t19"], tags=["hall"], macs=[MACS[0]]) == [MACS[0], MACS[5], MACS[6]]


def test_nothing_concerns_nobody():
    assert found() == []


def test_phones_are_read_together_as_one_by_one():
    wanted = [MACS[3], MACS[0], "00-00-00-00-00-00"]
    assert devices.find_all(wanted) == [devices.find(MACS[0]), devices.find(MACS[3])]


def test_phones_that_never_fetched_called_themselves_nothing():
    event = {
        "at": 1.0, "phone": MACS[1], "access": "tok2", "address": "192.0.2.1",
        "user_agent": "Yealink SIP-T46S", "vendor": "yealink", "model": "SIP-T46S",
        "firmware": "66.86.0.15", "method": "GET", "file": "f", "status": 200,
        "outcome": "served", "reason": None, "served_etag": "e", "served_digest": "d",
    }  # fmt: skip
    device_requests.write([event])
    assert proofs.served_user_agents(MACS) == {MACS[1]: "Yealink SIP-T46S"}
