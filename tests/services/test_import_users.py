"""Users from a table: added and changed by name; with one error nothing is done."""

import time

import pytest
from importing import ADA, BOB, actions, add_people, places, recorded, register, table

from provisioning.services import application_settings, layouts, links, users
from provisioning.services.imports.users import import_users
from provisioning.services.layouts import Uses
from provisioning.services.users import NewUser
from provisioning.store.database import version
from provisioning.store.tables import Change, Operation, Proof, User

HEADER = "name,display_name,extension,email,group,locked"


@pytest.fixture
def people(site):
    add_people()


def imported(site, *lines: str, **options):
    return import_users(site, table(*lines), by="anna", **options)


def everyone() -> dict[str, NewUser]:
    return users.all_by_name()


def everything() -> list:
    return [list(rows.select().tuples()) for rows in (User, Operation, Change)] + [version()]


def test_a_user_comes_with_everything_a_row_can_say(site):
    plan = imported(site, HEADER, "ada,Ada,201,ada@example.org,Sales,yes")

    assert plan.applied
    assert plan.counts == {"create": 1, "update": 0, "unchanged": 0, "error": 0}
    wanted = NewUser("ada", "Ada", "201", "ada@example.org", "Sales", locked=True)
    assert everyone() == {"ada": wanted}
    users.create(NewUser("eve", "Ada", "204", "ada@example.org", "Sales", locked=True), by="test")
    [made, by_hand] = recorded("user")
    assert made[1:3] == by_hand[1:3]
    assert made[3] == {**by_hand[3], "name": "ada", "extension": "201"}
    assert users.state("ada") == users.state("eve")


def test_a_new_user_without_a_display_name_is_shown_by_the_name(site):
    imported(site, "name,extension", "ada,201")
    assert everyone()["ada"].display_name == "ada"


def test_the_same_table_twice_changes_nothing_the_second_time(site):
    lines = (HEADER, "ada,Ada,201,ada@example.org,Sales,yes", "bob,,202,,,")
    imported(site, *lines)
    before = everything()

    plan = imported(site, *lines)

    assert actions(plan) == ["unchanged", "unchanged"]
    assert everything() == before


def test_a_row_changes_what_it_says_and_leaves_the_rest(site, people):
    plan = imported(site, HEADER, "ada,,,-,Support,", "carl,Carl,203,,,")

    assert [(row.action, row.changes) for row in plan.rows] == [
        ("update", ("email", "group")),
        ("create", ("display_name", "extension")),
    ]
    assert everyone()["ada"] == NewUser("ada", "Ada", "201", "", "Support")
    assert everyone()["bob"] == BOB
    subject, action, before, after = recorded("user")[-1]
    assert (subject, action) == ("ada", "change")
    assert (before["group"], after["group"]) == ("Sales", "Support")


@pytest.mark.parametrize("word", ["yes", "1", "TRUE", "Sì", "VERO"])
def test_yes_is_understood_as_spreadsheet_programs_write_it(site, people, word):
    imported(site, "name,locked", f"ada,{word}")
    assert everyone()["ada"].locked


@pytest.mark.parametrize("word", ["no", "0", "FALSE", "falso"])
def test_no_is_understood_as_spreadsheet_programs_write_it(site, word):
    users.create(NewUser("ada", "Ada", "201", locked=True), by="test")
    imported(site, "name,locked", f"ada,{word}")
    assert not everyone()["ada"].locked


def test_users_can_swap_extensions(site, people):
    """One row after the other the first would have taken what the second has."""
    imported(site, "name,extension", "ada,202", "bob,203", "carl,201")
    assert {name: user.extension for name, user in everyone().items()} == {
        "ada": "202", "bob": "203", "carl": "201",
    }  # fmt: skip


def test_phones_that_show_a_user_are_compared_again_and_the_pbx_is_told_once(site, people):
    application_settings.change({"pbx_connector": "asterisk"}, by="test")
    mac = register(site)
    links.link(mac, "ada", by="test")
    watching = register(site, "00-15-65-AA-BB-02")
    layouts.create(
        site,
        "Desk",
        variables={"linekey_person_1": "bob"},
        uses=Uses(phones=(str(watching),)),
        by="test",
    )
    Proof.update(touched_at=None).execute()
    Operation.delete().execute()

    imported(site, "name,display_name", "ada,Ada Lovelace", "bob,Bob Hope")

    assert all(proof.touched_at for proof in Proof.select())
    assert [operation.kind for operation in Operation.select()] == ["pbx_accounts"]


