"""Redirect services are told of phones; what became of it is kept, with its reason.

The vendors' clouds are played by ``peers/rps``: they verify signatures, order and bodies.
"""

import pytest

from peers.rps.cloud import RETRY_AFTER_SECONDS
from peers.rps.falconieri import FakeFalconieri
from peers.rps.fanvil import FakeFanvil
from peers.rps.gigaset_xml_rpc import FakeGigasetXmlRpc, check_code
from peers.rps.hawk_rest import FakeGrape, FakeSraps
from peers.rps.snom_xml_rpc import FakeSnomXmlRpc
from peers.rps.yealink_v1 import FakeYealinkV1
from peers.rps.yealink_xml_rpc import FakeYealinkXmlRpc
from peers.rps.ymcs import FakeYmcs
from provisioning.connect.rps.catalogue import service_kinds
from provisioning.connect.rps.problems import Code
from provisioning.engine.mac import MacAddress
from provisioning.engine.values import VariablesRefused
from provisioning.jobs import handlers
from provisioning.jobs.kinds import Failed, Skip, TryAgain
from provisioning.services import (
    comparisons,
    defaults,
    operations,
    phones,
    redirect_accounts,
    redirections,
    reprovisioning,
    secrets,
)
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.phones import Facts
from provisioning.services.secrets import MASK
from provisioning.services.site import PublicUrl
from provisioning.store import database, devices
from provisioning.store import redirections as stored

MAC = MacAddress.parse("80-5E-0C-00-00-01")
SNOM = MacAddress.parse("00-04-13-00-00-01")
CLOUDS = [
    FakeFalconieri, FakeYmcs, FakeYealinkV1, FakeYealinkXmlRpc, FakeSraps, FakeSnomXmlRpc,
    FakeGrape, FakeGigasetXmlRpc, FakeFanvil,
]  # fmt: skip
PHONES = {
    "yealink": ("80-5E-0C-00-00-01", "yealink-T46"),
    "snom": ("00-04-13-00-00-01", "snom-D785"),
    "gigaset": ("7C-2F-80-00-00-01", "gigaset-MaxwellBasic"),
    "fanvil": ("0C-38-3E-00-00-01", "fanvil-X3"),
    "nethesis": ("E0-E6-56-00-00-01", "nethesis-NPX3"),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(comparisons, "_SETTLE_SECONDS", 0.0)


@pytest.fixture
def ymcs(site):
    with FakeYmcs() as cloud:
        cloud.may_add_by_mac = True
        redirect_accounts.save("ymcs", cloud.settings, ["yealink"], by="test")
        yield cloud
        assert cloud.broken_rules == []


def register(site, mac=MAC, **members):
    return phones.create(site, mac, model="yealink-T46", by="test", **members)


def told(site, mac=MAC) -> str:
    return redirections.state_of(site, mac).state


def work(site) -> dict[str, str]:
    """What changes lead to, done once: outcome by phone."""
    reprovisioning.after_changes(site)
    _, found = operations.page(kind=redirections.KIND, offset=0, limit=100)
    outcomes = {}
    for progress in reversed(found[:1]):
        for item in operations.items(progress.operation.id, state="waiting", offset=0, limit=99)[1]:
            outcomes[item.subject] = attempt(site, item.subject)
        operations.cancel(progress.operation.id, by="test")
    return outcomes


def attempt(site, subject: str, number: int = 1) -> str:
    try:
        return handlers._redirect(site, subject, {"attempt": number, "operation": 1})
    except (Failed, Skip, TryAgain) as ended:
        return f"{type(ended).__name__}: {ended}"


def test_a_registered_phone_is_led_to_its_first_access(site, ymcs):
    phone = register(site)
    assert told(site) == "waiting"
    assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}
    assert ymcs.devices == {MAC.bare: phone.provisioning_url1}
    assert told(site) == "done"


def test_a_phone_that_no_change_concerns_is_not_told_again(site, ymcs):
    register(site)
    work(site)
    asked = len(ymcs.asked)
    phones.change(site, MAC, variables={"language": "it"}, by="test")
    assert work(site) == {}
    assert len(ymcs.asked) == asked


