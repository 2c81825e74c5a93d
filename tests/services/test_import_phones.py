"""Phones from a table: registered, changed, given to users; with one error nothing is done."""

import time

import pytest
from importing import (
    MAC,
    OTHER,
    actions,
    add_people,
    places,
    recorded,
    register,
    table,
)

from provisioning.engine.layouts import Fill
from provisioning.engine.mac import MacAddress
from provisioning.engine.table_errors import MAX_ERRORS
from provisioning.services import (
    application_settings,
    configurations,
    layouts,
    links,
    models,
    phones,
    users,
)
from provisioning.services.imports.phones import import_phones
from provisioning.services.imports.users import import_users
from provisioning.services.layouts import Uses
from provisioning.services.users import NewUser
from provisioning.store.database import version
from provisioning.store.tables import Change, LayoutUse, Link, Operation, Phone, Proof, Token

WHOLE = (
    "mac;model;display_name;user;extension;location;tags;note;serial;layout;set:language;set:adminpw",
    "00:15:65:aa:bb:01;yealink-T46;Reception;ada;201;Ground floor;b|a;a note;S-1;Desk;it;s3cret",
)


@pytest.fixture
def people(site):
    add_people()


@pytest.fixture
def desk(site):
    layouts.create(site, "Desk", variables={"linekey_type_1": "dnd"}, by="test")


def imported(site, *lines: str, **options):
    return import_phones(site, table(*lines), by="anna", **options)


def fetched(mac: str) -> Phone:
    return Phone.get(Phone.mac == mac)


def body(site, mac: str = MAC) -> str:
    return configurations.preview(site, MacAddress.parse(mac), None).body.decode()


def everything() -> list:
    """All rows of what an import can write."""
    tables = (Phone, Token, Link, LayoutUse, Proof, Operation, Change)
    return [list(rows.select().tuples()) for rows in tables] + [version()]


# What is done


def test_a_phone_comes_with_everything_a_row_can_say(site, people, desk):
    plan = imported(site, *WHOLE)

    assert plan.applied
    assert plan.counts == {"create": 1, "update": 0, "unchanged": 0, "error": 0}
    found = phones.get(site, MacAddress.parse(MAC))
    assert (found.model, found.display_name) == ("yealink-T46", "Reception")
    assert found.variables == {"language": "it", "adminpw": "s3cret"}
    assert found.facts == phones.Facts("Ground floor", ("a", "b"), "a note", "S-1")
    assert found.tok1
    assert found.tok2
    [link] = links.of_phone(found.mac)
    assert (link.user, link.number, link.line, link.encryption) == ("ada", "201", 1, True)
    assert layouts.of_phone(found.mac) == ["Desk"]
    assert "account.1.user_name = 201" in body(site)


def test_a_registered_phone_is_recorded_as_one_that_was_registered_by_hand(site, people, desk):
    imported(site, *WHOLE)
    by_hand = register(
        site,
        OTHER,
        display_name="Reception",
        variables={"language": "it", "adminpw": "s3cret"},
        facts=phones.Facts("Ground floor", ("a", "b"), "a note", "S-1"),
    )
    links.link(by_hand, "ada", by="test")

    [imported_phone, other] = recorded("phone")
    assert imported_phone[1:] == other[1:]
    [imported_link, other] = recorded("link")
    assert imported_link[1:3] == other[1:3]
    assert imported_link[3] == {**other[3], "number": "201"}
    assert {change.actor for change in Change.select() if change.subject == MAC} == {"anna"}
    proofs = {str(proof.phone_id): proof for proof in Proof.select()}
    assert proofs[MAC].saved_at is not None
    assert proofs[MAC].touched_at is not None


def test_the_same_table_twice_changes_nothing_the_second_time(site, people, desk):
    imported(site, *WHOLE)
    before = everything()

    plan = imported(site, *WHOLE)

    assert actions(plan) == ["unchanged"]
    assert not plan.applied
    assert everything() == before


