"""Accounts reach the PBX by an operation, and a PBX that fails never leaves half a link."""

import contextlib
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peers import ami
from peers import nethvoice as peer
from provisioning.connect import pjsip
from provisioning.connect.nethvoice import NethVoiceUnreachable
from provisioning.connect.pjsip_accounts import PjsipAccount, PjsipOptions, PjsipValueError
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    asterisk,
    configurations,
    links,
    nethvoice,
    operations,
    pbx,
    phones,
    users,
)
from provisioning.services.asterisk import NoAccountsFile
from provisioning.services.users import NewUser
from provisioning.store import links as stored_links
from provisioning.store.database import database

MAC = MacAddress.parse("00-15-65-00-00-01")
OTHER = MacAddress.parse("00-15-65-00-00-02")


@pytest.fixture
def people(site):
    users.create(NewUser("ada", "Ada", "201"), by="test")
    users.create(NewUser("bob", "Bob", "202"), by="test")
    for mac in (MAC, OTHER):
        phones.create(site, mac, model="yealink-T46", by="test")
    return site


def secret(site, mac=MAC) -> str:
    return phones.effective(site, mac)["account_password_1"].value


def pending(kind: str) -> list[tuple[str, dict]]:
    """Subject and parameters of the items that wait."""
    found = []
    for progress in operations.page(kind=kind, offset=0, limit=100)[1]:
        _, items = operations.items(progress.operation.id, state="waiting", offset=0, limit=100)
        found += [(item.subject, progress.operation.parameters) for item in items]
    return found


@given(name=st.text(st.characters(), min_size=1, max_size=20))
def test_every_name_that_a_user_may_have_can_be_written(name):
    """One that could not kept all accounts from being written, and all secrets from ending."""
    if not list(users.refusals(NewUser("ada", name, "201"))):
        account = PjsipAccount("201", "201", name, secret="s" * 20, context="from-internal")
        assert "callerid" in pjsip.render([account], PjsipOptions())


