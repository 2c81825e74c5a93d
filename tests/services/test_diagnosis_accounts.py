"""What a diagnosis says of accounts that the PBX has yet to make, and of phones that were asked."""

import time

import pytest

from peers import ami as peer
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    diagnosis,
    links,
    operations,
    pbx,
    phones,
    registrations,
    reprovisioning,
    users,
)
from provisioning.services.diagnosis import Step
from provisioning.services.users import NewUser
from provisioning.store import device_requests, proofs
from provisioning.store import operations as stored
from provisioning.store.database import transaction

MAC = MacAddress.parse("00-15-65-AA-BB-01")
SECOND = MacAddress.parse("00-15-65-AA-BB-02")


@pytest.fixture
def ada(site):
    users.create(NewUser("ada", "Ada", "201"), by="tests")
    for mac in (MAC, SECOND):
        phones.create(site, mac, model="yealink-T46", by="tests")


def step(site, code: str, mac: MacAddress = MAC) -> Step:
    return next(one for one in diagnosis.diagnose(site, mac).steps if one.code == code)


def link(connector: str) -> None:
    application_settings.change({"pbx_connector": connector}, by="tests")
    links.link(MAC, "ada", by="tests")


def ends(kind: str, state: str, reason: str) -> int:
    """The newest operation of a kind ends so."""
    _, [newest, *_] = stored.page(kind=kind, offset=0, limit=1)
    [item] = stored.claim(newest.id, f"test-{time.monotonic_ns()}", limit=1, now=time.time())
    if state == "waiting":
        assert stored.postpone_item(item.id, item.claim, time.time() + 60, reason)
    else:
        assert stored.end_item(item.id, item.claim, state, reason)
    return int(newest.id)


@pytest.mark.parametrize(
    ("connector", "kind"),
    [("asterisk", pbx.ACCOUNTS), ("nethvoice", pbx.NETHVOICE_ACCOUNT)],
)
def test_an_account_waits_for_the_pbx_and_its_failure_is_told(site, ada, connector, kind):
    link(connector)
    assert step(site, "account").finding == "account_waits"

    number = ends(kind, "waiting", "Nobody answers there.")
    waiting = step(site, "account")
    assert (waiting.finding, waiting.facts["reason"]) == ("account_waits", "Nobody answers there.")
    assert waiting.sentence.en.endswith("waits for the PBX. Nobody answers there.")

    stored.set_state(number, "cancelled", before=("running",))
    stored.skip_waiting(number, "The operation was cancelled.")
    assert step(site, "account").finding == "account_refused"


@pytest.mark.parametrize("connector", ["asterisk", "nethvoice"])
def test_a_refusal_names_the_operation_to_retry(site, ada, connector):
    link(connector)
    kind = {"asterisk": pbx.ACCOUNTS, "nethvoice": pbx.NETHVOICE_ACCOUNT}[connector]
    number = ends(kind, "failed", "It knows no such user.")

    found = step(site, "account")

    assert (found.finding, found.result) == ("account_refused", "problem")
    assert found.facts["reason"] == "It knows no such user."
    assert found.next_step.code == "retry_operation"
    assert found.next_step.parameters == {"operation": number}


def test_a_failure_for_another_phone_is_no_problem_of_one_that_is_registered(site, ada):
    link("asterisk")
    ends(pbx.ACCOUNTS, "failed", "The disk is full.")
    with transaction():
        proofs.note_registrations({str(MAC): "192.0.2.17"})
    assert step(site, "account").finding == "account_refused_works"


def test_without_a_connector_old_operations_do_not_count(site, ada):
    link("asterisk")
    ends(pbx.ACCOUNTS, "failed", "The disk is full.")
    application_settings.change({"pbx_connector": "none"}, by="tests")
    assert step(site, "account").finding == "linked"


def test_a_user_who_is_gone_or_locked_is_told(site, ada):
    link("none")
    users.change("ada", {"locked": True}, by="tests")
    assert step(site, "account").finding == "user_locked"
    users.sync([], by="tests")
    found = step(site, "account")
    assert found.finding == "user_gone"
    assert found.facts["gone_at"].timestamp() == pytest.approx(time.time(), abs=60)


