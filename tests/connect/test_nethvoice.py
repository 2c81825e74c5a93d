"""NethVoice's REST API: what is asked of it, and how its refusals are told apart."""

import pytest

from peers import nethvoice as peer
from provisioning.connect.nethvoice import (
    DeviceAccount,
    NethVoice,
    NethVoiceError,
    NethVoiceRefused,
    NethVoiceUnreachable,
)
from provisioning.engine.mac import MacAddress

MAC = MacAddress.parse("00-15-65-AA-BB-01")


@pytest.fixture
def pbx():
    with peer.listening() as found:
        yield found


def client(pbx: peer.NethVoice, **differences) -> NethVoice:
    given = {"user": peer.USER, "password": peer.PASSWORD, "secret": peer.SECRET, **differences}
    return NethVoice(pbx.url, timeout=5, **given)


def test_an_account_is_made_told_and_released(pbx):
    with client(pbx) as nethvoice:
        assert nethvoice.account(MAC) is None
        assert nethvoice.make_account(MAC, "201", model="yealink-T46", line=1) == "201"
        assert nethvoice.account(MAC) == DeviceAccount("201", "made-by-nethvoice-1")
        nethvoice.set_encryption("201", encryption=True)
        nethvoice.reconfigure("201")
        nethvoice.release_account("201")
        nethvoice.release_account("201")
    assert pbx.accounts == {}
    assert pbx.encrypted == {"201": True}
    assert pbx.reconfigured == ["201"]


@pytest.mark.parametrize(
    "wrong", [{"user": "root"}, {"password": "guessed"}, {"secret": "guessed"}]
)
def test_wrong_credentials_are_told_without_the_secret(pbx, wrong):
    with client(pbx, **wrong) as nethvoice, pytest.raises(NethVoiceRefused) as refused:
        nethvoice.account(MAC)
    assert "guessed" not in str(refused.value)


@pytest.mark.parametrize(
    ("status", "expected"),
    [(500, NethVoiceUnreachable), (502, NethVoiceUnreachable), (429, NethVoiceUnreachable),
     (400, NethVoiceError), (404, NethVoiceError), (302, NethVoiceError)],
)  # fmt: skip
def test_a_server_that_is_not_well_is_told_from_one_that_refuses(pbx, status, expected):
    pbx.status = status
    with client(pbx) as nethvoice, pytest.raises(expected, match=str(status)):
        nethvoice.make_account(MAC, "201", model="", line=1)


def test_nobody_at_home_is_a_passing_failure(pbx):
    nethvoice = NethVoice("http://127.0.0.1:1/rest", "a", "b", "c", timeout=1)
    with nethvoice, pytest.raises(NethVoiceUnreachable):
        nethvoice.account(MAC)
