"""A handset dies, another takes its place."""

import pytest
from office import NEW, OLD, THIRD, body, carry_out, secret, told, without_a_trace

from provisioning.engine.mac import MacAddress
from provisioning.services import layouts, links, models, moves, phones
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.layouts import Uses
from provisioning.services.moves import Replace
from provisioning.services.phones import Facts
from provisioning.store.tables import Change


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
