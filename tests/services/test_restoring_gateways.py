"""Gateways come back from the history: what the unit knows stays, what was revoked is new."""

import pytest
from restored import last, restore

from provisioning.engine.mac import MacAddress
from provisioning.services import application_settings, pbx, users
from provisioning.services.errors import CannotRestore, NoState, NotFound
from provisioning.services.gateways import changing, states
from provisioning.services.gateways.states import PortState
from provisioning.services.users import NewUser
from provisioning.store import history as recorded
from provisioning.store.tables import Operation

BOX = MacAddress.parse("C0-74-AD-0B-1C-2D")


@pytest.fixture
def gateway(site):
    """A box with the telephone of a user and one of nobody."""
    users.create(NewUser("ada", "Ada", "201"), by="test")
    given = {
        "name": "Lobby", "mac": str(BOX), "model": "grandstream-ht802",
        "address": "192.168.5.41", "netmask": "255.255.255.0", "router": "192.168.5.1",
        "dns": ("192.168.5.1",), "pbx_host": "pbx.example.org", "proxy": "proxy.example.org",
    }  # fmt: skip
    ports = [PortState(1, user="ada"), PortState(2, extension="300")]
    return changing.create(site, given, ports, by="test")


def test_a_change_is_taken_back_and_how_one_logs_in_stays(site, gateway):
    login = {"login_user": "admin", "login_password": "typed", "login_shell": "telnet"}
    changing.change(site, BOX, {"name": "Cellar", "country": "de", **login}, by="test")
    done = restore(site, last())
    found = states.get(BOX).state
    assert (found.name, found.country) == ("Lobby", "it")
    assert (found.login_password, found.login_shell) == ("typed", "telnet")
    assert found.ports == gateway.state.ports
    assert done.remarks == ("load_again",)


def test_a_port_that_was_freed_gets_another_secret(site, gateway):
    """The old one was revoked; who knows it must not be let in again."""
    changing.free_port(site, BOX, 1, by="test")
    restore(site, last())
    one, two = states.get(BOX).state.ports
    assert (one.user, one.extension) == ("ada", "201")
    assert len(one.secret) >= 20
    assert one.secret != gateway.state.ports[0].secret
    assert two == gateway.state.ports[1]


def test_a_removed_one_comes_back_with_other_secrets_and_another_address(site, gateway):
    changing.delete(BOX, by="test")
    done = restore(site, last())
    found = states.get(BOX)
    assert [port.extension for port in found.state.ports] == ["201", "300"]
    old = {port.secret for port in gateway.state.ports}
    assert not old & {port.secret for port in found.state.ports}
    assert found.token != gateway.token
    assert done.remarks == ("new_tokens", "load_again")


def test_the_pbx_hears_of_it(site, gateway):
    application_settings.change({"pbx_connector": "asterisk"}, by="test")
    changing.delete(BOX, by="test")
    Operation.delete().execute()
    restore(site, last())
    assert [operation.kind for operation in Operation.select()] == [pbx.ACCOUNTS]


def test_what_stands_in_its_way_is_told_by_name(site, gateway):
    changing.delete(BOX, by="test")
    number = last()
    users.create(NewUser("ben", "Ben", "300"), by="test")
    with pytest.raises(CannotRestore, match=r'ports/1/extension: "300" is taken'):
        restore(site, number)
    with pytest.raises(NotFound):
        states.get(BOX)


def test_as_it_is_already_it_is_no_change(site, gateway):
    assert restore(site, last(), "after").change is None
    assert states.get(BOX).state == gateway.state


@pytest.mark.parametrize("side", ["before", "after"])
def test_an_upload_is_no_state_to_go_back_to(site, gateway, side):
    """How it ended was taken for the gateway's state: status 500."""
    told = {"upload": 1, "outcome": "unreachable"}
    recorded.record("test", states.KIND, str(BOX), "upload", after=told)
    with pytest.raises(NoState, match="'upload' of a gateway keeps no state"):
        restore(site, last(), side)
    assert states.get(BOX).state == gateway.state