def test_a_row_changes_what_it_says_and_leaves_the_rest(site, people, desk):
    imported(site, *WHOLE)

    plan = imported(site, "mac,model,note,set:language,set:contrast", "001565AABB01,,another,,7")

    [row] = plan.rows
    assert (row.action, row.subject) == ("update", MAC)
    assert row.changes == ("note", "set:contrast")
    found = phones.get(site, MacAddress.parse(MAC))
    assert (found.model, found.facts.note, found.facts.tags) == (
        "yealink-T46",
        "another",
        ("a", "b"),
    )
    assert found.variables == {"language": "it", "adminpw": "s3cret", "contrast": "7"}
    assert links.of_phone(found.mac)
    _, _, before, after = recorded("phone")[-1]
    assert (before["note"], after["note"]) == ("a note", "another")


def test_a_hyphen_takes_away_what_stands_there(site, people, desk):
    imported(site, *WHOLE)

    imported(
        site,
        "mac,model,display_name,user,location,tags,note,serial,layout,set:language,set:adminpw",
        f"{MAC},-,-,-,-,-,-,-,-,-,(none)",
    )

    found = phones.get(site, MacAddress.parse(MAC))
    assert (found.model, found.display_name, found.facts) == ("", "", phones.Facts())
    assert found.variables == {"adminpw": ""}
    assert links.of_phone(found.mac) == []
    assert layouts.of_phone(found.mac) == []


def test_an_apostrophe_before_such_a_word_makes_it_plain_text(site):
    imported(site, "mac,location,set:logo_text,set:ui_title", f"{MAC},'-,'(none),''-")

    found = phones.get(site, MacAddress.parse(MAC))
    assert found.facts.location == "-"
    assert found.variables == {"logo_text": "(none)", "ui_title": "'-"}


def test_a_value_is_stored_as_the_catalogue_wants_it(site):
    imported(site, "mac,set:contrast,set:vlan_id_phone", f"{MAC}, 07,010")
    assert fetched(MAC).variables == {"contrast": "7", "vlan_id_phone": "10"}


def test_tags_are_separated_by_bars_or_commas(site):
    imported(site, "mac,tags", f'{MAC},"b, a,b"', f"{OTHER}, c | d ")
    assert phones.get(site, MacAddress.parse(MAC)).facts.tags == ("a", "b")
    assert phones.get(site, MacAddress.parse(OTHER)).facts.tags == ("c", "d")


def test_a_layout_keeps_its_other_phones_keys_and_people(site, desk):
    register(site, OTHER)
    fill = Fill("linekey", 2, 5, "Sales", "name")
    uses = Uses(models=("yealink-T46",), phones=(OTHER,))
    layouts.change(site, "Desk", fills=[fill], uses=uses, by="test")
    layouts.create(site, "Hall", variables={}, by="test")

    imported(site, "mac,layout", f"{MAC},Hall | Desk", f"{OTHER},-")

    found = layouts.get("Desk")
    assert found.uses == Uses(models=("yealink-T46",), phones=(MAC,))
    assert (found.fills, found.variables) == ((fill,), {"linekey_type_1": "dnd"})
    assert layouts.get("Hall").uses.phones == (MAC,)


# Users


def test_a_user_is_found_by_name_or_by_extension(site, people):
    imported(site, "mac,user,extension", f"{MAC},ada,", f"{OTHER},,202")
    assert [links.of_phone(MacAddress.parse(mac))[0].user for mac in (MAC, OTHER)] == ["ada", "bob"]


def test_a_phone_of_another_user_moves_and_its_secret_is_revoked(site, people):
    links.link(register(site), "ada", by="test")
    old = Link.get()

    plan = imported(site, "mac,user", f"{MAC},bob")

    assert (Link.get().user.name, Link.get().number) == ("bob", "202")
    assert Link.get().secret != old.secret
    assert old.secret not in body(site)
    assert recorded("link")[-1] == (
        MAC, "move", {"user": "ada", "number": "201", "line": 1},
        {"user": "bob", "number": "202", "line": 1},
    )  # fmt: skip
    [warning] = plan.warnings
    assert (warning.row, warning.column) == (2, "user")
    assert warning.detail == "The phone moves from ada to bob; its SIP secret changes."


