"""Moves: what the plan says is what happens, and nothing secret stays with who had it."""

import pytest
from office import NEW, OLD, THIRD, all_phones, body, carry_out, secret, told

from provisioning.engine.mac import MacAddress
from provisioning.services import application_settings, links, moves, operations, pbx, phones, users
from provisioning.services.moves import Desk, Leave, Replace
from provisioning.store import devices
from provisioning.store.database import version
from provisioning.store.tables import Change


class TestPlan:
    def test_a_plan_changes_nothing(self, office):
        number, entries = version(), Change.select().count()
        before = [str(phone) for phone in all_phones(office)]
        work = operations.page(kind=None, offset=0, limit=9)[0]
        moves.plan(office, Leave("ada", remove=True))
        moves.plan(office, Replace(OLD, MacAddress("001565000009")))
        assert (version(), Change.select().count()) == (number, entries)
        assert [str(phone) for phone in all_phones(office)] == before
        assert operations.page(kind=None, offset=0, limit=9)[0] == work

    def test_the_same_situation_has_the_same_digest(self, office):
        assert moves.plan(office, Leave("ada")) == moves.plan(office, Leave("ada"))

    @pytest.mark.parametrize(
        "meanwhile",
        [
            lambda site: links.unlink(site, NEW, by="other"),
            lambda site: phones.change(site, OLD, variables={"language": "it"}, by="other"),
            lambda site: phones.change(
                site, THIRD, variables={"linekey_type_1": "blf", "linekey_value_1": "201"}, by="o"
            ),
            lambda site: users.change("ada", {"display_name": "Ada L."}, by="other"),
        ],
    )
    def test_another_situation_has_another_digest(self, office, meanwhile):
        phones.change(office, THIRD, variables={"linekey_person_2": "ada"}, by="test")
        before = moves.plan(office, Leave("ada"))
        meanwhile(office)
        assert moves.plan(office, Leave("ada")).digest != before.digest

    def test_a_new_secret_of_the_same_account_is_another_situation(self, office):
        before = moves.plan(office, Leave("ada"))
        links.unlink(office, NEW, by="other")
        links.link(NEW, "ada", by="other")
        after = moves.plan(office, Leave("ada"))
        assert after.effects == before.effects
        assert after.digest != before.digest

    def test_a_phone_that_fetches_meanwhile_does_not_make_a_plan_stale(self, office):
        before = moves.plan(office, Leave("ada"))
        devices.drop_first_access(str(OLD))
        assert moves.plan(office, Leave("ada")).digest == before.digest

    def test_no_effect_tells_a_secret(self, office):
        known = [secret(OLD), secret(NEW), phones.get(office, OLD).tok2]
        plan = moves.plan(office, Replace(OLD, MacAddress("001565000009")))
        assert not any(hidden in repr(plan.effects) for hidden in known)

    def test_a_review_that_refuses_leaves_everything_as_it_was(self, office):
        class Other(Exception):
            pass

        def refuse(seen):
            raise Other

        number, entries = version(), Change.select().count()
        with pytest.raises(Other):
            moves.carry_out(office, Leave("ada", remove=True), review=refuse, by="anna")
        assert (version(), Change.select().count()) == (number, entries)
        assert len(links.of_users(["ada"])["ada"]) == 2

    def test_one_entry_of_the_history_ties_the_move_together(self, office):
        first = Change.select().count()
        done = moves.carry_out(
            office, Leave("ada", remove=True), review=lambda seen: None, by="anna"
        )
        entry = Change.get_by_id(done.change)
        assert (entry.actor, entry.kind, entry.subject) == ("anna", "move", "ada")
        assert entry.action == "leave"
        assert entry.before == {
            "user": "ada", "devices_follow": False, "keys_follow": False, "remove": True
        }  # fmt: skip
        assert entry.after["changes"] == list(range(first + 1, done.change))
        assert {"code": "number_freed", "kind": "number", "subject": "201",
                "before": f"{OLD} line 1"} in entry.after["effects"]  # fmt: skip
        assert entry.after["must_fetch"] == 2
        kinds = {(row.kind, row.action) for row in Change.select().where(Change.id > first)}
        assert kinds == {("link", "delete"), ("user", "delete"), ("move", "leave")}


class TestNethVoice:
    """A PBX that makes the accounts: the links wait until it has."""

    @pytest.fixture
    def nethvoice(self, office):
        application_settings.change({"pbx_connector": "nethvoice"}, by="test")
        return office

    def accounts_to_settle(self):
        _, found = operations.page(kind=pbx.NETHVOICE_ACCOUNT, offset=0, limit=99)
        return [
            (
                operations.items(one.operation.id, state=None, offset=0, limit=9)[1][0].subject,
                one.operation.parameters["released"],
            )
            for one in reversed(found)
        ]

    def test_a_moved_account_is_unconfirmed_and_both_phones_are_settled(self, nethvoice):
        effects = carry_out(nethvoice, Desk(OLD, to=THIRD))
        assert told(effects, "account_pending") == [(str(THIRD), "line 1", None, "201")]
        assert links.of_phone(THIRD)[0].confirmed is False
        assert self.accounts_to_settle() == [(f"{THIRD}/1", "201"), (f"{OLD}/1", "201")]
        assert "account.1.enable = 0" in body(nethvoice, THIRD)

    def test_phones_that_swap_are_each_settled_with_the_number_that_comes(self, nethvoice):
        carry_out(nethvoice, Desk(OLD, swap_with=NEW))
        assert self.accounts_to_settle() == [(f"{NEW}/1", "201"), (f"{OLD}/1", "91201")]

    def test_devices_that_are_handed_over_wait_too(self, nethvoice):
        effects = carry_out(nethvoice, Leave("ada", successor="bob", devices_follow=True))
        assert [after for *_, after in told(effects, "account_pending")] == ["202", "91202"]