def test_the_pin_that_the_service_tells_is_kept_and_shown_on_demand(site, ymcs):
    """It was thrown away (NethServer/dev 7765)."""
    register(site)
    work(site)
    assert redirections.state_of(site, MAC).has_pin
    pin = secrets.of_phone(site, MAC, by="test").redirect_pin
    assert pin
    assert pin.isdigit()
    assert pin not in str(redirections.state_of(site, MAC))


def test_telling_the_service_of_a_phone_makes_no_configuration_another(site, ymcs):
    """Each of 5,000 phones that were told of a new host name made all others be looked at anew."""
    register(site)
    before = database.version()
    work(site)
    assert told(site) == "done"
    assert database.version() == before


def test_a_new_token_reaches_the_service(site, ymcs):
    register(site)
    work(site)
    phones.rotate_tok1(MAC, by="test")
    work(site)
    assert ymcs.devices == {MAC.bare: phones.get(site, MAC).provisioning_url1}


def test_a_phone_that_used_its_token_up_is_not_told_again(site, ymcs):
    register(site)
    work(site)
    stored_url = ymcs.devices[MAC.bare]
    devices.drop_first_access(str(MAC))
    phones.change(site, MAC, variables={"language": "it"}, by="test")
    assert work(site) == {}
    assert ymcs.devices == {MAC.bare: stored_url}


def test_a_new_host_name_reaches_the_service_also_for_phones_in_use(site, ymcs):
    """A ladder was needed (NethServer/dev 7445)."""
    register(site)
    work(site)
    devices.drop_first_access(str(MAC))
    defaults.change(site, {"hostname": "new.example.org"}, by="test")
    assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}
    assert ymcs.devices[MAC.bare].startswith("https://new.example.org/provisioning/")
    assert ymcs.devices == {MAC.bare: phones.get(site, MAC).provisioning_url1}


def test_another_public_address_of_the_server_reaches_the_service(site, ymcs):
    """It is a variable of the environment: no change is made that could tell."""
    register(site)
    work(site)
    site.public_url = PublicUrl.parse("https://moved.example.org")
    assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}
    assert ymcs.devices[MAC.bare].startswith("https://moved.example.org/provisioning/")
    assert work(site) == {}


def test_a_removed_phone_is_taken_back(site, ymcs):
    """Its next owner was led to the old server (seen in NethVoice)."""
    register(site)
    work(site)
    phones.delete(MAC, by="test")
    assert work(site) == {str(MAC): "Yealink YMCS no longer leads the phone here."}
    assert ymcs.devices == {}
    assert redirections.page(state=None, offset=0, limit=9) == (0, [])


def test_a_phone_that_comes_back_before_it_was_taken_back_is_led_here(site, ymcs):
    register(site)
    work(site)
    phones.delete(MAC, by="test")
    phone = register(site)
    work(site)
    assert ymcs.devices == {MAC.bare: phone.provisioning_url1}
    assert told(site) == "done"


def test_a_device_of_another_account_is_told_with_the_reason_and_not_tried_again(site, ymcs):
    register(site)
    ymcs.give_to_others(MAC.bare)
    outcome = work(site)[str(MAC)]
    assert outcome.startswith("Failed: Yealink YMCS: The device is registered with another account")
    state = redirections.state_of(site, MAC)
    assert (state.state, state.code) == ("failed", "device_owned_by_other_user")
    assert "another account" in state.reason


def test_a_service_that_wants_the_serial_number_gets_it_once_it_is_known(site, ymcs):
    """Yealink's does (nemerald-voip/fspbx 600)."""
    ymcs.may_add_by_mac = False
    register(site)
    assert "serial number" in work(site)[str(MAC)]
    assert redirections.state_of(site, MAC).code == "serial_number_required"
    phones.change(site, MAC, facts={"serial": "3146019091637071"}, by="test")
    assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}


@pytest.mark.parametrize("trouble", ["rate_limited", "unavailable", "hang_up"])
def test_a_passing_failure_waits_with_its_reason_and_is_tried_again(site, ymcs, trouble):
    register(site)
    ymcs.trouble(trouble)
    assert work(site)[str(MAC)].startswith("TryAgain: Yealink YMCS")
    state = redirections.state_of(site, MAC)
    assert state.state == "waiting"
    assert state.reason
    ymcs.recover()
    assert attempt(site, str(MAC), 2) == "Yealink YMCS leads the phone here."