def test_an_account_from_the_settings_is_an_account(site):
    phones.create(
        site, MAC, model="yealink-T46", variables={"account_username_1": "201"}, by="tests"
    )
    assert step(site, "account").finding == "account_of_settings"


def test_why_a_phone_could_not_be_asked_is_told(site, ada):
    fetched(MAC)
    reprovisioning.start([MAC], by="tests")
    ends(reprovisioning.KIND, "skipped", "The phone is not registered with the PBX.")

    found = step(site, "configuration")

    assert found.finding == "change_not_asked"
    assert found.sentence.en.endswith("The phone is not registered with the PBX.")


def test_one_that_was_asked_in_vain_is_told(site, ada, monkeypatch):
    fetched(MAC)
    number = operations.start(reprovisioning.KIND, [str(MAC)], by="tests")
    proofs.asked(str(MAC), at=time.time() + 1, operation=number)
    assert step(site, "configuration").finding == "change_asked"

    later = time.time() + 3600
    monkeypatch.setattr("time.time", lambda: later)
    assert step(site, "configuration").finding == "change_asked_in_vain"


def fetched(mac: MacAddress) -> None:
    """It has fetched something that it would not get now."""
    device_requests.write(
        [
            {
                "at": time.time(),
                "phone": str(mac),
                "access": "tok2",
                "address": "192.0.2.17",
                "user_agent": "",
                "vendor": "",
                "model": "",
                "firmware": "",
                "method": "GET",
                "file": f"{mac.bare}.cfg",
                "status": 200,
                "outcome": "served",
                "reason": None,
                "served_etag": '"old"',
                "served_digest": "old",
            }
        ]
    )


class TestRegistrations:
    @pytest.fixture
    def manager(self, monkeypatch):
        monkeypatch.setattr(registrations, "_FRESH_SECONDS", 0.0)
        with peer.listening(peer.Manager()) as manager:
            values = {"ami_host": "127.0.0.1", "ami_port": str(manager.port)}
            secret = {"ami_user": peer.USERNAME, "ami_secret": peer.SECRET}
            yield manager, {**values, **secret}

    def contact(self, number: str, address: str) -> str:
        return f"ObjectName: {number}\nEndpoint: {number}\nViaAddr: {address}"

    def test_from_where_a_phone_is_registered_is_noted_and_kept_up_to_date(
        self, site, ada, manager
    ):
        asterisk, settings = manager
        application_settings.change(settings, by="tests")
        for mac in (MAC, SECOND):
            links.link(mac, "ada", by="tests")
        assert step(site, "registration").finding == "manager_is_silent"

        asterisk.contacts = [self.contact("201", "192.0.2.17"), self.contact("91201", "")]
        registrations.refresh()
        first = step(site, "registration")
        assert first.finding == "registered_with_pbx"
        assert first.facts["registered_from"] == "192.0.2.17"
        assert "registered_from" not in step(site, "registration", SECOND).facts

        asterisk.contacts = [self.contact("201", "2001:db8::7")]
        registrations.refresh()
        again = step(site, "registration")
        assert again.facts == {**first.facts, "registered_from": "2001:db8::7"}
        assert step(site, "registration", SECOND).finding == "not_registered_with_pbx"

        asterisk.contacts = []
        registrations.refresh()
        assert step(site, "registration").finding == "not_registered_with_pbx"
        assert proofs.find(str(MAC)).registered_address is None

    def test_without_a_manager_nothing_is_known(self, site, ada):
        links.link(MAC, "ada", by="tests")
        assert step(site, "registration").finding == "no_manager"

    def test_what_was_known_is_forgotten_with_the_manager(self, site, ada):
        links.link(MAC, "ada", by="tests")
        with transaction():
            proofs.note_registrations({str(MAC): "192.0.2.17"})
        registrations.refresh()
        assert step(site, "registration").finding == "no_manager"
        assert proofs.find(str(MAC)).registered_address is None
