"""What a change of the settings means for the accounts that are there: the PBX is told of them.

They used to stay where they were until the next phone was linked.
"""

import pytest

from peers import nethvoice as peer
from provisioning.connect.nethvoice import NethVoiceError
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    asterisk,
    configurations,
    links,
    nethvoice,
    operations,
    pbx,
    phones,
    restoring,
    settings_changes,
    users,
)
from provisioning.services.users import NewUser
from provisioning.store import history

MAC = MacAddress.parse("00-15-65-00-00-01")
OTHER = MacAddress.parse("00-15-65-00-00-02")


@pytest.fixture
def linked(site):
    """A phone that was linked before anybody chose a PBX."""
    users.create(NewUser("ada", "Ada", "201"), by="test")
    users.create(NewUser("bob", "Bob", "202"), by="test")
    for mac in (MAC, OTHER):
        phones.create(site, mac, model="yealink-T46", by="test")
    links.link(MAC, "ada", by="test")
    return site


@pytest.fixture
def server():
    with peer.listening() as found:
        yield found


def settings_of(server) -> dict[str, str]:
    return {
        "pbx_connector": "nethvoice",
        "nethvoice_url": server.url,
        "nethvoice_user": peer.USER,
        "nethvoice_password": peer.PASSWORD,
        "nethvoice_secret": peer.SECRET,
    }


def change(**values: str) -> None:
    settings_changes.change(values, by="test")


def waiting(kind: str) -> list[tuple[str, object]]:
    """What waits, once; each is then taken as done."""
    found = []
    for progress in operations.page(kind=kind, offset=0, limit=100)[1]:
        _, items = operations.items(progress.operation.id, state="waiting", offset=0, limit=100)
        found += [(item.subject, progress.operation.parameters.get("anew")) for item in items]
        if items:
            operations.cancel(progress.operation.id, by="test")
    return found


def account_on_the_phone(site) -> str:
    text = configurations.preview(site, MAC, None).body.decode()
    return next(line for line in text.splitlines() if line.startswith("account.1.user_name"))


def test_accounts_that_are_there_reach_the_pbx_that_is_chosen(linked, tmp_path):
    file = tmp_path / "devices.conf"
    change(pbx_connector="asterisk", pjsip_file=str(file))
    assert waiting(pbx.ACCOUNTS) == [(pbx.ALL_ACCOUNTS, None)]
    asterisk.write_accounts(linked)
    assert "[201]" in file.read_text()


@pytest.mark.parametrize(
    "values",
    [
        {"pjsip_file": "/srv/other.conf"},
        {"pjsip_context": "from-users"},
        {"pjsip_transport": "tls"},
        {"pjsip_outbound_proxy": "sip:127.0.0.1;lr"},
        {"ami_secret": "another"},
    ],
)
def test_accounts_are_written_anew_when_what_stands_in_the_file_or_reads_it_changes(linked, values):
    change(pbx_connector="asterisk", pjsip_file="/srv/devices.conf")
    waiting(pbx.ACCOUNTS)
    change(**values)
    assert waiting(pbx.ACCOUNTS)
    change(**values)
    assert waiting(pbx.ACCOUNTS) == []


def test_other_settings_are_no_matter_of_the_pbx(linked):
    change(pbx_connector="asterisk", pjsip_file="/srv/devices.conf")
    waiting(pbx.ACCOUNTS)
    change(push_pace="50", devices_per_user="9")
    assert waiting(pbx.ACCOUNTS) == []


def test_a_setting_that_is_brought_back_tells_the_pbx_too(linked):
    change(pbx_connector="asterisk", pjsip_file="/srv/devices.conf")
    waiting(pbx.ACCOUNTS)
    change(pjsip_context="wrong")
    waiting(pbx.ACCOUNTS)
    last = next(history.of_subject("settings", "settings"))
    restoring.restore(linked, last.id, to="before", by="test")
    assert waiting(pbx.ACCOUNTS)


def test_a_phone_keeps_its_account_until_nethvoice_has_made_its_own(linked, server):
    change(**settings_of(server))
    assert account_on_the_phone(linked).endswith("= 201")
    old = phones.effective(linked, MAC)["account_password_1"].value
    assert waiting(pbx.NETHVOICE_ACCOUNT) == [(f"{MAC}/1", True)]
    assert nethvoice.settle(MAC, 1, None, anew=True) == "201 is made."
    assert phones.effective(linked, MAC)["account_password_1"].value != old
    assert nethvoice.settle(MAC, 1, None, anew=True) == "201 is made."
    assert server.made == 1


def test_accounts_that_nethvoice_did_not_make_are_ours_when_it_is_no_longer_to(linked, server):
    """They stayed unconfirmed for ever: no phone got them."""
    change(**settings_of(server))
    links.link(OTHER, "bob", by="test")
    assert [link.confirmed for link in links.of_phone(OTHER)] == [False]
    change(pbx_connector="none")
    assert [link.confirmed for link in links.of_phone(OTHER)] == [True]


def test_accounts_that_wait_are_tried_again_with_other_credentials(linked, server):
    change(**settings_of(server))
    waiting(pbx.NETHVOICE_ACCOUNT)
    links.link(OTHER, "bob", by="test")
    waiting(pbx.NETHVOICE_ACCOUNT)
    change(nethvoice_password="right at last")
    assert waiting(pbx.NETHVOICE_ACCOUNT) == [(f"{OTHER}/1", False)]


def test_the_account_of_one_line_is_not_dropped_for_that_of_another(linked, server):
    """NethVoice has one account for a phone, and drops it silently for the next."""
    change(**settings_of(server))
    nethvoice.settle(MAC, 1, None, anew=True)
    links.link(MAC, "bob", line=2, by="test")
    with pytest.raises(NethVoiceError, match="one account for a phone, and this one has 201"):
        nethvoice.settle(MAC, 2, None)
    assert server.numbers() == {MAC.colons: "201"}


def test_an_extension_that_ends_like_another_is_not_taken_for_it(linked, server):
    server.make(OTHER.colons, "9202")
    change(**settings_of(server))
    links.link(OTHER, "bob", by="test")
    assert nethvoice.settle(OTHER, 1, None) == "202 is made."
