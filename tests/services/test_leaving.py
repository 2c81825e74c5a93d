"""A user leaves: what becomes of devices, keys and secrets."""

import pytest
from office import (
    ADA,
    BOB,
    GATEWAY,
    NEW,
    OLD,
    THIRD,
    body,
    carry_out,
    secret,
    told,
    without_a_trace,
)

from provisioning.engine.layouts import Fill
from provisioning.services import (
    application_settings,
    defaults,
    layouts,
    links,
    models,
    moves,
    phones,
    users,
)
from provisioning.services.errors import BadName, InUse, NotFound, WrongState
from provisioning.services.gateways import changing
from provisioning.services.gateways import states as gateways
from provisioning.services.gateways.states import PortState
from provisioning.services.layouts import Uses
from provisioning.services.moves import Leave
from provisioning.services.users import NewUser


class TestLeave:
    def test_devices_are_unlinked_numbers_freed_secrets_revoked(self, office, accounts_file):
        known = [secret(OLD), secret(NEW)]
        effects = carry_out(office, Leave("ada"))
        assert told(effects, "number_freed") == [
            ("201", "", f"{OLD} line 1", None),
            ("91201", "", f"{NEW} line 1", None),
        ]
        assert told(effects, "secret_revoked") == [
            (str(OLD), "line 1", "201", None),
            (str(NEW), "line 1", "91201", None),
        ]
        assert told(effects, "must_fetch") == [
            (str(OLD), "", None, None), (str(NEW), "", None, None)
        ]  # fmt: skip
        assert links.of_users(["ada"]) == {"ada": []}
        assert users.get("ada")
        assert "account.1.enable = 0" in body(office, OLD)
        assert without_a_trace(office, accounts_file, known)

    def test_devices_are_handed_over_with_the_successors_numbers(self, office, accounts_file):
        known = [secret(OLD), secret(NEW)]
        effects = carry_out(office, Leave("ada", successor="bob", devices_follow=True))
        assert told(effects, "number_given") == [
            ("202", "", None, f"{OLD} line 1"),
            ("91202", "", None, f"{NEW} line 1"),
        ]
        assert len(told(effects, "number_freed")) == 2
        assert len(told(effects, "secret_revoked")) == 2
        assert [link.number for link in links.of_users(["bob"])["bob"]] == ["202", "91202"]
        assert "account.1.user_name = 202" in body(office, OLD)
        assert without_a_trace(office, accounts_file, [*known, "= 201", "[201]"])
        assert secret(OLD) in body(office, OLD)
        assert secret(OLD) in accounts_file.read_text()

    @pytest.mark.parametrize("follow", [False, True])
    def test_telephones_at_gateways_go_the_way_of_the_phones(self, office, follow):
        given = {
            "name": "Lobby", "mac": str(GATEWAY), "model": "grandstream-ht802",
            "address": "192.168.5.41", "netmask": "/24", "router": "192.168.5.1",
            "pbx_host": "192.168.5.2", "proxy": "192.168.5.2", "dns": ("192.168.5.1",),
        }  # fmt: skip
        changing.create(office, given, [PortState(2, user="ada")], by="test")
        effects = carry_out(
            office, Leave("ada", successor="bob" if follow else None, devices_follow=follow)
        )
        port = gateways.get(GATEWAY).state.port(2)
        if follow:
            where = (str(GATEWAY), "port 2", "92201", "92202")
            assert told(effects, "port_follows") == [where]
            assert (port.user, port.extension) == ("bob", "92202")
        else:
            assert told(effects, "port_freed") == [(str(GATEWAY), "port 2", "92201", None)]
            assert port is None

    def test_handed_over_devices_keep_their_encryption(self, office):
        links.link(OLD, "ada", encryption=False, by="test")
        carry_out(office, Leave("ada", successor="bob", devices_follow=True))
        assert [link.encryption for link in links.of_users(["bob"])["bob"]] == [False, True]

    def test_the_user_is_removed_in_the_same_step(self, office):
        effects = carry_out(office, Leave("ada", remove=True))
        assert told(effects, "user_removed") == [("ada", "", ADA, None)]
        with pytest.raises(NotFound):
            users.get("ada")

    def test_keys_follow_to_the_successor_wherever_they_are_set(self, office):
        person = {"linekey_type_3": "blf", "linekey_person_3": "ada"}
        phones.change(office, THIRD, variables=person, by="test")
        models.change(office, "yealink-T46", variables={"expkey_person_2": "ada"}, by="test")
        defaults.change(office, {"softkey_person_1": "ada"}, by="test")
        layouts.create(office, "Desk", variables=person, by="test")
        effects = carry_out(office, Leave("ada", successor="bob", keys_follow=True, remove=True))
        assert [(e.kind, e.subject, e.part, e.before, e.after) for e in effects
                if e.code == "key_follows"] == [
            ("defaults", "defaults", "softkey 1", ADA, BOB),
            ("model", "yealink-T46", "expkey 2", ADA, BOB),
            ("layout", "Desk", "linekey 3", ADA, BOB),
            ("phone", str(THIRD), "linekey 3", ADA, BOB),
        ]  # fmt: skip
        assert told(effects, "key_orphaned") == []
        assert "linekey.3.value = 202" in body(office, THIRD)
        assert "linekey.3.label = Bob" in body(office, THIRD)
        assert (str(THIRD), "", None, None) in told(effects, "must_fetch")

    def test_a_typed_number_or_name_of_the_one_who_left_goes_with_the_key(self, office):
        """Names on keys went stale (NethServer/dev 7146, fusionpbx/fusionpbx PR 3473)."""
        typed = {
            "linekey_type_3": "blf",
            "linekey_person_3": "ada",
            "linekey_value_3": "91201",
            "linekey_label_3": "Ada",
        }
        phones.change(office, THIRD, variables=typed, by="test")
        effects = carry_out(office, Leave("ada", successor="bob", keys_follow=True))
        assert told(effects, "label_kept") == []
        assert phones.get(office, THIRD).variables == {
            "linekey_type_3": "blf",
            "linekey_person_3": "bob",
        }

    def test_a_label_that_says_something_else_stays_and_is_told(self, office):
        typed = {"linekey_type_3": "blf", "linekey_person_3": "ada", "linekey_label_3": "Porter"}
        phones.change(office, THIRD, variables=typed, by="test")
        effects = carry_out(office, Leave("ada", successor="bob", keys_follow=True))
        assert told(effects, "label_kept") == [(str(THIRD), "linekey 3", "Porter", "Porter")]
        assert "linekey.3.label = Porter" in body(office, THIRD)
        assert "linekey.3.value = 202" in body(office, THIRD)

    def test_keys_of_a_removed_user_become_orphans_and_are_listed(self, office):
        variables = {"linekey_type_3": "blf", "linekey_person_3": "ada"}
        phones.change(office, THIRD, variables=variables, by="test")
        effects = carry_out(office, Leave("ada", remove=True))
        assert told(effects, "key_orphaned") == [(str(THIRD), "linekey 3", ADA, None)]
        assert "linekey.3.value = 201" not in body(office, THIRD)

    def test_keys_of_a_user_who_stays_on_the_list_stay_and_are_listed(self, office):
        variables = {"linekey_type_3": "blf", "linekey_person_3": "ada"}
        phones.change(office, THIRD, variables=variables, by="test")
        effects = carry_out(office, Leave("ada"))
        assert told(effects, "key_stays") == [(str(THIRD), "linekey 3", ADA, ADA)]
        assert "linekey.3.value = 201" in body(office, THIRD)

    def test_keys_that_hold_the_plain_number_are_listed_and_left_alone(self, office):
        plain = {
            "linekey_type_1": "blf", "linekey_value_1": "201", "linekey_label_1": "Ada",
            "linekey_type_2": "speed_dial", "linekey_value_2": "91201",
            "linekey_type_3": "blf", "linekey_value_3": "2011",
            "linekey_type_4": "dtmf", "linekey_value_4": "201",
            "linekey_type_5": "blf", "linekey_value_5": "201", "linekey_person_5": "bob",
        }  # fmt: skip
        phones.change(office, THIRD, variables=plain, by="test")
        effects = carry_out(office, Leave("ada", successor="bob", keys_follow=True, remove=True))
        assert told(effects, "still_points") == [
            (str(THIRD), "linekey 1", "201", "201"),
            (str(THIRD), "linekey 2", "91201", "91201"),
        ]
        assert phones.get(office, THIRD).variables == plain

    def test_runs_of_keys_for_the_group_lose_one_person(self, office):
        layouts.create(
            office,
            "Sales",
            variables={},
            fills=[Fill("linekey", 1, 10, "sales", "name")],
            uses=Uses(phones=(str(THIRD),)),
            by="test",
        )
        effects = carry_out(office, Leave("ada", remove=True))
        assert told(effects, "fill_loses") == [("Sales", "linekey 1 to 10", ADA, None)]
        assert (str(THIRD), "", None, None) in told(effects, "must_fetch")
        assert "linekey.1.value = 202" in body(office, THIRD)

    def test_a_phone_whose_file_stays_the_same_does_not_fetch(self, office):
        uses = Uses(models=("yealink-T46",))
        layouts.create(office, "Other", variables={"linekey_type_1": "dnd"}, uses=uses, by="test")
        effects = carry_out(office, Leave("ada", remove=True))
        assert str(THIRD) not in [subject for subject, *_ in told(effects, "must_fetch")]

    def test_a_key_of_a_handed_over_phone_that_skips_its_own_user_changes(self, office):
        layouts.create(
            office,
            "Sales",
            variables={},
            fills=[Fill("linekey", 1, 2, "sales", "name")],
            uses=Uses(phones=(str(OLD),)),
            by="test",
        )
        effects = carry_out(office, Leave("ada", successor="bob", devices_follow=True))
        assert told(effects, "key_changes") == [
            (str(OLD), "linekey 1", "blf 202 Bob", "blf 201 Ada")
        ]

    def test_an_account_below_the_link_does_not_show_through(self, office, accounts_file):
        """An unlinked phone kept its account and went on registering (seen in NethVoice)."""
        variables = {"account_username_1": "201", "account_password_1": "old-secret"}
        phones.change(office, OLD, variables={**variables, "language": "it"}, by="test")
        effects = carry_out(office, Leave("ada"))
        assert told(effects, "account_settings_removed") == [(str(OLD), "line 1", "201", None)]
        assert phones.get(office, OLD).variables == {"language": "it"}
        assert without_a_trace(office, accounts_file, ["old-secret"])

    def test_a_successor_without_enough_numbers_is_refused_and_nothing_happens(self, office):
        application_settings.change({"devices_per_user": "1"}, by="test")
        move = Leave("ada", successor="bob", devices_follow=True, remove=True)
        with pytest.raises(InUse, match="202"):
            moves.plan(office, move)
        with pytest.raises(InUse, match="202"):
            moves.carry_out(office, move, review=lambda seen: None, by="test")
        assert len(links.of_users(["ada"])["ada"]) == 2

    @pytest.mark.parametrize("successor", [None, "ada"])
    def test_what_follows_needs_another_user(self, office, successor):
        with pytest.raises(BadName):
            moves.plan(office, Leave("ada", successor=successor, keys_follow=True))

    def test_a_successor_who_is_gone_is_refused(self, office):
        users.sync([NewUser("ada", "Ada", "201", group="sales")], by="test")
        with pytest.raises(WrongState, match="gone"):
            moves.plan(office, Leave("ada", successor="bob", devices_follow=True))

    @pytest.mark.parametrize(
        "move", [Leave("nobody"), Leave("ada", successor="nobody", devices_follow=True)]
    )
    def test_only_who_is_there_can_leave_or_follow(self, office, move):
        with pytest.raises(NotFound, match="nobody"):
            moves.plan(office, move)
