"""Phones change desks: who goes where, and what stays with the desk."""

import pytest
from office import NEW, OLD, THIRD, body, carry_out, secret, told, without_a_trace

from provisioning.engine.mac import MacAddress
from provisioning.services import layouts, links, moves, phones
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.layouts import Uses
from provisioning.services.moves import Desk
from provisioning.services.phones import Facts
from provisioning.store.tables import Change


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
