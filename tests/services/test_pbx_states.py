"""What users switch on at the PBX reaches their phones; a small Manager plays Asterisk."""

import pytest

from peers import ami as peer
from provisioning.connect.ami import AmiProblem
from provisioning.engine.mac import MacAddress
from provisioning.engine.user_state import UserState
from provisioning.jobs import clock
from provisioning.services import (
    application_settings,
    configurations,
    history,
    links,
    pbx_states,
    phones,
    users,
)
from provisioning.services.users import NewUser
from provisioning.store import database, proofs
from provisioning.store.proofs import Compared

MAC = MacAddress.parse("00-15-65-00-00-01")
NOTHING = UserState(call_waiting=False)  # what an empty database of Asterisk says


@pytest.fixture
def manager():
    with peer.listening(peer.Manager()) as manager:
        yield manager


@pytest.fixture
def pbx(site, manager):
    """Ada has a phone, Bob has none; the states are to come from the PBX."""
    users.create(NewUser("ada", "Ada", "201"), by="test")
    users.create(NewUser("bob", "Bob", "202"), by="test")
    phones.create(site, MAC, model="yealink-T46", by="test")
    links.link(MAC, "ada", by="test")
    use(manager, state_from_pbx="1")
    return manager


def use(manager, **settings: str) -> None:
    given = {"ami_host": "127.0.0.1", "ami_port": str(manager.port), "ami_user": peer.USERNAME}
    application_settings.change({**given, "ami_secret": peer.SECRET, **settings}, by="test")


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ({}, NOTHING),
        ({"/DND/201": "YES"}, UserState(dnd=True, call_waiting=False)),
        ({"/DND/201": "NO"}, NOTHING),
        ({"/CW/201": "ENABLED"}, UserState(call_waiting=True)),
        ({"/CW/201": "DISABLED"}, NOTHING),
        ({"/CF/201": "345"}, UserState(call_waiting=False, forward_always="345")),
        ({"/CFB/201": "346"}, UserState(call_waiting=False, forward_busy="346")),
        ({"/CFU/201": "347"}, UserState(call_waiting=False, forward_timeout="347")),
        (
            {"/AMPUSER/201/followme/prering": "20"},
            UserState(call_waiting=False, forward_timeout_seconds=20),
        ),
        # Nobody else's, and nothing that only looks like it.
        ({"/DND/2011": "YES", "/dnd/201": "YES", "/DND/91201": "YES", "/CF/202": "9"}, NOTHING),
        ({"/AMPUSER/2012/followme/prering": "20", "/AMPUSER/201/ringtimer": "15"}, NOTHING),
        # What no phone could be told.
        ({"/AMPUSER/201/followme/prering": "soon", "/CF/201": "9" * 41}, NOTHING),
        ({"/AMPUSER/201/followme/prering": "99999"}, NOTHING),
        ({"/AMPUSER/201/followme/prering": "²"}, NOTHING),
    ],
)
def test_a_state_is_what_asterisks_database_says_of_the_main_extension(pbx, entries, state):
    pbx.database = entries

    pbx_states.refresh()
    assert users.state("ada") == state
    assert pbx_states.refresh() == 0


def test_an_extension_that_begins_with_9_is_not_cut(site, pbx):
    """9123 was taken for the second device of 23 (seen in NethVoice)."""
    users.create(NewUser("carl", "Carl", "9123"), by="test")
    other = MacAddress.parse("00-15-65-00-00-02")
    phones.create(site, other, model="yealink-T46", by="test")
    links.link(other, "carl", by="test")
    pbx.database = {"/CF/23": "666", "/CF/9123": "345"}

    pbx_states.refresh()

    assert users.state("carl").forward_always == "345"


def test_the_second_device_of_a_user_has_the_users_state(site, pbx):
    second = MacAddress.parse("00-15-65-00-00-02")
    phones.create(site, second, model="yealink-T46", by="test")
    assert links.link(second, "ada", by="test").number == "91201"
    pbx.database = {"/DND/201": "YES"}

    pbx_states.refresh()

    for mac in (MAC, second):
        body = configurations.preview(site, mac, None).body.decode()
        assert "account.1.dnd.enable = 1" in body


def test_only_what_changed_is_stored_recorded_and_reaches_phones(site, pbx):
    pbx.database = {"/DND/201": "YES", "/DND/202": "YES"}
    pbx_states.refresh()
    proofs.compared([Compared(str(MAC), proofs.find(str(MAC)).touched_at, None, None)])
    before = database.version()

    assert pbx_states.refresh() == 0
    assert database.version() == before  # nobody's cache is emptied
    assert proofs.find(str(MAC)).touched_at is None

    pbx.database = {}
    assert pbx_states.refresh() == 1
    assert proofs.find(str(MAC)).touched_at is not None
    total, [last, *_] = history.page(site, kind="user", subject="ada", offset=0, limit=10)
    assert (last.actor, last.action) == ("PBX", "state")
    assert total == 3  # created, on, off
    assert users.state("bob") == UserState()  # no device, not asked


@pytest.mark.parametrize("without", [{"state_from_pbx": ""}, {"ami_host": ""}])
def test_nobody_is_asked_unless_the_settings_say_so(pbx, without):
    pbx.database = {"/DND/201": "YES"}
    use(pbx, **{"state_from_pbx": "1", **without})

    assert pbx_states.refresh() == 0
    assert pbx.asked == []
    assert users.state("ada") == UserState()


def test_without_devices_nobody_is_asked(site, pbx):
    links.unlink(site, MAC, by="test")
    assert pbx_states.refresh() == 0
    assert pbx.asked == []


def test_it_is_off_as_shipped(site):
    assert not application_settings.get().flag("state_from_pbx")


@pytest.mark.parametrize("breaks", ["DBGetTree", "Login"])
def test_a_pbx_that_does_not_answer_changes_nothing_and_is_logged_once(pbx, breaks, caplog):
    users.set_state("ada", UserState(dnd=True), by="test")
    pbx.dies_on = breaks
    with pytest.raises(AmiProblem):
        pbx_states.refresh()

    clock.look_at_states()
    clock.look_at_states()

    assert users.state("ada") == UserState(dnd=True)
    [told] = caplog.messages
    assert "what users have switched on is not known" in told
    assert peer.SECRET not in told

    pbx.dies_on = ""
    clock.look_at_states()
    assert users.state("ada") == NOTHING
    pbx.dies_on = breaks
    clock.look_at_states()
    assert len(caplog.messages) == 2  # a new silence
    pbx.dies_on = ""
    clock.look_at_states()


def test_the_clock_looks_every_20_seconds(site):
    [job] = [job for job in clock.clock_jobs(site) if job.name == "user states"]
    assert job.trigger.interval.total_seconds() == 20
    assert job.work is clock.look_at_states
