"""Everything the history keeps a state of can come back, as a version of its own."""

import io

import pytest
from restored import last, restore

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.engine.user_state import UserState
from provisioning.services import (
    application_settings,
    defaults,
    files,
    history,
    layouts,
    links,
    models,
    new_models,
    phones,
    secrets,
    users,
)
from provisioning.services.errors import CannotRestore, NoState, NotFound, WrongState
from provisioning.services.layouts import Uses
from provisioning.services.phones import Facts
from provisioning.services.users import NewUser
from provisioning.store import proofs
from provisioning.store.tables import Change

MAC = MacAddress.parse("00-15-65-AA-BB-01")
T46 = "yealink-T46"


@pytest.fixture
def phone(site) -> MacAddress:
    phones.create(
        site,
        MAC,
        model=T46,
        display_name="Reception",
        variables={"adminpw": "first-password", "language": "it"},
        facts=Facts("Hall", ("quiet",), "loud", "S1"),
        by="test",
    )
    return MAC


class TestPhones:
    def test_a_change_is_taken_back(self, site, phone):
        before = phones.state_of(MAC)
        phones.change(site, MAC, model="", variables={"adminpw": "x", "language": None},
                      facts={"tags": (), "location": "Attic"}, by="test")  # fmt: skip
        done = restore(site, last())
        assert phones.state_of(MAC) == before
        assert (done.kind, done.subject, done.phones_touched) == ("phone", str(MAC), 1)
        assert done.remarks == ()

    def test_what_was_taken_back_is_brought_forth_again(self, site, phone):
        phones.change(site, MAC, variables={"language": "fr"}, by="test")
        number = last()
        first = restore(site, number)
        restore(site, number, "after")
        assert phones.get(site, MAC).variables["language"] == "fr"
        restore(site, first.change, "after")
        assert phones.get(site, MAC).variables["language"] == "it"

    def test_a_deleted_phone_comes_back_with_new_tokens_and_without_links(self, site, phone):
        users.create(NewUser("ada", "Ada", "201"), by="test")
        links.link(MAC, "ada", by="test")
        before, tok2 = phones.state_of(MAC), phones.get(site, MAC).tok2
        phones.delete(MAC, by="test")
        done = restore(site, last())
        found = phones.get(site, MAC)
        assert phones.state_of(MAC) == before
        assert found.tok1
        assert found.tok2
        assert found.tok2 != tok2
        assert links.of_phone(MAC) == []
        assert done.remarks == ("new_tokens", "links_not_restored", "layouts_not_restored")

    def test_a_phone_whose_model_is_gone_comes_back_and_tells(self, site, phone):
        models.create(site, "acme-1", display_name="A", base=None, own_differences={}, by="test")
        phones.change(site, MAC, model="acme-1", by="test")
        number = last()
        phones.change(site, MAC, model=T46, by="test")
        models.delete(site, "acme-1", by="test")
        assert restore(site, number, "after").remarks == ("model_unknown",)
        assert phones.get(site, MAC).model == "acme-1"

    def test_an_import_that_knew_no_facts_leaves_them(self, site, phone):
        state = {"model": "", "display_name": "", "variables": {}}
        Change.insert(
            at=1, actor="x", kind="phone", subject=str(MAC), action="import", after=state
        ).execute()
        restore(site, last(), "after")
        assert phones.get(site, MAC).facts == Facts("Hall", ("quiet",), "loud", "S1")
        assert phones.get(site, MAC).model == ""

    def test_what_did_not_exist_before_does_not_come_back(self, site, phone):
        with pytest.raises(NoState, match="did not exist before"):
            restore(site, last())
        assert phones.get(site, MAC)

    def test_what_does_not_exist_after_does_not_come_back(self, site, phone):
        phones.delete(MAC, by="test")
        with pytest.raises(NoState, match="does not exist after"):
            restore(site, last(), "after")


