"""Moves: what the plan says is what happens, and nothing secret stays with who had it."""

import pytest

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.services import (
    application_settings,
    asterisk,
    configurations,
    defaults,
    layouts,
    links,
    models,
    moves,
    operations,
    pbx,
    phones,
    users,
)
from provisioning.services.errors import BadName, InUse, NotFound, WrongState
from provisioning.services.gateways import changing
from provisioning.services.gateways import states as gateways
from provisioning.services.gateways.states import PortState
from provisioning.services.layouts import Uses
from provisioning.services.move_effects import CODES
from provisioning.services.moves import Desk, Leave, Replace
from provisioning.services.phones import Facts
from provisioning.services.users import NewUser
from provisioning.store import devices
from provisioning.store import links as stored_links
from provisioning.store.database import version
from provisioning.store.tables import Change

OLD, NEW, THIRD = (MacAddress(f"00156500000{n}") for n in (1, 2, 3))
GATEWAY = MacAddress("c074ad0b1c2d")
ADA = "Ada (201)"
BOB = "Bob (202)"


@pytest.fixture
def accounts_file(site, tmp_path):
    """The accounts as an Asterisk that includes our file would read them."""
    path = tmp_path / "pjsip.conf"
    application_settings.change({"pbx_connector": "asterisk", "pjsip_file": str(path)}, by="test")
    return path


@pytest.fixture
def office(site, accounts_file):
    """Ada with two phones, Bob with none, a third phone that nobody has."""
    users.create(NewUser("ada", "Ada", "201", group="sales"), by="test")
    users.create(NewUser("bob", "Bob", "202", group="sales"), by="test")
    for mac in (OLD, NEW, THIRD):
        phones.create(site, mac, model="yealink-T46", by="test")
    links.link(OLD, "ada", by="test")
    links.link(NEW, "ada", by="test")
    return site


def body(site, mac: MacAddress) -> str:
    return configurations.preview(site, mac, None).body.decode()


def secret(mac: MacAddress, line: int = 1) -> str:
    link = stored_links.find(str(mac), line)
    return str(link.secret)


def carry_out(site, move):
    """Carry out what was planned; the plan must be what happens."""
    planned = moves.plan(site, move)
    done = moves.carry_out(site, move, review=lambda seen: None, by="anna")
    assert done.effects == planned.effects
    assert {effect.code for effect in done.effects} <= set(CODES)
    return planned.effects


def told(effects, code) -> list[tuple[str, str, str | None, str | None]]:
    return [(e.subject, e.part, e.before, e.after) for e in effects if e.code == code]


def without_a_trace(site, accounts_file, secrets) -> bool:
    """Whether no secret is in the file of any phone, or in that of the PBX."""
    asterisk.write_accounts(site)
    written = [accounts_file.read_text(), *(body(site, p.mac) for p in _all(site))]
    return not any(hidden in text for hidden in secrets for text in written)


def _all(site):
    return [phones.get(site, MacAddress.parse(str(row.mac))) for row in phones.list_all()]


class TestPlan:
    def test_a_plan_changes_nothing(self, office):
        number, entries = version(), Change.select().count()
        before = [str(phone) for phone in _all(office)]
        work = operations.page(kind=None, offset=0, limit=9)[0]
        moves.plan(office, Leave("ada", remove=True))
        moves.plan(office, Replace(OLD, MacAddress("001565000009")))
        assert (version(), Change.select().count()) == (number, entries)
        assert [str(phone) for phone in _all(office)] == before
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


