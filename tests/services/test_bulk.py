"""One change for many phones: what becomes of each."""

import pytest

from provisioning.engine.mac import MacAddress
from provisioning.services import bulk, layouts, links, models, phones, users
from provisioning.services.bulk import BulkChange
from provisioning.services.errors import (
    BadName,
    ChangedMeanwhile,
    NotFound,
    OtherVendor,
)
from provisioning.services.layouts import Uses
from provisioning.services.phones import Facts
from provisioning.services.users import NewUser
from provisioning.store import proofs
from provisioning.store.tables import Change

MACS = [MacAddress(f"00156500000{n}") for n in range(3)]
ONE, TWO, THREE = MACS
GONE = MacAddress("001565000009")


@pytest.fixture
def fleet(site):
    for mac in MACS:
        phones.create(site, mac, model="yealink-T46", variables={"language": "it"}, by="test")
    return site


def change(site, wanted, macs=MACS, review=lambda mac: None):
    return bulk.change(site, macs, wanted, review=review, by="anna")


def words(outcomes):
    return [one.outcome for one in outcomes]


def test_all_that_can_change_changes_in_one_step(fleet):
    phones.change(fleet, ONE, facts={"tags": ("old", "kept")}, by="test")
    wanted = BulkChange(
        model="yealink-T48",
        variables={"language": None, "adminpw": "x"},
        location="Attic",
        tags_add=("new",),
        tags_remove=("old",),
    )
    assert words(change(fleet, wanted)) == ["changed"] * 3
    found = phones.get(fleet, ONE)
    assert (found.model, found.variables) == ("yealink-T48", {"adminpw": "x"})
    assert found.facts == Facts("Attic", ("kept", "new"))
    assert words(change(fleet, wanted)) == ["unchanged"] * 3


def test_each_phone_has_an_entry_of_its_own_in_the_history(fleet):
    first = Change.select().count()
    change(fleet, BulkChange(location="Attic"), macs=[ONE, TWO, TWO])
    rows = list(Change.select().where(Change.id > first))
    assert [(row.actor, row.subject, row.action) for row in rows] == [
        ("anna", str(ONE), "change"),
        ("anna", str(TWO), "change"),
    ]


def test_a_phone_that_is_refused_stops_no_other_and_keeps_all_it_had(fleet):
    phones.change(fleet, TWO, facts={"tags": tuple(f"t{n}" for n in range(20))}, by="test")
    outcomes = change(
        fleet, BulkChange(location="Attic", tags_add=("one more",)), macs=[ONE, TWO, GONE, THREE]
    )
    assert words(outcomes) == ["changed", "refused", "refused", "changed"]
    assert [type(one.refusal) for one in outcomes[1:3]] == [BadName, NotFound]
    assert phones.get(fleet, TWO).facts.location == ""


def test_users_are_unlinked(fleet):
    users.create(NewUser("ada", "Ada", "201"), by="test")
    links.link(ONE, "ada", by="test")
    links.link(ONE, "ada", line=2, by="test")
    assert words(change(fleet, BulkChange(unlink=True))) == ["changed", "unchanged", "unchanged"]
    assert links.of_phone(ONE) == []


def test_an_unlinked_phone_keeps_no_account_in_its_settings_but_one_that_is_set_now(fleet):
    users.create(NewUser("ada", "Ada", "201"), by="test")
    for mac in (ONE, TWO):
        phones.change(fleet, mac, variables={"account_username_1": "301"}, by="test")
        links.link(mac, "ada", by="test")
    change(fleet, BulkChange(unlink=True), macs=[ONE])
    change(fleet, BulkChange(unlink=True, variables={"account_username_1": "9"}), macs=[TWO])
    assert phones.get(fleet, ONE).variables == {"language": "it"}
    assert phones.get(fleet, TWO).variables == {"language": "it", "account_username_1": "9"}


def test_phones_are_deleted(fleet):
    assert words(change(fleet, BulkChange(delete=True), macs=[ONE, GONE])) == [
        "changed", "refused"
    ]  # fmt: skip
    assert [str(row.mac) for row in phones.list_all()] == [str(TWO), str(THREE)]