def test_a_service_that_asks_for_patience_gets_it(site, ymcs):
    register(site)
    work(site)
    phones.rotate_tok1(MAC, by="test")
    ymcs.trouble("rate_limited")
    with pytest.raises(TryAgain) as refused:
        handlers._redirect(site, str(MAC), {"attempt": 1, "operation": 1})
    assert refused.value.not_within_seconds == 7


def test_a_service_that_fails_for_a_day_is_given_up(site, ymcs):
    register(site)
    work(site)
    phones.rotate_tok1(MAC, by="test")
    comparisons.compare_touched(site)
    ymcs.trouble("unavailable")
    last = len(handlers._REDIRECT_PAUSES) + 1
    assert 23 * 3600 < sum(handlers._REDIRECT_PAUSES) < 25 * 3600
    assert attempt(site, str(MAC), last).startswith("Failed")
    assert told(site) == "failed"


def test_wrong_credentials_fail_and_a_right_account_mends_it(site, ymcs):
    register(site)
    ymcs.change_secret()
    assert "does not accept the credentials" in work(site)[str(MAC)]
    redirect_accounts.save("ymcs", ymcs.settings, ["yealink"], by="test")
    assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}


def test_no_reason_holds_a_token_or_a_secret(site, ymcs):
    phone = register(site)
    ymcs.trouble("foreign_500")
    outcome = work(site)[str(MAC)]
    for secret in (phone.tok1, ymcs.secret):
        assert secret not in outcome
        assert secret not in str(redirections.state_of(site, MAC).reason)


def test_a_phone_whose_vendor_has_no_service_says_so(site):
    sangoma = MacAddress.parse("00-50-58-00-00-01")
    phones.create(site, sangoma, model="sangoma-S500", by="test")
    register(site)
    assert told(site, sangoma) == "not_supported"
    assert told(site) == "not_configured"
    assert work(site) == {}


def test_a_gigaset_phone_inside_snoms_addresses_goes_to_gigasets_service(site):
    """They were sent to Snom's (seen in NethVoice)."""
    p_phone = MacAddress.parse("00-04-13-E5-00-01")
    with FakeGigasetXmlRpc() as cloud:
        redirect_accounts.save("gigaset_xml_rpc", cloud.settings, ["gigaset"], by="test")
        phones.create(
            site,
            p_phone,
            model="gigaset-P710",
            facts=Facts(check_code=check_code(p_phone.bare).lower()),
            by="test",
        )
        assert work(site) == {str(p_phone): "Gigaset XML-RPC leads the phone here."}
        phones.delete(p_phone, by="test")
        work(site)
        assert cloud.devices == {}
        assert cloud.broken_rules == []


def test_a_service_that_cannot_take_a_phone_back_leaves_a_reminder(site):
    with FakeFalconieri() as cloud:
        redirect_accounts.save("falconieri", cloud.settings, ["snom"], by="test")
        phones.create(site, SNOM, model="snom-D785", by="test")
        work(site)
        phones.delete(SNOM, by="test")
        assert "cannot take a registration away" in work(site)[str(SNOM)]
    [(mac, state)] = redirections.page(state="left", offset=0, limit=9)[1]
    assert (mac, state.code) == (str(SNOM), "remove_not_supported")
    redirections.dismiss(SNOM)
    with pytest.raises(NotFound):
        redirections.dismiss(SNOM)


@pytest.fixture(params=CLOUDS, ids=lambda cloud: cloud.kind)
def led(request, site):
    """A service of every kind that leads a phone here: the service and the phone."""
    with request.param() as cloud:
        vendor = service_kinds()[cloud.kind].vendors[-1]
        redirect_accounts.save(cloud.kind, cloud.settings, [vendor], by="test")
        mac = MacAddress.parse(PHONES[vendor][0])
        facts = Facts(serial="3146019091637071", check_code=check_code(mac.bare))
        phones.create(site, mac, model=PHONES[vendor][1], facts=facts, by="test")
        [outcome] = work(site).values()
        assert "leads the phone here" in outcome
        assert cloud.devices == {mac.bare: phones.get(site, mac).provisioning_url1}
        yield cloud, mac
        assert cloud.broken_rules == []


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (lambda cloud, mac: cloud.change_secret(), "wrong_credentials"),
        (lambda cloud, mac: cloud.give_to_others(mac.bare), "device_owned_by_other_user"),
        (lambda cloud, mac: cloud.trouble("foreign_500"), "device_owned_by_other_user"),
    ],
    ids=["wrong credentials", "owned elsewhere", "500 with a final text"],
)
def test_what_is_final_fails_at_every_service_and_is_not_tried_again(site, led, cause, code):
    cloud, mac = led
    phones.rotate_tok1(mac, by="test")
    cause(cloud, mac)
    assert work(site)[str(mac)].startswith("Failed: ")
    state = redirections.state_of(site, mac)
    assert (state.state, state.code) == ("failed", code)
    assert work(site) == {}