def test_an_unlinked_phone_loses_its_account(site, people):
    links.link(register(site), "ada", by="test")
    secret = Link.get().secret

    imported(site, "mac,extension", f"{MAC},-")

    assert Link.select().count() == 0
    assert secret not in body(site)
    assert recorded("link")[-1][1] == "delete"


def test_an_unlinked_phone_keeps_no_account_in_its_settings_but_one_that_the_table_sets(
    site, people
):
    own = {"account_username_1": "301", "account_password_1": "old", "account_username_2": "9"}
    for mac in (MAC, OTHER):
        links.link(register(site, mac), "ada", by="test")
        phones.change(site, MacAddress.parse(mac), variables=own, by="test")

    header = "mac,user,set:account_username_1"
    plan = imported(site, header, f"{MAC},-,301", f"{OTHER},-,401")

    assert phones.get(site, MacAddress.parse(MAC)).variables == {"account_username_2": "9"}
    assert phones.get(site, MacAddress.parse(OTHER)).variables == {
        "account_username_1": "401", "account_username_2": "9",
    }  # fmt: skip
    told = {"set:account_username_1", "set:account_password_1", "user"}
    assert [set(row.changes) for row in plan.rows] == [told, told]


def test_other_accounts_of_a_phone_are_left_alone(site, people):
    mac = register(site)
    links.link(mac, "ada", line=2, by="test")
    imported(site, "mac,user", f"{MAC},bob")
    assert [(link.line, link.user) for link in links.of_phone(mac)] == [(1, "bob"), (2, "ada")]


def test_phones_get_the_numbers_of_a_user_in_the_order_of_the_rows(site, people):
    macs = [f"0015650000{number:02x}" for number in range(3)]
    imported(site, "mac,user", *(f"{mac},ada" for mac in macs))
    found = [links.of_phone(MacAddress.parse(mac))[0].number for mac in macs]
    assert found == ["201", "91201", "92201"]


def test_users_whose_numbers_are_all_taken_can_swap_phones(site, people):
    """One after the other the first phone would have found no number."""
    macs = [f"0015650000{number:02x}" for number in range(16)]
    owners = ["ada"] * 8 + ["bob"] * 8
    imported(site, "mac,user", *(f"{mac},{owner}" for mac, owner in zip(macs, owners, strict=True)))

    plan = imported(
        site,
        "mac,user",
        *(f"{mac},{owner}" for mac, owner in zip(macs, reversed(owners), strict=True)),
    )

    assert plan.counts["update"] == 16
    assert [links.of_phone(MacAddress.parse(mac))[0].user for mac in macs] == owners[::-1]


def test_a_number_that_is_another_users_extension_is_left_out(site, people):
    users.create(NewUser("eve", "Eve", "91201"), by="test")
    imported(site, "mac,user", f"{MAC},ada", f"{OTHER},ada")
    numbers = [links.of_phone(MacAddress.parse(mac))[0].number for mac in (MAC, OTHER)]
    assert numbers == ["201", "92201"]


# The PBX


def test_one_operation_writes_the_accounts_of_all_phones(site, people):
    application_settings.change({"pbx_connector": "asterisk"}, by="test")
    imported(site, "mac,user", f"{MAC},ada", f"{OTHER},bob")
    assert [op.kind for op in Operation.select()] == ["pbx_accounts"]


def test_nothing_is_asked_of_the_pbx_without_a_change_of_accounts(site, people):
    application_settings.change({"pbx_connector": "asterisk"}, by="test")
    imported(site, "mac,note", f"{MAC},x")
    assert Operation.select().count() == 0