class TestReplace:
    def test_the_new_handset_takes_over_all_but_the_secrets(self, office, accounts_file):
        known = [secret(OLD), phones.get(office, OLD).tok2, phones.get(office, OLD).tok1]
        phones.change(
            office,
            OLD,
            display_name="Reception",
            variables={"language": "it", "linekey_type_3": "dnd"},
            facts={"location": "Hall", "tags": ("ground floor",), "note": "loud", "serial": "S1"},
            by="test",
        )
        layouts.create(office, "Own", variables={}, uses=Uses(phones=(str(OLD),)), by="test")
        new = MacAddress("001565000009")
        effects = carry_out(office, Replace(OLD, new))
        found = phones.get(office, new)
        assert (found.model, found.display_name) == ("yealink-T46", "Reception")
        assert found.variables == {"language": "it", "linekey_type_3": "dnd"}
        assert found.facts == Facts("Hall", ("ground floor",))
        assert layouts.of_phone(new) == ["Own"]
        assert [(link.user, link.number) for link in links.of_phone(new)] == [("ada", "201")]
        assert told(effects, "number_follows") == [("201", "", f"{OLD} line 1", f"{new} line 1")]
        assert told(effects, "secret_revoked") == [(str(OLD), "line 1", "201", None)]
        assert told(effects, "phone_registered") == [(str(new), "", None, None)]
        assert told(effects, "phone_deleted") == [(str(OLD), "", None, None)]
        assert told(effects, "token_ends") == [
            (str(OLD), "first access", None, None), (str(OLD), "permanent", None, None)
        ]  # fmt: skip
        assert told(effects, "must_fetch") == [(str(new), "", None, None)]
        assert (str(new), "location", "", "Hall") in told(effects, "phone_changes")
        assert (str(new), "settings", None, "2") in told(effects, "phone_changes")
        with pytest.raises(NotFound):
            phones.get(office, OLD)
        assert without_a_trace(office, accounts_file, known)
        assert secret(new) in accounts_file.read_text()

    def test_an_old_handset_that_is_kept_has_no_account_and_keeps_its_tokens(
        self, office, accounts_file
    ):
        known, tok2 = secret(OLD), phones.get(office, OLD).tok2
        variables = {"account_username_2": "300", "account_password_2": "by-hand"}
        phones.change(office, OLD, variables=variables, by="test")
        effects = carry_out(office, Replace(OLD, THIRD, keep_old=True))
        assert told(effects, "token_ends") == []
        assert links.of_phone(OLD) == []
        assert phones.get(office, OLD).tok2 == tok2
        assert phones.get(office, OLD).variables == {}
        assert known not in body(office, OLD)
        assert "by-hand" not in body(office, OLD)
        assert told(effects, "secret_stays") == [(str(THIRD), "line 2", "300", "300")]
        assert "account.2.password = by-hand" in body(office, THIRD)
        assert without_a_trace(office, accounts_file, [known])

    def test_a_registered_handset_that_nobody_has_takes_over_too(self, office):
        phones.change(
            office, THIRD, variables={"language": "fr"}, facts={"serial": "S3", "note": "new"},
            by="test",
        )  # fmt: skip
        layouts.create(office, "Spare", variables={}, uses=Uses(phones=(str(THIRD),)), by="test")
        tok2 = phones.get(office, THIRD).tok2
        effects = carry_out(office, Replace(OLD, THIRD))
        found = phones.get(office, THIRD)
        assert found.variables == {}
        assert (found.facts.serial, found.facts.note, found.tok2) == ("S3", "new", tok2)
        assert layouts.of_phone(THIRD) == []
        assert told(effects, "phone_registered") == []
        assert (str(THIRD), "layouts", "Spare", "") in told(effects, "phone_changes")

    def test_a_smaller_model_tells_which_keys_and_accounts_have_no_place(self, office):
        links.link(OLD, "bob", line=16, by="test")
        keys = {f"linekey_type_{n}": "dnd" for n in (3, 25, 26, 27)}
        phones.change(office, OLD, variables=keys, by="test")
        new = MacAddress("001565000009")
        small = models.get(office, "yealink-T42")
        have = int(small.variables["cap_linekey_count"])
        effects = carry_out(office, Replace(OLD, new, model="yealink-T42"))
        assert told(effects, "keys_without_place") == [
            (str(new), "linekey 25 to 27", None, str(have))
        ]
        assert told(effects, "account_without_place") == [
            (str(new), "line 16", "202", str(small.base.accounts))
        ]
        assert (str(new), "model", "", "yealink-T42") in told(effects, "phone_changes")
        assert [link.line for link in links.of_phone(new)] == [1, 16]

    def test_what_only_the_old_model_can_have_is_left_behind(self, office):
        """Firmware of another model may destroy a phone."""
        variables = {"firmware_file": "T46.rom", "tmpl_phone": "yealink.tmpl", "language": "it"}
        phones.change(office, OLD, variables=variables, by="test")
        effects = carry_out(office, Replace(OLD, MacAddress("0C383E000001"), model="fanvil-X4"))
        assert told(effects, "setting_left_behind") == [
            ("0C-38-3E-00-00-01", "firmware_file", "T46.rom", None),
            ("0C-38-3E-00-00-01", "tmpl_phone", "yealink.tmpl", None),
        ]
        assert phones.get(office, MacAddress("0C383E000001")).variables == {"language": "it"}

    def test_the_same_model_keeps_its_firmware(self, office):
        phones.change(office, OLD, variables={"firmware_file": "T46.rom"}, by="test")
        effects = carry_out(office, Replace(OLD, THIRD))
        assert told(effects, "setting_left_behind") == []
        assert phones.get(office, THIRD).variables == {"firmware_file": "T46.rom"}

    def test_an_address_of_another_vendor_is_told(self, office):
        effects = carry_out(office, Replace(OLD, MacAddress("0C383E000001")))
        assert told(effects, "other_vendor") == [("0C-38-3E-00-00-01", "", "yealink", "fanvil")]

    def test_several_accounts_keep_their_lines(self, office):
        links.link(OLD, "bob", line=3, by="test")
        carry_out(office, Replace(OLD, THIRD))
        assert [(link.line, link.number) for link in links.of_phone(THIRD)] == [
            (1, "201"), (3, "202")
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("move", "refusal"),
        [
            (Replace(OLD, NEW), InUse),
            (Replace(OLD, OLD), BadName),
            (Replace(MacAddress("001565000009"), THIRD), NotFound),
            (Replace(OLD, THIRD, model="acme-1"), NotFound),
        ],
    )
    def test_what_cannot_take_over_is_refused_and_nothing_happens(self, office, move, refusal):
        entries = Change.select().count()
        with pytest.raises(refusal):
            moves.carry_out(office, move, review=lambda seen: None, by="test")
        assert Change.select().count() == entries
        assert [link.number for link in links.of_phone(OLD)] == ["201"]