@pytest.mark.parametrize(
    ("trouble", "code", "not_within"),
    [("rate_limited", "rate_limited", RETRY_AFTER_SECONDS), ("slow", Code.TIMED_OUT, 0)],
)
def test_what_may_pass_waits_at_every_service_and_is_tried_again(
    site, led, monkeypatch, trouble, code, not_within
):
    cloud, mac = led
    phones.rotate_tok1(mac, by="test")
    comparisons.compare_touched(site)
    cloud.trouble(trouble)
    with monkeypatch.context() as hurried:
        if trouble == "slow":
            hurried.setattr(redirect_accounts, "_SECONDS", 0.2)
            redirect_accounts._opened.cache_clear()
        with pytest.raises(TryAgain) as again:
            handlers._redirect(site, str(mac), {"attempt": 1, "operation": 1})
    redirect_accounts._opened.cache_clear()
    state = redirections.state_of(site, mac)
    assert (state.state, state.code) == ("waiting", code)
    assert again.value.not_within_seconds == not_within
    cloud.recover()
    assert "leads the phone here" in attempt(site, str(mac), 2)
    assert cloud.devices == {mac.bare: phones.get(site, mac).provisioning_url1}
    assert told(site, mac) == "done"


def test_a_service_that_fails_is_asked_again_at_growing_pauses(site):
    pauses = handlers.handlers(site)[redirections.KIND].pauses
    assert list(pauses) == sorted(pauses)
    assert len(set(pauses)) > 5


class TestAccounts:
    def test_an_account_is_shown_without_its_secrets_and_a_mask_keeps_them(self, site, ymcs):
        shown = redirect_accounts.get("ymcs").settings
        assert shown["client_secret"] == MASK
        assert shown["client_id"] == ymcs.user
        redirect_accounts.save("ymcs", shown, ["yealink"], by="test")
        register(site)
        assert work(site) == {str(MAC): "Yealink YMCS leads the phone here."}

    def test_an_incomplete_account_is_refused_with_every_wrong_field(self, site):
        with pytest.raises(VariablesRefused) as refused:
            redirect_accounts.save(
                "ymcs", {"base_url": "ftp://x", "client_id": ""}, ["yealink"], by="test"
            )
        assert {e.name for e in refused.value.errors} == {"base_url", "client_id", "client_secret"}
        assert redirect_accounts.get("ymcs").settings is None

    @pytest.mark.parametrize("vendors", [[], ["snom"], ["yealink", "nobody"]])
    def test_an_account_is_for_vendors_that_the_service_takes(self, site, ymcs, vendors):
        with pytest.raises(BadName, match="vendor for Yealink YMCS"):
            redirect_accounts.save("ymcs", ymcs.settings, vendors, by="test")

    def test_a_vendors_phones_have_one_service(self, site, ymcs):
        with FakeFalconieri() as cloud, pytest.raises(InUse, match="Yealink YMCS"):
            redirect_accounts.save("falconieri", cloud.settings, ["yealink"], by="test")

    def test_without_its_account_a_service_is_told_nothing(self, site, ymcs):
        redirect_accounts.delete("ymcs", by="test")
        register(site)
        assert told(site) == "not_configured"
        with pytest.raises(NotFound):
            redirect_accounts.delete("ymcs", by="test")


def test_what_is_wanted_is_taken_once(site, ymcs):
    register(site)
    comparisons.compare_touched(site)
    assert stored.take_wanted(10) == [str(MAC)]
    assert stored.take_wanted(10) == []