def test_nethvoice_makes_each_account_and_releases_those_of_phones_that_move(site, people):
    application_settings.change({"pbx_connector": "nethvoice"}, by="test")
    imported(site, "mac,user", f"{MAC},ada", f"{OTHER},ada")
    assert [link.confirmed for link in Link.select()] == [False, False]

    imported(site, "mac,user", f"{MAC},bob", f"{OTHER},-")

    asked = [
        (op.parameters["released"], sorted(item.subject for item in op.items))
        for op in Operation.select().order_by(Operation.id)
    ]
    assert asked == [
        (None, [f"{MAC}/1", f"{OTHER}/1"]), ("201", [f"{MAC}/1"]), ("91201", [f"{OTHER}/1"]),
    ]  # fmt: skip


# Nothing half


BAD_ROWS = [
    ("an address that is none", "1.57E+09,,,,,,", "mac"),
    ("no address", ",yealink-T46,,,,,", "mac"),
    ("a model that nobody knows", "001565aabb05,yealink-T64,,,,,", "model"),
    ("a user that nobody knows", "001565aabb05,,nobody,,,,", "user"),
    ("an extension of nobody", "001565aabb05,,,299,,,", "extension"),
    ("a user and the extension of another", "001565aabb05,,ada,202,,,", "extension"),
    ("to unlink and to link at once", "001565aabb05,,-,202,,,", "extension"),
    ("a tag that is none", "001565aabb05,,,,a?b,,", "tags"),
    ("a layout that nobody made", "001565aabb05,,,,,Desks,", "layout"),
    ("a value that is not allowed", "001565aabb05,,,,,,x", "set:contrast"),
    ("a formula", "001565aabb05,=1,,,,,", "model"),
    ("too many cells", "001565aabb05,,,,,,,x", "H"),
    ("the same phone again", "00:15:65:AA:BB:01,,,,,,", "mac"),
]


@pytest.mark.parametrize(
    ("row", "column"), [case[1:] for case in BAD_ROWS], ids=[case[0] for case in BAD_ROWS]
)
def test_one_wrong_row_is_told_with_its_place_and_nothing_is_imported(
    site, people, desk, row, column
):
    register(site, OTHER)
    before = everything()

    plan = imported(
        site,
        "mac,model,user,extension,tags,layout,set:contrast",
        "001565aabb01,yealink-T46,ada,,a,Desk,5",
        row,
        "001565aabb02,yealink-T46,bob,,b,Desk,6",
    )

    assert places(plan) == [(3, column)]
    assert plan.errors[0].detail.endswith(".")
    assert plan.errors[0].allowed
    assert actions(plan) == ["create", "error", "update"]
    assert not plan.applied
    assert everything() == before


def test_every_error_is_told_at_once(site):
    plan = imported(
        site,
        "mac,model,user,set:contrast,set:language",
        "x,no,nobody,99,xx",
        "001565aabb01,no,nobody,99,xx",
    )
    assert places(plan) == [
        (2, "mac"), (3, "model"), (3, "set:contrast"), (3, "set:language"), (3, "user"),
    ]  # fmt: skip


def test_a_formula_hides_no_other_error_of_its_row_and_no_second_row_of_its_phone(site):
    plan = imported(
        site,
        "mac,model,user,location",
        "001565aabb01,no,nobody,=1+1",
        "00:15:65:aa:bb:01,yealink-T46,,",
        "=1,no,,",
    )
    assert places(plan) == [
        (2, "location"), (2, "model"), (2, "user"), (3, "mac"), (4, "mac"),
    ]  # fmt: skip


def test_what_a_dry_run_tells_is_what_would_happen_and_nothing_happens(site, people, desk):
    register(site, OTHER)
    before = everything()
    lines = (*WHOLE, f"{OTHER};;;;;;;;;;;")

    plan = imported(site, *lines, dry_run=True)

    assert not plan.applied
    assert everything() == before
    done = imported(site, *lines)
    assert done.applied
    assert (plan.rows, plan.warnings) == (done.rows, done.warnings)