BAD_ROWS = [
    ("no name", ",x,203,,,", "name"),
    ("a name with a slash", "a/b,x,203,,,", "name"),
    ("the same user again", "ada,x,203,,,", "name"),
    ("a new user without an extension", "carl,Carl,,,,", "extension"),
    ("an extension that is none", "carl,Carl,2O3,,,", "extension"),
    ("an extension of somebody", "carl,Carl,202,,,", "extension"),
    ("an extension of another row", "carl,Carl,205,,,", "extension"),
    ("a number of a device", "carl,Carl,91202,,,", "extension"),
    ("another extension while devices hang on it", "bob,,203,,,", "extension"),
    ("neither locked nor not", "carl,Carl,203,,,maybe", "locked"),
    ("a name of two lines", 'carl,"a\nb",203,,,', "display_name"),
    ("a name with the next line of a mainframe", "carl,a\x85b,203,,,", "display_name"),
    ("a name of two lines in Unicode", "carl,a\u2028b,203,,,", "display_name"),
    ("an e-mail address without end", f"carl,Carl,203,{'x' * 201},,", "email"),
    ("a formula", "carl,=1+1,203,,,", "display_name"),
]


@pytest.mark.parametrize(
    ("row", "column"), [case[1:] for case in BAD_ROWS], ids=[case[0] for case in BAD_ROWS]
)
def test_one_wrong_row_is_told_with_its_place_and_nothing_is_imported(site, people, row, column):
    for mac in ("00-15-65-00-00-01", "00-15-65-00-00-02"):
        links.link(register(site, mac), "bob", by="test")
    before = everything()

    plan = imported(site, HEADER, "ada,,205,,,", row)

    assert places(plan) == [(3, column)]
    assert plan.errors[0].detail.endswith(".")
    assert plan.errors[0].allowed
    assert actions(plan) == ["update", "error"]
    assert everything() == before


def test_an_error_that_names_two_rows_names_both(site):
    plan = imported(site, "name,extension", "ada,201", "bob,201", "ada,202")
    assert [error.detail for error in plan.errors] == [
        "Rows 2 and 3 have the same extension.",
        'Rows 2 and 4 are about the same user, "ada".',
    ]


def test_a_dry_run_changes_nothing(site, people):
    before = everything()
    plan = imported(site, "name,group", "ada,Support", dry_run=True)
    assert (plan.applied, actions(plan)) == (False, ["update"])
    assert everything() == before


def test_create_only_refuses_users_who_are_there(site, people):
    plan = imported(site, "name,extension", "carl,203", "ada,201", create_only=True)
    assert places(plan) == [(3, "name")]
    assert "carl" not in everyone()


def test_a_user_with_blanks_around_the_name_is_found(site):
    users.create(NewUser(" eve", "Eve", "204"), by="test")
    users.create(ADA, by="test")
    imported(site, "name,group", " eve,One", " ada ,Two")
    assert {name: user.group for name, user in everyone().items()} == {" eve": "One", "ada": "Two"}


def test_a_list_of_5_000_users_is_taken_over_in_few_seconds(site):
    """Each was looked up and written alone, and nobody else could write for so long."""
    everybody = [NewUser(f"user{n}", f"User {n}", str(10_000 + n)) for n in range(5_000)]
    began = time.process_time()
    result = users.sync(everybody, by="tests")
    assert len(result.created) == 5_000
    assert time.process_time() - began < 5


def test_5_000_users_are_imported_in_few_seconds(site):
    rows = [f"user{n},User {n},{10_000 + n},Sales" for n in range(5_000)]
    began = time.process_time()
    assert imported(site, "name,display_name,extension,group", *rows).counts["create"] == 5_000
    shifted = [row.replace(f",{10_000 + n},", f",{10_001 + n},") for n, row in enumerate(rows)]
    assert imported(site, "name,display_name,extension,group", *shifted).applied
    assert time.process_time() - began < 12