class TestModels:
    def test_a_change_is_taken_back_and_tells_how_many_phones_it_touches(self, site, phone):
        models.change(site, T46, display_name="Ours", variables={"language": "fr"}, by="test")
        done = restore(site, last())
        assert models.get(site, T46).differences == {}
        assert models.get(site, T46).display_name != "Ours"
        assert done.phones_touched == 1

    def test_a_deleted_model_comes_back_with_its_base_and_how_it_is_recognised(self, site):
        models.create(
            site, "acme-1", display_name="A", base=T46, own_differences={"language": "fr"},
            by="test",
        )  # fmt: skip
        new_models.recognise(
            site, "acme-1", mac_prefixes=["02:00:00"], user_agents=["A1"], by="test"
        )
        before = models.get(site, "acme-1")
        models.delete(site, "acme-1", by="test")
        restore(site, last())
        assert models.get(site, "acme-1") == before

    def test_an_earlier_change_of_a_deleted_model_knows_its_base(self, site):
        models.create(site, "acme-1", display_name="A", base=T46, own_differences={}, by="test")
        models.change(site, "acme-1", variables={"language": "fr"}, by="test")
        number = last()
        models.delete(site, "acme-1", by="test")
        restore(site, number, "after")
        found = models.get(site, "acme-1")
        assert (found.base.id, found.differences) == (T46, {"language": "fr"})

    def test_how_it_was_recognised_comes_back_alone(self, site):
        models.create(site, "acme-1", display_name="A", base=T46, own_differences={}, by="test")
        for name in ("A1", "A2"):
            new_models.recognise(site, "acme-1", mac_prefixes=[], user_agents=[name], by="test")
        models.change(site, "acme-1", variables={"language": "fr"}, by="test")
        restore(site, last() - 1)
        found = models.get(site, "acme-1")
        assert (found.user_agents, found.differences) == (("A1",), {"language": "fr"})


class TestOthers:
    def test_defaults_come_back_and_tell_how_many_phones_they_touch(self, site, phone):
        before = defaults.get(site)
        defaults.change(site, {"language": "fr", "adminpw": "other"}, by="test")
        done = restore(site, last())
        assert defaults.get(site) == before
        assert done.phones_touched == 1

    def test_a_deleted_layout_comes_back_with_its_uses(self, site, phone):
        uses = Uses(models=(T46,), tags=("quiet",), phones=(str(MAC),))
        layouts.create(
            site,
            "Desk",
            variables={"linekey_type_1": "dnd"},
            fills=[Fill("linekey", 2, 5, "sales", "name")],
            uses=uses,
            by="test",
        )
        before = layouts.get("Desk")
        layouts.delete("Desk", by="test")
        done = restore(site, last())
        assert layouts.get("Desk") == before
        assert done.phones_touched == 1

    @pytest.mark.parametrize("gone", ["model", "phone"])
    def test_a_layout_whose_model_or_phone_is_gone_is_refused(self, site, phone, gone):
        models.create(site, "acme-1", display_name="A", base=None, own_differences={}, by="test")
        uses = Uses(models=("acme-1",), phones=(str(MAC),))
        layouts.create(site, "Desk", variables={}, uses=uses, by="test")
        layouts.delete("Desk", by="test")
        number = last()
        if gone == "model":
            models.delete(site, "acme-1", by="test")
        else:
            phones.delete(MAC, by="test")
        with pytest.raises(CannotRestore, match=f"no {gone}"):
            restore(site, number)
        with pytest.raises(NotFound):
            layouts.get("Desk")

    def test_a_user_comes_back_without_links(self, site, phone):
        users.create(NewUser("ada", "Ada", "201", "a@example.org", "sales"), by="test")
        users.change("ada", {"display_name": "Ada L.", "group": ""}, by="test")
        restore(site, last())
        assert (users.get("ada").display_name, users.get("ada").group) == ("Ada", "sales")
        users.delete("ada", by="test")
        restore(site, last())
        assert users.get("ada").email == "a@example.org"

    def test_a_user_whose_extension_is_taken_is_refused(self, site):
        users.create(NewUser("ada", "Ada", "201"), by="test")
        users.delete("ada", by="test")
        number = last()
        users.create(NewUser("bob", "Bob", "201"), by="test")
        with pytest.raises(CannotRestore, match="201"):
            restore(site, number)

    def test_a_user_whose_devices_hang_on_the_extension_keeps_it(self, site, phone):
        users.create(NewUser("ada", "Ada", "201"), by="test")
        users.change("ada", {"extension": "301"}, by="test")
        number = last()
        links.link(MAC, "ada", by="test")
        with pytest.raises(CannotRestore, match="unlink"):
            restore(site, number)
        assert users.get("ada").extension == "301"

    def test_what_a_user_had_switched_on_comes_back(self, site, phone):
        users.create(NewUser("ada", "Ada", "201"), by="test")
        links.link(MAC, "ada", by="test")
        users.set_state("ada", UserState(dnd=True), by="test")
        users.set_state("ada", UserState(), by="test")
        done = restore(site, last())
        assert users.state("ada") == UserState(dnd=True)
        assert done.phones_touched == 1

    def test_settings_come_back_with_their_secrets(self, site):
        application_settings.change({"ami_secret": "first", "ami_port": "1"}, by="test")
        application_settings.change({"ami_secret": "second", "ami_port": None}, by="test")
        restore(site, last())
        found = application_settings.get()
        assert (found.text("ami_secret"), found.number("ami_port")) == ("first", 1)

    def test_an_account_that_comes_back_with_a_phones_own_settings_is_told(self, site, phone):
        """Cleared when it was unlinked, it lets the phone register again, by nobody's link."""
        variables = {"account_username_1": "201", "account_password_1": "old"}
        phones.change(site, MAC, variables=variables, by="test")
        users.create(NewUser("ada", "Ada", "201"), by="test")
        links.link(MAC, "ada", by="test")
        links.unlink(site, MAC, by="test")
        [cleared] = [
            row.id
            for row in Change.select().where(Change.kind == "phone", Change.action == "change")
            if "account_password_1" not in row.after["variables"]
        ]
        assert restore(site, cleared).remarks == ("own_accounts",)
        assert phones.get(site, MAC).variables["account_password_1"] == "old"