class TestAsterisk:
    @pytest.fixture
    def accounts_file(self, people, tmp_path):
        file = tmp_path / "pjsip_devices.conf"
        values = {"pbx_connector": "asterisk", "pjsip_file": str(file)}
        application_settings.change(values, by="test")
        return file

    def test_linking_many_phones_writes_the_file_once(self, people, accounts_file):
        links.link(MAC, "ada", by="test")
        links.link(OTHER, "bob", by="test")
        users.change("ada", {"display_name": "Ada King"}, by="test")
        assert pending(pbx.ACCOUNTS) == [(pbx.ALL_ACCOUNTS, {})]

    def test_the_secret_of_an_unlinked_phone_is_gone_from_the_file(self, people, accounts_file):
        links.link(MAC, "ada", by="test")
        old = secret(people)
        assert asterisk.write_accounts(people) == (
            "1 accounts are written; no Manager is set to have them read."
        )
        assert f"password = {old}" in accounts_file.read_text()
        links.unlink(people, MAC, by="test")
        asterisk.write_accounts(people)
        assert old not in accounts_file.read_text()

    def test_whoever_read_the_accounts_earlier_does_not_write_them_later(
        self, people, accounts_file, monkeypatch
    ):
        """Two attempts may overlap: the earlier one must not bring a revoked secret back."""
        links.link(MAC, "ada", by="test")
        old = secret(people)
        write, at_the_file, go_on = pjsip.write, threading.Event(), threading.Event()

        def write_slowly(path, text):
            if old in text:
                at_the_file.set()
                go_on.wait(0.5)
            return write(path, text)

        def write_accounts():
            asterisk.write_accounts(people)
            database.close()

        monkeypatch.setattr(pjsip, "write", write_slowly)
        threads = [threading.Thread(target=write_accounts) for _ in range(2)]
        threads[0].start()
        assert at_the_file.wait(5)
        links.unlink(people, MAC, by="test")
        threads[1].start()
        threads[1].join(0.2)
        go_on.set()
        for thread in threads:
            thread.join()
        assert old not in accounts_file.read_text()

    @pytest.mark.parametrize("content", [b"[global]\ntype = global\n", b"SQLite format 3\0", b"\n"])
    def test_a_file_of_somebody_else_is_left_alone(self, people, accounts_file, content):
        """A slip of the pen in pjsip_file must not cost a site its pjsip.conf, or its database."""
        links.link(MAC, "ada", by="test")
        accounts_file.write_bytes(content)
        with pytest.raises(NoAccountsFile, match="was not written here"):
            asterisk.write_accounts(people)
        assert accounts_file.read_bytes() == content
        accounts_file.write_bytes(b"")
        asterisk.write_accounts(people)
        asterisk.write_accounts(people)
        assert "[201]" in accounts_file.read_text()

    def test_names_and_context_stand_in_the_file(self, people, accounts_file):
        application_settings.change({"pjsip_context": "cti-profile-3"}, by="test")
        links.link(MAC, "ada", encryption=False, by="test")
        asterisk.write_accounts(people)
        text = accounts_file.read_text()
        assert 'callerid = "Ada" <201>' in text
        assert "context = cti-profile-3" in text
        assert "media_encryption = no" in text

    def test_asterisk_reads_the_file_again_also_when_it_was_right_already(
        self, people, accounts_file
    ):
        """The attempt before may have failed at the reload."""
        with ami.listening(ami.Manager()) as manager:
            values = {"ami_host": "127.0.0.1", "ami_port": manager.port, "ami_user": ami.USERNAME,
                      "ami_secret": ami.SECRET}  # fmt: skip
            application_settings.change(values, by="test")
            asterisk.write_accounts(people)
            asterisk.write_accounts(people)
        assert len(manager.asked_for("Reload")) == 2

    def test_without_a_file_it_says_so(self, people):
        with pytest.raises(NoAccountsFile, match="pjsip_file"):
            asterisk.write_accounts(people)

    def test_a_name_that_no_file_can_hold_stops_the_file_not_the_old_one(
        self, people, accounts_file
    ):
        links.link(MAC, "ada", by="test")
        asterisk.write_accounts(people)
        before = accounts_file.read_bytes()
        stored_links.User.update(display_name="a\nb").execute()
        with pytest.raises(PjsipValueError):
            asterisk.write_accounts(people)
        assert accounts_file.read_bytes() == before

    def test_nothing_is_written_down_where_no_connector_is_chosen(self, people):
        links.link(MAC, "ada", by="test")
        assert operations.page(kind=None, offset=0, limit=10)[0] == 0