class TestDesk:
    def test_location_and_tags_change(self, office):
        effects = carry_out(office, Desk(OLD, location="Attic", tags=("quiet", "top")))
        assert told(effects, "phone_changes") == [
            (str(OLD), "location", "", "Attic"),
            (str(OLD), "tags", "", "quiet, top"),
        ]
        assert told(effects, "secret_revoked") == []
        assert phones.get(office, OLD).facts == Facts("Attic", ("quiet", "top"))

    def test_the_keys_that_come_with_a_tag_are_told(self, office):
        keys = {"linekey_type_2": "dnd"}
        layouts.create(office, "Quiet", variables=keys, uses=Uses(tags=("quiet",)), by="test")
        effects = carry_out(office, Desk(OLD, tags=("quiet",)))
        assert told(effects, "key_changes") == [(str(OLD), "linekey 2", "line", "dnd")]
        assert told(effects, "must_fetch") == [(str(OLD), "", None, None)]

    def test_two_phones_swap_users_numbers_follow_secrets_are_new(self, office, accounts_file):
        links.unlink(office, NEW, by="test")
        links.link(NEW, "bob", by="test")
        known = [secret(OLD), secret(NEW)]
        effects = carry_out(office, Desk(OLD, swap_with=NEW))
        assert told(effects, "number_follows") == [
            ("201", "", f"{OLD} line 1", f"{NEW} line 1"),
            ("202", "", f"{NEW} line 1", f"{OLD} line 1"),
        ]
        assert len(told(effects, "secret_revoked")) == 2
        assert [link.number for link in links.of_phone(OLD)] == ["202"]
        assert [link.number for link in links.of_phone(NEW)] == ["201"]
        assert without_a_trace(office, accounts_file, known)
        assert "account.1.user_name = 202" in body(office, OLD)

    def test_a_phone_without_a_user_swaps_too(self, office):
        effects = carry_out(office, Desk(OLD, swap_with=THIRD))
        assert told(effects, "number_follows") == [("201", "", f"{OLD} line 1", f"{THIRD} line 1")]
        assert links.of_phone(OLD) == []

    def test_one_account_goes_to_another_phone(self, office, accounts_file):
        links.link(OLD, "bob", line=2, by="test")
        known = secret(OLD, 2)
        variables = {"account_password_2": "below", "account_username_2": "202"}
        phones.change(office, OLD, variables=variables, by="test")
        effects = carry_out(office, Desk(OLD, to=THIRD, line=2, to_line=1))
        assert told(effects, "number_follows") == [("202", "", f"{OLD} line 2", f"{THIRD} line 1")]
        assert [link.number for link in links.of_phone(OLD)] == ["201"]
        assert without_a_trace(office, accounts_file, [known, "below"])
        assert secret(THIRD) in body(office, THIRD)

    def test_an_account_that_goes_keeps_its_encryption(self, office):
        links.link(OLD, "ada", encryption=False, by="test")
        carry_out(office, Desk(OLD, to=THIRD))
        assert links.of_phone(THIRD)[0].encryption is False

    @pytest.mark.parametrize(
        ("move", "refusal"),
        [
            (Desk(OLD), BadName),
            (Desk(OLD, to=NEW), InUse),
            (Desk(OLD, to=OLD), BadName),
            (Desk(OLD, to=THIRD, swap_with=NEW), BadName),
            (Desk(OLD, swap_with=OLD), BadName),
            (Desk(OLD, to=THIRD, line=2), NotFound),
            (Desk(OLD, to=THIRD, to_line=17), BadName),
            (Desk(OLD, to=MacAddress("001565000009")), NotFound),
            (Desk(MacAddress("001565000009"), location="x"), NotFound),
            (Desk(THIRD, swap_with=MacAddress("001565000009")), NotFound),
            (Desk(OLD, location="x\ny"), BadName),
            (Desk(OLD, location="Attic", to=NEW), InUse),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_happens(self, office, move, refusal):
        entries = Change.select().count()
        with pytest.raises(refusal):
            moves.carry_out(office, move, review=lambda seen: None, by="test")
        assert Change.select().count() == entries

    def test_two_phones_that_nobody_has_do_not_swap(self, office):
        links.unlink(office, OLD, by="test")
        with pytest.raises(NotFound):
            moves.plan(office, Desk(OLD, swap_with=THIRD))


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