def test_a_layout_is_applied_and_taken_away_and_its_history_tells(fleet, monkeypatch):
    monkeypatch.setattr(bulk, "_AT_ONCE", 2)
    layouts.create(fleet, "Desk", variables={}, uses=Uses(phones=(str(ONE),)), by="test")
    layouts.create(fleet, "Old", variables={}, uses=Uses(phones=(str(TWO),)), by="test")
    outcomes = change(fleet, BulkChange(layout_add="Desk", layout_remove="Old"))
    assert words(outcomes) == ["unchanged", "changed", "changed"]
    assert layouts.get("Desk").uses.phones == tuple(map(str, MACS))
    assert layouts.get("Old").uses.phones == ()
    told = [
        (row.subject, row.after["uses"]["phones"])
        for row in Change.select().where((Change.kind == "layout") & (Change.action == "change"))
    ]
    assert told == [
        ("Desk", [str(ONE), str(TWO)]),
        ("Old", []),
        ("Desk", [str(mac) for mac in MACS]),
    ]


def test_only_what_changes_is_compared_with_what_the_phones_have(fleet):
    layouts.create(fleet, "Desk", variables={}, by="test")
    layouts.change(fleet, "Desk", uses=Uses(phones=(str(ONE),)), by="test")
    began = max(proofs.find(str(mac)).touched_at or 0 for mac in MACS) + 1e-6
    change(fleet, BulkChange(layout_add="Desk"), macs=[ONE, TWO])
    assert proofs.touched_since(began) == [str(TWO)]


class TestVendors:
    def test_a_model_of_another_vendor_is_refused(self, fleet):
        fanvil = MacAddress("0C383E000001")
        phones.create(fleet, fanvil, model="fanvil-X4", by="test")
        outcomes = change(fleet, BulkChange(model="fanvil-X3"), macs=[ONE, fanvil])
        assert words(outcomes) == ["refused", "changed"]
        assert isinstance(outcomes[0].refusal, OtherVendor)
        assert "yealink" in str(outcomes[0].refusal)

    def test_whoever_means_it_says_so(self, fleet):
        outcomes = change(fleet, BulkChange(model="fanvil-X4", any_vendor=True), macs=[ONE])
        assert words(outcomes) == ["changed"]

    def test_a_wrong_model_is_put_right_by_the_address(self, fleet):
        phones.change(fleet, ONE, model="fanvil-X4", by="test")
        assert words(change(fleet, BulkChange(model="yealink-T46"), macs=[ONE])) == ["changed"]

    def test_a_phone_that_nothing_is_known_of_may_get_any_model(self, fleet):
        mac = MacAddress("020000000001")
        phones.create(fleet, mac, by="test")
        assert words(change(fleet, BulkChange(model="fanvil-X4"), macs=[mac])) == ["changed"]

    def test_a_variant_of_the_site_is_of_its_bases_vendor(self, fleet):
        models.create(
            fleet, "reception", display_name="", base="yealink-T46", own_differences={}, by="t"
        )
        assert words(change(fleet, BulkChange(model="reception"), macs=[ONE])) == ["changed"]
        assert words(change(fleet, BulkChange(model="yealink-T48"), macs=[ONE])) == ["changed"]

    def test_the_model_can_be_taken_away(self, fleet):
        assert words(change(fleet, BulkChange(model=""))) == ["changed"] * 3


@pytest.mark.parametrize(
    "wanted", [BulkChange(model="acme-1"), BulkChange(layout_add="none"),
               BulkChange(location="x", layout_remove="none")],
)  # fmt: skip
def test_a_model_or_layout_that_there_is_not_is_refused_as_a_whole(fleet, wanted):
    with pytest.raises(NotFound):
        change(fleet, wanted)
    assert phones.get(fleet, ONE).facts.location == ""


def test_a_phone_that_somebody_changed_meanwhile_is_refused_alone(fleet):
    def review(mac):
        if mac == TWO:
            raise ChangedMeanwhile("phone", str(mac))

    outcomes = change(fleet, BulkChange(location="Attic"), review=review)
    assert words(outcomes) == ["changed", "refused", "changed"]
    assert phones.get(fleet, TWO).facts.location == ""