class TestHistory:
    def test_the_entry_names_the_change_and_can_itself_be_restored(self, site, phone):
        phones.change(site, MAC, variables={"language": "fr"}, by="test")
        number = last()
        done = restore(site, number)
        entry = history.get(site, done.change)
        assert (entry.actor, entry.kind, entry.action) == ("anna", "phone", "restore")
        assert entry.restores == {"change": number, "to": "before"}
        assert entry.changed == ("variables/language",)
        assert "restored_from" not in entry.after
        assert history.get(site, number).restores is None

    def test_what_is_like_that_already_is_no_change(self, site, phone):
        entries = Change.select().count()
        done = restore(site, last(), "after")
        assert (done.change, done.phones_touched) == (None, 0)
        assert Change.select().count() == entries

    def test_restored_defaults_do_not_gain_a_setting(self, site):
        defaults.change(site, {"language": "fr"}, by="test")
        done = restore(site, last())
        defaults.change(site, {"language": "de"}, by="test")
        restore(site, done.change, "after")
        assert "restored_from" not in defaults.get(site)

    @pytest.mark.parametrize(
        ("deed", "refusal"),
        [
            (lambda site: secrets.of_phone(site, MAC, by="test"), NoState),
            (lambda site: phones.rotate_tok1(MAC, by="test"), CannotRestore),
            (
                lambda site: files.save(site, "ringtones", "a.wav", io.BytesIO(b"x"), by="test"),
                CannotRestore,
            ),
        ],
    )
    def test_what_holds_no_state_is_refused(self, site, phone, deed, refusal):
        deed(site)
        with pytest.raises(refusal):
            restore(site, last())

    def test_a_change_that_is_none_is_not_found(self, site):
        with pytest.raises(NotFound):
            restore(site, 999)

    def test_what_is_refused_leaves_no_trace(self, site, phone):
        users.create(NewUser("ada", "Ada", "201"), by="test")
        users.delete("ada", by="test")
        number = last()
        users.create(NewUser("bob", "Bob", "201"), by="test")
        entries, touched = Change.select().count(), proofs.touched_since(0)
        with pytest.raises(CannotRestore):
            restore(site, number)
        assert (Change.select().count(), proofs.touched_since(0)) == (entries, touched)


class TestCompare:
    def test_two_states_differ_member_by_member_without_secrets(self, site, phone):
        first = last()
        phones.change(
            site,
            MAC,
            model="",
            variables={"adminpw": "second-password", "language": None, "ntp_server": "x"},
            facts={"tags": ("quiet", "top")},
            by="test",
        )
        found = history.compare(site, (first, "after"), (last(), "after"))
        assert {(d.member, str(d.one), str(d.other)) for d in found} == {
            ("model", T46, ""),
            ("variables/adminpw", "********", "********"),
            ("variables/language", "it", "None"),
            ("variables/ntp_server", "None", "x"),
            ("tags", "['quiet']", "['quiet', 'top']"),
        }
        assert "password" not in repr([(d.one, d.other) for d in found])

    def test_a_state_is_like_itself(self, site, phone):
        assert history.compare(site, (last(), "after"), (last(), "after")) == ()

    def test_a_change_without_a_state_is_refused(self, site, phone):
        first = last()
        secrets.of_phone(site, MAC, by="test")
        with pytest.raises(NoState, match="'show'"):
            history.compare(site, (first, "after"), (last(), "after"))

    def test_things_of_two_kinds_are_not_compared(self, site, phone):
        first = last()
        defaults.change(site, {"language": "fr"}, by="test")
        with pytest.raises(WrongState):
            history.compare(site, (first, "after"), (last(), "after"))