def test_an_error_in_the_middle_of_writing_takes_everything_back(site, people, monkeypatch):
    before = everything()
    monkeypatch.setattr("provisioning.services.pbx.several_changed", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        imported(site, "mac,user", f"{MAC},ada")
    assert everything() == before


# Wrong cells


def test_an_unknown_model_is_told_with_those_that_resemble_it(site):
    models.create(site, "acme-Lobby", display_name="", base=None, own_differences={}, by="test")
    plan = imported(
        site, "mac,model", f"{MAC},yealink-T46S ", f"{OTHER},t46s", "001565aabb03,lobby"
    )
    told = [error.allowed for error in plan.errors]
    assert told[0].startswith("yealink-T46 or ")
    assert told[1].startswith("yealink-T46")
    assert told[2] == "acme-Lobby"


def test_a_model_of_the_site_is_known(site):
    models.create(site, "acme-A", display_name="", base=None, own_differences={}, by="test")
    assert imported(site, "mac,model", f"{MAC},acme-A").applied


def test_an_unknown_vendor_is_a_warning_only(site):
    plan = imported(site, "mac", "A0-00-00-00-00-01")
    assert plan.applied
    [warning] = plan.warnings
    assert (warning.row, warning.column) == (2, "mac")
    assert "A00000" in warning.detail


def test_the_same_phone_in_two_notations_is_told_with_both_rows(site):
    plan = imported(
        site, "mac", "001565aabb01", "001565aabb02", "00:15:65:AA:BB:01", "0015.65aa.bb01"
    )
    assert places(plan) == [(4, "mac"), (5, "mac")]
    assert plan.errors[0].detail == f"Rows 2 and 4 are about the same phone, {MAC}."
    assert plan.errors[1].detail == f"Rows 2 and 5 are about the same phone, {MAC}."


def test_a_user_without_a_free_number_is_told_with_who_has_them(site, people):
    application_settings.change({"devices_per_user": 1}, by="test")
    links.link(register(site), "ada", by="test")
    plan = imported(site, "mac,user", f"{OTHER},ada")
    assert places(plan) == [(2, "user")]
    assert plan.errors[0].detail == f"All numbers of ada are taken (201: {MAC})."


def test_create_only_refuses_phones_that_are_there(site):
    register(site)
    plan = imported(site, "mac,note", f"{OTHER},x", f"{MAC},x", create_only=True)
    assert places(plan) == [(3, "mac")]
    assert Phone.select().count() == 1


def test_an_address_that_a_model_has_as_its_id_is_refused(site):
    models.create(site, MAC, display_name="", base=None, own_differences={}, by="test")
    assert places(imported(site, "mac", MAC)) == [(2, "mac")]


def test_a_name_of_two_lines_is_refused(site):
    plan = imported(site, "mac,display_name", f'{MAC},"a\nb"', f"{OTHER},{'x' * 201}")
    assert places(plan) == [(2, "display_name"), (3, "display_name")]


@pytest.mark.parametrize(
    ("column", "detail"),
    [
        ("set:langage", "Nothing shipped reads this setting; a template of the site may."),
        ("set:tok1", "This setting is computed for each request: what is stored has no effect."),
    ],
)
def test_a_setting_without_effect_is_a_warning_on_its_column(site, column, detail):
    plan = imported(site, f"mac,{column}", f"{MAC},x")
    assert plan.applied
    [warning] = plan.warnings
    assert (warning.row, warning.column, warning.detail) == (1, column, detail)


def test_a_misspelt_setting_is_told_with_the_right_one(site):
    [warning] = imported(site, "mac,set:langage", f"{MAC},x").warnings
    assert "language" in warning.allowed.split(" or ")


def test_what_stands_there_already_is_never_wrong(site, people):
    """What came from another system, or before a rule was made, can be exported and imported."""
    mac = register(site, model="nobody-knows", variables={"contrast": "99"}, display_name="x" * 300)
    users.create(NewUser("carl", "", "203"), by="test")
    links.link(mac, "carl", by="test")

    plan = imported(
        site, "mac,model,display_name,set:contrast,user", f"{MAC},nobody-knows,{'x' * 300},99,carl"
    )

    assert actions(plan) == ["unchanged"]


@pytest.mark.parametrize("name", ["a b", "x" * 200, "null", "1"])
def test_a_name_that_no_setting_can_have_is_refused(site, name):
    plan = imported(site, f"mac,set:{name}", f"{MAC},x")
    [error] = plan.errors
    assert error.row == 2
    assert error.column.startswith(f"set:{name}"[:80])
    assert imported(site, f"mac,set:{name}", f"{MAC},").applied


# Secrets


@pytest.mark.parametrize("cell", ["=s3cret", '"a\ns3cret"', "********"])
def test_a_secret_is_in_no_error(site, cell):
    plan = imported(site, "mac,set:adminpw,set:door_password", f"{MAC},{cell},{cell}")
    assert plan.errors
    assert "s3cret" not in repr(plan)
    assert {error.value for error in plan.errors} == {""}


def test_a_secret_is_in_no_plan(site):
    register(site, OTHER, variables={"adminpw": "0ld-s3cret"})
    plan = imported(site, "mac,set:adminpw", f"{MAC},s3cret", f"{OTHER},s3cret")
    assert [row.changes for row in plan.rows] == [("set:adminpw",), ("set:adminpw",)]
    assert "s3cret" not in repr(plan)


def test_a_masked_secret_stays(site):
    register(site, variables={"adminpw": "s3cret"})
    assert actions(imported(site, "mac,set:adminpw", f"{MAC},********")) == ["unchanged"]
    assert fetched(MAC).variables == {"adminpw": "s3cret"}


# Many


def test_200_phones_with_users_are_imported_in_under_three_seconds(site):
    """Measured as the processor's time: other programs of the machine do not count."""
    people = [f"user{n},User {n},{1000 + n},Sales" for n in range(100)]
    rows = [
        f"0015650000{n:02x},yealink-T46,user{n % 100},Floor {n % 5},a|b,it,p4ssword{n}"
        for n in range(200)
    ]
    began = time.process_time()
    import_users(site, table("name,display_name,extension,group", *people), by="test")
    plan = imported(site, "mac,model,user,location,tags,set:language,set:adminpw", *rows)
    assert time.process_time() - began < 2
    assert plan.counts["create"] == Link.select().count() == 200


def test_of_many_errors_the_first_ones_are_told_and_how_many_more_there_are(site):
    rows = [f"001565{n:06x},yealink-T64" for n in range(3_000)]
    plan = imported(site, "mac,model", *rows)
    assert (len(plan.errors), plan.more_errors) == (MAX_ERRORS, 3_000 - MAX_ERRORS)
    assert plan.counts["error"] == 3_000
    assert Phone.select().count() == 0


def test_5_000_phones_are_imported_and_changed_in_few_seconds(site, desk):
    """A statement a phone and column would take minutes, and SQLite takes 32,766 values each."""
    header = "mac,model,user,tags,layout,set:language"
    people = [f"user{n},{1_000 + n}" for n in range(625)]
    rows = [f"001565{n:06x},yealink-T46,user{n % 625},a|b,Desk,it" for n in range(5_000)]
    began = time.process_time()
    assert import_users(site, table("name,extension", *people), by="test").applied
    assert imported(site, header, *rows).applied
    again = [row.replace("yealink-T46", "yealink-T48").replace("a|b", "c") for row in rows]
    assert imported(site, header, *again).counts["update"] == 5_000
    assert time.process_time() - began < 15
    assert Phone.select().where(Phone.model == "yealink-T48").count() == 5_000
    assert Link.select().count() == LayoutUse.select().count() == 5_000