class TestNethVoice:
    @pytest.fixture
    def server(self, people):
        with peer.listening() as found:
            application_settings.change(
                {
                    "pbx_connector": "nethvoice",
                    "nethvoice_url": found.url,
                    "nethvoice_user": peer.USER,
                    "nethvoice_password": peer.PASSWORD,
                    "nethvoice_secret": peer.SECRET,
                },
                by="test",
            )
            yield found

    def settle_all(self) -> list[str]:
        done = []
        for subject, parameters in reversed(pending(pbx.NETHVOICE_ACCOUNT)):
            mac, line = subject.split("/")
            encryption = parameters.get("encryption", False)
            released = parameters["released"]
            done.append(
                nethvoice.settle(MacAddress.parse(mac), int(line), released, encryption=encryption)
            )
        for progress in operations.page(kind=None, offset=0, limit=100)[1]:
            operations.cancel(progress.operation.id, by="test")
        return done

    def test_the_account_is_the_one_that_nethvoice_made(self, people, server):
        server.make("00:15:65:99:99:99", "201")  # a device that NethVoice knows and we do not
        made = links.link(MAC, "ada", by="test")
        assert not made.confirmed
        text = configurations.preview(people, MAC, None).body.decode()
        assert "account.1.enable = 0" in text

        assert self.settle_all() == ["91201 is made."]

        [link] = links.of_phone(MAC)
        assert (link.number, link.confirmed) == ("91201", True)
        assert secret(people) == "made-by-nethvoice-2"
        assert server.encrypted == {"91201": True}
        text = configurations.preview(people, MAC, None).body.decode()
        assert "account.1.user_name = 91201" in text

    def test_a_pbx_that_does_not_answer_leaves_a_pending_operation_and_no_account(
        self, people, server
    ):
        links.link(MAC, "ada", by="test")
        server.status = 503
        with pytest.raises(NethVoiceUnreachable):
            nethvoice.settle(MAC, 1, None)
        assert [link.confirmed for link in links.of_phone(MAC)] == [False]
        server.status = 0
        nethvoice.settle(MAC, 1, None)
        assert [link.confirmed for link in links.of_phone(MAC)] == [True]

    def test_an_account_whose_answer_was_lost_is_not_made_twice(self, people, server):
        """Making it again would drop it silently and take the next number."""
        links.link(MAC, "ada", by="test")
        server.dies_after = "POST /rest/physicalextensions"
        with pytest.raises(NethVoiceUnreachable):
            nethvoice.settle(MAC, 1, None)
        nethvoice.settle(MAC, 1, None)
        assert server.made == 1
        assert links.of_phone(MAC)[0].number == "201"

    def test_two_changes_of_a_phone_at_once_make_one_account(self, people, server):
        """Each is an operation; the account that was made first would be dropped silently."""
        links.link(MAC, "ada", by="test")
        both_look = threading.Barrier(2)

        def look_together(asked):
            if asked.startswith("GET /rest/phones/account"):
                with contextlib.suppress(threading.BrokenBarrierError):
                    both_look.wait(0.3)

        def settle():
            nethvoice.settle(MAC, 1, None)
            database.close()

        server.before = look_together
        threads = [threading.Thread(target=settle) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.made == 1
        assert links.of_phone(MAC)[0].number == "201"

    def test_unlinking_releases_the_account_and_clears_the_phone_at_once(self, people, server):
        links.link(MAC, "ada", by="test")
        self.settle_all()
        old = secret(people)
        links.unlink(people, MAC, by="test")
        assert old not in configurations.preview(people, MAC, None).body.decode()
        assert self.settle_all() == ["201 is released."]
        assert server.accounts == {}

    def test_a_phone_that_moves_releases_its_old_number_and_gets_another_account(
        self, people, server
    ):
        links.link(MAC, "ada", by="test")
        self.settle_all()
        links.link(MAC, "bob", by="test")
        assert self.settle_all() == ["201 is released, 202 is made."]
        assert [a["extension"] for a in server.accounts.values()] == ["202"]

    def test_a_number_that_was_given_out_again_here_is_released_there_first(self, people, server):
        """Else the old device could go on with its old secret."""
        links.link(MAC, "ada", by="test")
        self.settle_all()
        links.unlink(people, MAC, by="test")
        links.link(OTHER, "ada", by="test")
        assert self.settle_all() == ["201 is released.", "201 is made."]
        assert list(server.accounts) == [OTHER.colons]

    def test_the_account_that_took_a_released_number_is_left_alone(self, people, server):
        links.link(MAC, "ada", by="test")
        self.settle_all()
        assert nethvoice.settle(OTHER, 1, "201") == "nothing was to be done."
        assert list(server.accounts) == [MAC.colons]

    def test_encryption_that_is_switched_later_reaches_nethvoice(self, people, server):
        """The phone was told and NethVoice was not: they did not hear each other."""
        links.link(MAC, "ada", encryption=True, by="test")
        self.settle_all()
        links.link(MAC, "ada", encryption=False, by="test")
        assert self.settle_all() == ["encryption of 201 is switched."]
        assert server.encrypted == {"201": False}
        assert server.made == 1

    def test_settling_twice_is_as_good_as_once(self, people, server):
        links.link(MAC, "ada", by="test")
        self.settle_all()
        asked = len(server.asked)
        assert nethvoice.settle(MAC, 1, None) == "nothing was to be done."
        assert len(server.asked) == asked
