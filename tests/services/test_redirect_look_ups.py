"""What redirect services have of phones is looked up: it may have been changed there."""

import pytest

from peers.rps.falconieri import FakeFalconieri
from peers.rps.ymcs import FakeYmcs
from provisioning.engine.mac import MacAddress
from provisioning.jobs import handlers
from provisioning.jobs.kinds import Failed, Skip, TryAgain
from provisioning.services import operations, phones, redirect_accounts, redirections
from provisioning.services import redirect_look_ups as look_ups
from provisioning.services.errors import NotFound
from provisioning.store import devices

MAC = MacAddress.parse("80-5E-0C-00-00-01")


@pytest.fixture
def ymcs(site):
    with FakeYmcs() as cloud:
        cloud.may_add_by_mac = True
        redirect_accounts.save("ymcs", cloud.settings, ["yealink"], by="test")
        phones.create(site, MAC, model="yealink-T46", by="test")
        redirections.start(site, [MAC], by="test")
        redirections.settle(site, MAC)
        yield cloud
        assert cloud.broken_rules == []


def looked_up(site) -> str:
    """How an item of the operation ends."""
    number = look_ups.start([MAC], by="test")
    kind = str(operations.progress(number).operation.kind)
    try:
        return handlers.handlers(site)[kind].work(str(MAC), {"attempt": 1})
    except (Failed, Skip, TryAgain) as ended:
        return f"{type(ended).__name__}: {ended}"


def test_a_phone_that_is_led_here_is_told_as_such(site, ymcs):
    assert looked_up(site) == "Yealink YMCS leads the phone here."


def test_a_phone_in_use_is_led_here_though_its_first_access_is_used_up(site, ymcs):
    devices.drop_first_access(str(MAC))
    assert looked_up(site).startswith("Yealink YMCS leads the phone here; its first access")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cloud: cloud.devices.clear(), "does not know the phone"),
        (
            lambda cloud: cloud.devices.update({MAC.bare: "https://elsewhere.example.org/t0ken"}),
            "to another address",
        ),
        (
            lambda cloud: cloud.devices.update(
                {MAC.bare: "https://pbx.example.org/provisioning/t0ken"}
            ),
            "with an old token",
        ),
    ],
    ids=["forgotten", "elsewhere", "old"],
)
def test_what_somebody_changed_at_the_service_is_told_without_the_address(
    site, ymcs, change, words
):
    change(ymcs)
    ended = looked_up(site)
    assert ended.startswith("Failed: ")
    assert words in ended
    assert "t0ken" not in ended
    assert redirections.state_of(site, MAC).state == "done", "what it was told stays as it is"


def test_a_service_that_tells_nothing_is_not_taken_for_a_failure(site):
    with FakeFalconieri() as cloud:
        redirect_accounts.save("falconieri", cloud.settings, ["yealink"], by="test")
        phones.create(site, MAC, model="yealink-T46", by="test")
        assert looked_up(site).startswith("Skip: ")


def test_without_an_account_nobody_is_asked(site):
    phones.create(site, MAC, model="yealink-T46", by="test")
    assert looked_up(site).startswith("Skip: There is no account")


def test_wrong_credentials_are_told(site, ymcs):
    settings = {**ymcs.settings, "client_secret": "another"}
    redirect_accounts.save("ymcs", settings, ["yealink"], by="test")
    assert looked_up(site).startswith("Failed: Yealink YMCS: The service does not accept")


def test_a_service_that_is_away_is_asked_again(site, ymcs):
    settings = {**ymcs.settings, "base_url": "http://127.0.0.1:9"}
    redirect_accounts.save("ymcs", settings, ["yealink"], by="test")
    assert looked_up(site).startswith("TryAgain: ")


def test_only_phones_that_are_registered_are_looked_up(site):
    with pytest.raises(NotFound):
        look_ups.start([MAC], by="test")
